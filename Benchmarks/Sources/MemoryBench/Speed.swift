import Recuerde

/// Operations a second, and how long the slowest of a thousand takes.
struct Speed: Sendable {
    enum Operation: String, CaseIterable {
        /// Reads by Zipf.
        case read
        /// Three reads and one write of what is there, by Zipf.
        case mix
        /// Reads of all keys alike.
        case uniform
        /// Reads of one key.
        case hot
        /// None of the cache's: what the clock and the machine take of a measurement.
        case nothing
    }

    let cache: Cache
    let workload: Workload
    let seconds: Double
    let bytesPerEntry: Int

    init(entries: Int, seconds: Double, bytesPerEntry: Int) async throws {
        workload = Workload(entries: entries, exponent: 0.99)
        cache = MemoryUse.cache(entries: entries)
        self.seconds = seconds
        self.bytesPerEntry = bytesPerEntry
        for (number, key) in workload.keys.enumerated() {
            try await cache.set(key, to: Workload.value(number), options: .timeToLive(.seconds(3_600 + number % 3_600)))
        }
    }

    func measure(_ operation: Operation, threads: Int) async throws {
        // Once for warmth, then the median of three.
        _ = try await run(operation, threads: threads, seconds: seconds / 2)
        var speeds: [Double] = []
        for _ in 0..<3 { speeds.append(try await run(operation, threads: threads, seconds: seconds)) }
        let latencies = try await latencies(operation, threads: threads)
        Row(
            operation: operation.rawValue,
            threads: threads,
            mops: speeds.sorted()[1],
            p999: latencies.isEmpty ? nil : latencies[latencies.count - 1 - latencies.count / 1_000],
            longest: latencies.last,
            bytesPerEntry: bytesPerEntry
        ).print()
    }

    private func run(_ operation: Operation, threads: Int, seconds: Double) async throws -> Double {
        let start = nanoseconds()
        let deadline = start + Int(seconds * 1e9)
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for thread in 0..<threads {
                group.addTask {
                    var done = 0
                    var found = 0
                    while nanoseconds() < deadline {
                        for _ in 0..<1_000 {
                            if try await step(operation, thread: thread, number: done) { found += 1 }
                            done += 1
                        }
                    }
                    guard found == done else { fatal("\(done - found) of \(done) reads found nothing") }
                    return done
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(done) / Double(nanoseconds() - start) * 1e3
    }

    /// Nanoseconds of single operations, sorted.
    private func latencies(_ operation: Operation, threads: Int) async throws -> [Int] {
        try await withThrowingTaskGroup(of: [Int].self) { group in
            for thread in 0..<threads {
                group.addTask {
                    // Written once before, or each 512th operation would wait for a new page of this array.
                    var latencies = [Int](repeating: 1, count: 2_000_000)
                    var before = nanoseconds()
                    for number in 0..<2_000_000 {
                        _ = try await step(operation, thread: thread, number: number)
                        let after = nanoseconds()
                        latencies[number] = after - before
                        before = after
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: [], +=).sorted()
        }
    }

    @inline(__always)
    private func step(_ operation: Operation, thread: Int, number: Int) async throws -> Bool {
        let request = (number &* (thread == 0 ? 1 : 3) &+ thread &* 1_000_003) & (workload.requests.count - 1)
        switch operation {
        case .nothing:
            return true
        case .hot:
            return try await read(workload.keys[0])
        case .uniform:
            var mixed = UInt64(truncatingIfNeeded: number &+ (thread << 40)) &* 0x9E37_79B9_7F4A_7C15
            mixed ^= mixed >> 29
            let index = Int((((mixed &* 0xBF58_476D_1CE4_E5B9) >> 32) &* UInt64(workload.keys.count)) >> 32)
            return try await read(workload.keys[index])
        case .mix where number & 3 == 3:
            let index = Int(workload.requests[request])
            try await cache.set(workload.keys[index], to: Workload.value(number), options: Self.options)
            return true
        case .read, .mix:
            return try await read(workload.keys[Int(workload.requests[request])])
        }
    }

    private static let options = EntryOptions.timeToLive(.seconds(3_600))

    @inline(__always)
    private func read(_ key: CacheKey) async throws -> Bool {
        try await cache.get(key, as: [UInt8].self)?.count == Workload.valueBytes
    }
}
