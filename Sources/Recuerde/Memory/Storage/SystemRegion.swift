#if os(Linux)
    #if canImport(Musl)
        import Musl
    #else
        import Glibc
    #endif
#endif

/// Memory from the system in pieces of two megabytes, each of which the processor finds by one entry of its TLB instead of 512.
///
/// Source: the kernel's `Documentation/admin-guide/mm/transhuge.rst`: where `/sys/kernel/mm/transparent_hugepage/enabled` says `madvise` or
/// `always`, memory that is aligned to such a page and was asked for with `MADV_HUGEPAGE` is backed by one. Elsewhere, and where
/// the kernel has none left, the same memory lies in ordinary pages, and nothing but speed is lost.
enum HugePages {
    /// The size of such a page on x86-64, and on AArch64 with pages of 4 KiB.
    static let size = 1 << 21

    /// Zeroed memory of a multiple of ``size``, aligned to it; nil where the system has none, or no such pages.
    static func map(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        #if os(Linux)
            // More than is wanted, for the system aligns to ordinary pages; what is too much at both ends goes back.
            let flags = MAP_PRIVATE | MAP_ANONYMOUS
            guard let start = mmap(nil, byteCount + size, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED
            else { return nil }
            let before = -Int(bitPattern: start) & (size - 1)
            if before > 0 { munmap(start, before) }
            munmap(start + before + byteCount, size - before)
            _ = madvise(start + before, byteCount, MADV_HUGEPAGE)
            return start + before
        #else
            return nil
        #endif
    }

    /// Gives memory back that ``map(_:)`` has given.
    static func unmap(_ start: UnsafeMutableRawPointer, _ byteCount: Int) {
        #if os(Linux)
            munmap(start, byteCount)
        #endif
    }
}
