#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

func power(_ base: Double, _ exponent: Double) -> Double {
    pow(base, exponent)
}

/// Nanoseconds of the monotonic clock.
func nanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
}

/// Bytes that the allocator has handed out and not got back.
///
/// Source: mallinfo2(3) of the GNU C library, fields `uordblks` and `hblkhd`; looked up by name, because the overlay leaves `malloc.h` out.
func allocatedBytes() -> Int {
    #if canImport(Glibc)
        struct Information {
            var arena = 0, ordblks = 0, smblks = 0, hblks = 0, hblkhd = 0
            var usmblks = 0, fsmblks = 0, uordblks = 0, fordblks = 0, keepcost = 0
        }
        typealias Function = @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer
        guard let symbol = dlsym(nil, "mallinfo2") else { return 0 }
        // A structure of ten words is returned through a pointer that the caller passes first (System V ABI, section 3.2.3).
        var information = Information()
        _ = unsafeBitCast(symbol, to: Function.self)(&information)
        return information.uordblks + information.hblkhd
    #else
        return 0
    #endif
}

/// Bytes of this process that are in memory. Source: proc(5), `/proc/self/statm`, second field, in pages.
func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 128)
    guard fgets(&buffer, 128, file) != nil else { return 0 }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
}
