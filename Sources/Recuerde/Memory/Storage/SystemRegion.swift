#if os(Linux)
    #if canImport(Musl)
        import Musl
    #else
        import Glibc
    #endif
#endif

/// Memory from the system in pieces of two megabytes, which go back to it whatever the allocator does.
///
/// Of ordinary pages, each of which the system makes when it is first written. One page of two megabytes would be found faster by the
/// processor, but the first write to it waits until all of it is zeroed, under the lock of a shard: 4.5 ms where that was measured, against 1.2 µs
/// for an ordinary one, and reads gained nothing that could be told from noise (`docs/benchmarks.md`). So the kernel is told not
/// to make any, even where it is set to do so for all memory (`Documentation/admin-guide/mm/transhuge.rst`).
enum SystemRegion {
    /// The size of a piece.
    static let size = 1 << 21

    /// Zeroed memory of a multiple of ``size``, aligned to it; nil where the system has none, or this is not Linux.
    static func map(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        #if os(Linux)
            // More than is wanted, for the system aligns to ordinary pages; what is too much at both ends goes back.
            let flags = MAP_PRIVATE | MAP_ANONYMOUS
            guard let start = mmap(nil, byteCount + size, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED
            else { return nil }
            let before = -Int(bitPattern: start) & (size - 1)
            if before > 0 { munmap(start, before) }
            munmap(start + before + byteCount, size - before)
            _ = madvise(start + before, byteCount, MADV_NOHUGEPAGE)
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
