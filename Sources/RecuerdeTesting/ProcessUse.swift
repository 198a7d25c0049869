import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What this process holds of the machine, for tests that look for leaks.
public enum ProcessUse {
    /// The number of open file descriptors. Costs a look into a directory, which takes one itself.
    public static var openDescriptors: Int {
        max(0, ((try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []).count - 1)
    }

    /// Bytes of memory that are resident now, or zero where the system does not say (it does on Linux).
    public static var residentBytes: Int {
        // The second number counts pages.
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(CInt(_SC_PAGESIZE)))
    }
}
