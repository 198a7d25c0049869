import Foundation
import Recuerde

/// How many bytes of resident memory an entry takes beyond its key and value.
struct BenchMemoryUse: Sendable {
    var entries: Int
    var bytesPerEntry: Double
    /// Beyond the bytes of key and value.
    var overheadPerEntry: Double

    /// Fills a cache with texts of the given length; nil where the system does not tell.
    static func measure(entries: Int, valueBytes: Int) async throws -> BenchMemoryUse? {
        var configuration = CacheConfiguration()
        configuration.memory.maximumEntries = entries * 2
        configuration.memory.maximumBytes = 1 << 34
        let cache = Cache(configuration: configuration)
        guard let before = resident() else { return nil }
        var keyBytes = 0
        for number in 0..<entries {
            let key = CacheKey("bench", "\(1_000_000 + number)")
            keyBytes += key.text.utf8.count
            try await cache.set(key, to: String(repeating: "x", count: valueBytes))
        }
        guard let after = resident() else { return nil }
        // The cache must live until it has been counted.
        let held = cache.statistics().cacheSize
        guard held == entries else { throw BenchError("the memory tier holds \(held) of \(entries) entries") }
        let total = Double(after - before)
        return BenchMemoryUse(
            entries: entries,
            bytesPerEntry: total / Double(entries),
            overheadPerEntry: (total - Double(keyBytes + entries * valueBytes)) / Double(entries)
        )
    }

    /// Bytes of this process that are in memory. Source: proc(5), `/proc/self/statm`, second field, in pages.
    private static func resident() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
