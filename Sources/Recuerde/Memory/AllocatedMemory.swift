#if canImport(Glibc)
    import Glibc
#endif

/// The allocator of this process.
enum AllocatedMemory {
    #if canImport(Glibc)
        /// Looked up by name, because the overlay leaves `malloc.h` out. Its type is that of malloc_trim(3).
        private static let trim: (@convention(c) (Int) -> Int32)? = dlsym(nil, "malloc_trim").map {
            unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
        }
    #endif

    /// Asks it to give back to the system what nobody uses. Costs up to some milliseconds after a great many entries have gone, on the
    /// caller's thread; the GNU C library keeps such memory otherwise (malloc_trim(3)), others give it back by themselves.
    static func giveBack() {
        #if canImport(Glibc)
            _ = trim?(0)
        #endif
    }
}
