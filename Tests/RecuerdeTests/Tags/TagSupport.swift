import Recuerde
import RecuerdeTesting
import Testing

/// How a cache of the tests is put together.
enum TagSetting: CaseIterable, Sendable {
    case memoryOnly, memoryFirst, remoteFirst, memoryUnchecked
}

extension Fleet {
    func cache(_ setting: TagSetting) -> Cache {
        switch setting {
        case .memoryOnly: Cache(timeSource: time)
        case .memoryFirst: node(1)
        case .remoteFirst: node(1) { $0.readingOrder = .remoteFirst }
        case .memoryUnchecked: node(1) { $0.readingOrder = .memoryUnchecked }
        }
    }

    static func record(_ tag: String, prefix: String = "test") -> String { "{\(prefix):v2:\(tag)}:g" }

    /// How many exchanges there were while the body ran.
    func exchanges(_ body: () async throws -> Void) async throws -> Int {
        let before = remote.counts.exchanges
        try await body()
        return remote.counts.exchanges - before
    }

    func expectExchanges(
        _ count: Int,
        _ place: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async throws {
        let counted = try await exchanges(body)
        #expect(counted == count, sourceLocation: place)
    }

    /// What stands under `k`, and how many exchanges it costs to find that out.
    func expect(
        _ value: Int?,
        on node: Cache,
        exchanges count: Int,
        _ place: SourceLocation = #_sourceLocation
    ) async throws {
        let before = remote.counts.exchanges
        let found = try await node.int("k")
        #expect(found == value, sourceLocation: place)
        #expect(remote.counts.exchanges - before == count, sourceLocation: place)
    }
}

extension EntryOptions {
    static func tagged(_ tags: String..., timeToLive: Duration? = nil, staleness: Duration? = nil) -> EntryOptions {
        var options = EntryOptions()
        options.tags = tags
        options.timeToLive = timeToLive
        options.maximumStaleness = staleness
        return options
    }
}

extension Cache {
    func int(_ key: CacheKey) async throws -> Int? { try await get(key, as: Int.self) }

    func loadingInVain(_ key: CacheKey) async throws -> CacheResult<Int> {
        try await result(for: key) { _ -> Loaded<Int> in throw LoadFailure() }
    }
}
