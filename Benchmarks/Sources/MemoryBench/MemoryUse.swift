import Recuerde

/// What an entry costs beyond key and value, by the allocator's own count, beside a flat array of such pairs.
enum MemoryUse {
    static func cache(entries: Int) -> Cache {
        var configuration = CacheConfiguration()
        // A little more than there will be, so that nothing is evicted.
        configuration.memory.maximumEntries = entries + entries / 20
        configuration.memory.maximumBytes = entries * 2_048
        // A timer for each load would be counted too.
        configuration.defaultLoadTimeout = nil
        return Cache(configuration: configuration)
    }

    static func measure(entries: Int) async throws -> Int {
        let raw = 16 + Workload.valueBytes
        let start = allocatedBytes()
        var pairs: [(String, [UInt8])] = []
        pairs.reserveCapacity(entries)
        for number in 0..<entries { pairs.append((Workload.text(number), Workload.value(number))) }
        let array = (allocatedBytes() - start) / entries - raw
        Row(operation: "memory_array", threads: 1, bytesPerEntry: array).print()
        pairs = []

        let before = allocatedBytes()
        let cache = cache(entries: entries)
        for number in 0..<entries {
            _ = try await cache.result(for: CacheKey(Workload.text(number))) { _ in
                var loaded = Loaded(Workload.value(number))
                loaded.tags = ["verbs", "user:\(number % 1_000)"]
                loaded.cost = LoadCost(microdollars: 412, tokensIn: 310, tokensOut: 154, duration: .milliseconds(840))
                loaded.timeToLive = .seconds(3_600 + number % 3_600)
                return loaded
            }
        }
        let full = (allocatedBytes() - before) / entries - raw
        Row(operation: "memory_full", threads: 1, bytesPerEntry: full).print()
        _ = try await cache.clear()

        let bare = Self.cache(entries: entries)
        let beforeBare = allocatedBytes()
        for number in 0..<entries {
            try await bare.set(CacheKey(Workload.text(number)), to: Workload.value(number))
        }
        let simple = (allocatedBytes() - beforeBare) / entries - raw
        Row(operation: "memory_bare", threads: 1, bytesPerEntry: simple).print()
        _ = try await bare.clear()
        return full
    }
}
