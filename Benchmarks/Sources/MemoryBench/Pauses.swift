import Recuerde
import Synchronization

/// How long a caller waits while something great goes on beside.
enum Pauses {
    /// A cache grows from nothing; each put is measured, by the clock and by what the thread took of a processor, which leaves out who else had it.
    static func growth(entries: Int) async throws {
        let cache = MemoryUse.cache(entries: entries)
        let keys = (0..<entries).map { CacheKey(Workload.text($0)) }
        var latencies = [Int](repeating: 1, count: entries)
        var taken = latencies
        for (number, key) in keys.enumerated() {
            let value = Workload.value(number)
            let takenBefore = processorNanoseconds()
            let before = nanoseconds()
            try await cache.set(key, to: value)
            latencies[number] = nanoseconds() - before
            taken[number] = processorNanoseconds() - takenBefore
        }
        report("growth", latencies.sorted())
        report("growth_processor_time", taken.sorted())
    }

    /// A million entries fall due at one instant; the upkeep gives them back while a caller reads and writes.
    static func expiry(entries: Int) async throws {
        let cache = MemoryUse.cache(entries: entries)
        let keys = (0..<entries).map { CacheKey(Workload.text($0)) }
        let start = nanoseconds()
        for (number, key) in keys.enumerated() {
            // All at one instant, some seconds from now.
            let left = 6_000_000_000 - (nanoseconds() - start)
            try await cache.set(
                key,
                to: Workload.value(number),
                options: .timeToLive(.nanoseconds(max(left, 1_000_000)))
            )
        }
        let upkeep = Task { try await cache.run() }
        // What the machine itself does to a caller, to compare with.
        report("expiry_before", try await beside(cache, until: { nanoseconds() - start > 5_900_000_000 }))
        report("expiry_at_once", try await beside(cache, until: { nanoseconds() - start > 8_000_000_000 }))
        upkeep.cancel()
        try await upkeep.value
        Row(operation: "expiry_left_over", threads: 1, bytesPerEntry: cache.statistics().memoryBytes).print()
    }

    static func clear(entries: Int) async throws {
        let cache = MemoryUse.cache(entries: entries)
        let resident = residentBytes()
        for number in 0..<entries { try await cache.set(CacheKey(Workload.text(number)), to: Workload.value(number)) }
        let full = residentBytes()
        let isDone = Atomic(false)
        async let latencies = beside(cache, until: { isDone.load(ordering: .relaxed) })
        let start = nanoseconds()
        _ = try await cache.clear()
        let took = nanoseconds() - start
        isDone.store(true, ordering: .relaxed)
        report("clear", try await latencies)
        Row(operation: "clear_call", threads: 1, longest: took).print()
        Row(operation: "clear_resident_before", threads: 1, bytesPerEntry: full - resident).print()
        Row(operation: "clear_resident_after", threads: 1, bytesPerEntry: residentBytes() - resident).print()
    }

    private static func beside(_ cache: Cache, until isOver: @Sendable () -> Bool) async throws -> [Int] {
        var latencies: [Int] = []
        var number = 0
        var before = nanoseconds()
        while !isOver() {
            let key = CacheKey("beside\(number % 1_000)")
            if number % 4 == 0 {
                try await cache.set(key, to: Workload.value(number))
            } else {
                _ = try await cache.get(key, as: [UInt8].self)
            }
            let after = nanoseconds()
            latencies.append(after - before)
            before = nanoseconds()
            number += 1
        }
        return latencies.sorted()
    }

    private static func report(_ operation: String, _ latencies: [Int]) {
        guard !latencies.isEmpty else { return }
        // One long wait may be the machine's; how many there are tells.
        Row(operation: operation + "_waits_above_1_ms", threads: 1, bytesPerEntry: latencies.count { $0 > 1_000_000 })
            .print()
        Row(
            operation: operation,
            threads: 1,
            p999: latencies[latencies.count - 1 - latencies.count / 1_000],
            longest: latencies.last
        ).print()
    }
}
