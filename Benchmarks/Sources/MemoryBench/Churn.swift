import Recuerde

/// What memory the process takes while entries come and go within a bound of bytes: scenarios 14 and 37 of the acceptance list of the
/// memory tier.
///
/// Each put is of a new key, with a value of 16 to 2 048 bytes, most of them small, so that the allocator has holes of every size to fill.
enum Churn {
    private static let bound = 256 * 1_024 * 1_024

    /// Puts until there were so many, or the time is over.
    static func measure(puts: Int, seconds: Double) async throws {
        var configuration = CacheConfiguration()
        configuration.memory.maximumEntries = .max
        configuration.memory.maximumBytes = bound
        let cache = Cache(configuration: configuration)
        var generator = SplitMix(state: 37)
        let before = residentBytes()
        let start = nanoseconds()
        let deadline = start + Int(seconds * 1e9)
        var (done, written, least, most, next) = (0, 0, Int.max, 0, 10 * bound)
        while done < puts, nanoseconds() < deadline {
            for _ in 0..<10_000 {
                // A power of two that is chosen at random, and some more: long-tailed.
                let size = (16 + Int.random(in: 0..<16, using: &generator)) << Int.random(in: 0..<7, using: &generator)
                try await cache.set(CacheKey("churn-\(done)"), to: [UInt8](repeating: 1, count: size))
                done += 1
                written += size + 256 + 16
            }
            guard written >= next else { continue }
            next += bound
            let resident = residentBytes() - before
            if most == 0 { report("churn_10_bounds", done, start, resident) }
            least = min(least, resident)
            most = max(most, resident)
        }
        report("churn_least", done, start, least)
        report("churn_most", done, start, most)
        let statistics = cache.statistics()
        guard statistics.memoryBytes <= bound else { fatal("the bound was passed: \(statistics.memoryBytes)") }
    }

    private static func report(_ operation: String, _ done: Int, _ start: Int, _ resident: Int) {
        let seconds = Double(nanoseconds() - start) / 1e9
        Swift.print(
            #"{"cache":"recuerde","operation":"\#(operation)","threads":1,"puts":\#(done),"seconds":\#(Int(seconds)),"#
                + #""bytes":\#(resident),"bound":\#(bound)}"#
        )
    }
}
