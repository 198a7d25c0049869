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

/// Nanoseconds that this thread has had a processor.
func processorNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
}

/// Bytes that the allocator has handed out and not got back, and what the cache has from the system in regions of its own.
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
        return information.uordblks + information.hblkhd + residentBytesInRegions()
    #else
        return 0
    #endif
}

/// Bytes in memory of mappings that were asked for with `MADV_NOHUGEPAGE`; those are the cache's own, and none of the allocator's.
///
/// Source: proc(5), `/proc/self/smaps`: a mapping's line `Rss` comes before its line `VmFlags`, which says `nh`.
func residentBytesInRegions() -> Int {
    guard let file = fopen("/proc/self/smaps", "r") else { return 0 }
    defer { fclose(file) }
    var (sum, resident) = (0, 0)
    var buffer = [CChar](repeating: 0, count: 4_096)
    while fgets(&buffer, 4_096, file) != nil {
        let line = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let words = line.split { $0 == " " || $0 == "\n" }
        if words.first == "Rss:", words.count > 1 { resident = (Int(words[1]) ?? 0) * 1_024 }
        if words.first == "VmFlags:", words.contains("nh") { sum += resident }
    }
    return sum
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

/// How often memory was allocated so far, where the counter of `Benchmarks/truths` is loaded.
func allocationsSoFar() -> Int? {
    guard let symbol = dlsym(nil, "recuerde_allocations") else { return nil }
    return unsafeBitCast(symbol, to: (@convention(c) () -> Int).self)()
}
