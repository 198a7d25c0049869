import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// Two versions of a service on one store: one type in two forms, of which the task says which.
@Suite struct SchemaVersionTests {
    /// Version 1 is one text, version 2 its words.
    struct Answer: Codable, Sendable, Equatable, CacheSchemaVersioned {
        @TaskLocal static var version: UInt32 = 1
        @TaskLocal static var upgrades = false

        var words: [String]

        init(_ text: String) {
            words = text.split(separator: " ").map(String.init)
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if Self.version == 1 {
                words = try container.decode(String.self).split(separator: " ").map(String.init)
            } else {
                words = try container.decode([String].self)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if Self.version == 1 {
                try container.encode(words.joined(separator: " "))
            } else {
                try container.encode(words)
            }
        }

        static var cacheSchemaVersion: UInt32 { version }

        static func upgraded(fromCached old: CachedPayload) throws -> Answer? {
            guard upgrades, old.version == 1 else { return nil }
            guard let text = old.decoded(as: String.self), text != "unclear" else { throw LoadFailure() }
            return Answer(text)
        }
    }

    struct Versioned: Codable, Hashable, CacheSchemaVersioned {
        static var cacheSchemaVersion: UInt32 { 3 }
    }

    /// A process of one version.
    private struct Service {
        let cache: Cache
        let version: UInt32
        var upgrades = false
        let loads = Tally()

        func run<Result>(_ body: () async throws -> Result) async rethrows -> Result {
            try await Answer.$version.withValue(version) {
                try await Answer.$upgrades.withValue(upgrades) { try await body() }
            }
        }

        func get(_ key: CacheKey = "k") async throws -> Answer? {
            try await run { try await cache.get(key, as: Answer.self) }
        }

        func load(_ text: String, _ key: CacheKey = "k") async throws -> CacheResult<Answer> {
            try await run {
                try await cache.result(for: key) { [loads] _ in
                    loads.add()
                    return Loaded(Answer(text))
                }
            }
        }

        func set(_ text: String, _ options: EntryOptions = EntryOptions()) async throws {
            try await run { try await cache.set("k", to: Answer(text), options: options) }
        }

        var otherSchemas: Int { cache.statistics().payload.otherSchemas }
    }

    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }

    private func service(
        _ version: UInt32,
        upgrades: Bool = false,
        _ change: (inout CacheConfiguration) -> Void = { _ in }
    ) -> Service {
        Service(cache: nodes.node(change), version: version, upgrades: upgrades)
    }

    private func storedVersion() throws -> UInt32 {
        let bytes = try #require(remote.record("test:v2:k")?.bytes)
        return try #require(Envelope(decoding: bytes[...])).schemaVersion
    }

    private static func stale() -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(10))
        options.maximumStaleness = .seconds(1_000)
        return options
    }

    // MARK: Versions

    @Test func aTypeWithoutAVersionHasVersionZero() async throws {
        #expect(SchemaVersion.of(Int.self) == 0 && SchemaVersion.of([Int?].self) == 0)
        try await nodes.node().set("k", to: 5)
        #expect(try storedVersion() == 0)
        Answer.$version.withValue(7) {
            #expect(SchemaVersion.of(Answer.self) == 7)
            #expect(SchemaVersion.of(Answer?.self) == 7)
            #expect(SchemaVersion.of([Answer].self) == 7)
            #expect(SchemaVersion.of([String: [Answer?]].self) == 7)
            #expect(SchemaVersion.of(Set<Versioned>.self) == 3)
        }
    }

    @Test func anotherVersionIsAMissAndACounter() async throws {
        let (old, new) = (service(1), service(2))
        try await old.set("buenos días")
        #expect(try storedVersion() == 1)
        #expect(try await new.get() == nil)
        #expect(try await new.run { try await new.cache.get(["k"], as: Answer.self) }.isEmpty)
        #expect(new.otherSchemas == 2 && new.cache.statistics().decodeFailures == 2)
        #expect(new.cache.statistics().total.errors == 0)
        #expect(try await old.get() == Answer("buenos días"))
    }

    @Test func theNewerOneOverwritesWhatItCannotRead() async throws {
        let (old, new) = (service(1), service(2))
        try await old.set("buenos días")
        #expect(try await new.load("buenas tardes").value == Answer("buenas tardes"))
        #expect(try storedVersion() == 2)
        #expect(try await service(2).get() == Answer("buenas tardes"))
        #expect(try await old.get() == nil)
    }

    // MARK: Side by side

    @Test(arguments: ReadingOrder.allCases)
    func theOlderOneDoesNotDestroyWhatItCannotRead(order: ReadingOrder) async throws {
        let (old, new) = (service(1) { $0.readingOrder = order }, service(2) { $0.readingOrder = order })
        _ = try await new.load("from the new one")
        let bytes = try #require(remote.record("test:v2:k")?.bytes)
        // It loads once, and not for each request; and the new one never has to again.
        for _ in 0..<5 {
            #expect(try await old.load("from the old one").value == Answer("from the old one"))
            #expect(try await new.load("again").value == Answer("from the new one"))
        }
        #expect(old.loads.count == 1 && new.loads.count == 1)
        #expect(remote.record("test:v2:k")?.bytes == bytes)
        #expect(try await old.get() == Answer("from the old one"))
        #expect(
            try await old.run { try await old.cache.get(["k"], as: Answer.self) } == ["k": Answer("from the old one")]
        )
    }

    @Test func whatIsSetAndRemovedIsSoForBoth() async throws {
        let (old, new) = (service(1), service(2))
        _ = try await new.load("new")
        _ = try await old.load("old")
        try await old.set("set by the old one")
        #expect(try storedVersion() == 1)
        #expect(try await new.get() == nil)
        _ = try await new.load("new")
        #expect(try await old.get() == nil)
        _ = try await old.load("old")
        // What the new one sets goes before what the old one has loaded before.
        try await new.set("set by the new one")
        #expect(try await old.get() == nil)
        #expect(try await old.load("old, later").value == Answer("old, later"))
        #expect(try await new.get() == Answer("set by the new one"))
        _ = try await new.cache.delete("k")
        #expect(try await old.get() == nil)
        _ = try await old.load("old")
        #expect(try storedVersion() == 1)
    }

    @Test func theCopyBesideANewerOneGoesWithItEvenInTheSameMicrosecond() async throws {
        // Nothing moves the clock, so that all stamps lie one behind the other.
        let (old, new) = (service(1), service(2))
        for round in 0..<5 {
            try await new.set("new \(round)")
            #expect(try await old.get() == nil)
            _ = try await old.load("old \(round)")
            #expect(try await old.get() == Answer("old \(round)"))
            #expect(try await new.get() == Answer("new \(round)"))
        }
        #expect(old.loads.count == 5)
    }

    @Test func theCopyBesideANewerOneKeepsItsOwnTags() async throws {
        let (old, new) = (service(1), service(2))
        var options = EntryOptions.timeToLive(.seconds(10))
        options.tags = ["theirs"]
        options.maximumStaleness = .seconds(100)
        try await new.set("new", options)
        _ = try await old.run {
            try await old.cache.result(for: "k") { _ in Loaded(Answer("old"), tags: ["ours"]) }
        }
        // The newer one is stale by now, and the copy is not.
        nodes.time.advance(by: .seconds(11))
        #expect(try await old.get() == Answer("old"))
        try await new.cache.invalidate(tags: ["ours"])
        #expect(try await old.get() == nil)
    }

    /// It bears the stamp of the newer one, and is void by what was invalidated since its own load began.
    @Test(arguments: TagInvalidation.allCases)
    func theCopyBesideANewerOneIsJudgedByItsOwnAge(invalidation: TagInvalidation) async throws {
        let (old, new) = (service(1), service(2))
        func load(_ text: String) async throws -> Answer {
            var options = Self.stale()
            options.timeToLive = .seconds(1_000)
            options.tags = ["ours"]
            return try await old.run {
                try await old.cache.value(for: "k", options: options) { [loads = old.loads] in
                    loads.add()
                    return Answer(text)
                }
            }
        }
        try await new.set("new", .timeToLive(.seconds(1_000)))
        nodes.time.advance(by: .seconds(1))
        // The record of its tag is made now, later than the newer entry.
        #expect(try await load("old") == Answer("old"))
        nodes.time.advance(by: .seconds(1))
        #expect(try await load("unused") == Answer("old"))
        #expect(old.loads.count == 1)
        nodes.time.advance(by: .seconds(1))
        try await new.cache.invalidate(tags: ["ours"], by: invalidation)
        #expect(try await old.get() == nil)
        nodes.time.advance(by: .seconds(1))
        #expect(try await load("old, again") == Answer("old, again"))
        #expect(try await load("unused") == Answer("old, again"))
        #expect(old.loads.count == 2)
        #expect(try storedVersion() == 2)
        #expect(try await new.get() == Answer("new"))
    }

    @Test func aNewerOneThatATagHasMadeVoidGivesWayToTheCopyBesideIt() async throws {
        let (old, new) = (service(1), service(2))
        var options = Self.stale()
        options.timeToLive = .seconds(1_000)
        options.tags = ["theirs"]
        try await new.set("new", options)
        nodes.time.advance(by: .seconds(1))
        _ = try await old.load("old")
        #expect(try storedVersion() == 2)
        nodes.time.advance(by: .seconds(1))
        try await new.cache.invalidate(tags: ["theirs"])
        _ = try await old.run {
            var anew = EntryOptions()
            anew.readPolicy = .refresh
            return try await old.cache.value(for: "k", options: anew) { Answer("old, again") }
        }
        #expect(try storedVersion() == 1)
    }

    @Test func anExpiredOneGivesWay() async throws {
        let (old, new) = (service(1), service(2))
        try await new.set("new", Self.stale())
        _ = try await new.cache.expire("k")
        #expect(try await old.load("old").value == Answer("old"))
        #expect(try storedVersion() == 1)
        try await new.set("new", Self.stale())
        #expect(try await old.get() == nil)
        nodes.time.advance(by: .seconds(11))
        #expect(try await old.load("old").value == Answer("old"))
        #expect(try storedVersion() == 1)
    }

    @Test func noFormIsAFallbackForAnother() async throws {
        let (old, new) = (service(1), service(2))
        for writer in [new, old] {
            let reader = writer.version == 1 ? new : old
            try await writer.set("stale", Self.stale())
            nodes.time.advance(by: .seconds(11))
            await #expect(throws: LoadFailure.self) {
                try await reader.run {
                    try await reader.cache.value(for: "k") { () -> Answer in throw LoadFailure() }
                }
            }
            let own = try await writer.run {
                try await writer.cache.value(for: "k") { () -> Answer in throw LoadFailure() }
            }
            #expect(own == Answer("stale"))
        }
    }

    @Test func theCopyBesideANewerOneStandsInForALoad() async throws {
        let (old, new) = (service(1), service(2))
        try await new.set("new", .timeToLive(.seconds(100)))
        var options = EntryOptions.timeToLive(.seconds(10))
        options.maximumStaleness = .seconds(50)
        _ = try await old.run { try await old.cache.result(for: "k", options: options) { _ in Loaded(Answer("old")) } }
        nodes.time.advance(by: .seconds(20))
        let result = try await old.run {
            try await old.cache.result(for: "k") { _ -> Loaded<Answer> in throw LoadFailure() }
        }
        #expect(result.value == Answer("old") && result.provenance.source == .stale)
        // And what is loaded in the end still gives way.
        nodes.time.advance(by: .seconds(11))
        #expect(try await old.load("old, again").value == Answer("old, again"))
        #expect(try await new.get() == Answer("new"))
    }

    @Test func anInvalidationByTagReachesTheCopyBesideANewerOne() async throws {
        let (old, new) = (service(1) { $0.readingOrder = .remoteFirst }, service(2))
        var options = EntryOptions()
        options.tags = ["t"]
        try await new.set("new", options)
        let tagged = options
        _ = try await old.run { try await old.cache.result(for: "k", options: tagged) { _ in Loaded(Answer("old")) } }
        #expect(try await old.get() == Answer("old"))
        try await new.cache.invalidate(tags: ["t"])
        #expect(try await old.get() == nil)
        #expect(try await new.get() == nil)
    }

    @Test func noticesReachTheCopyBesideANewerOne() async throws {
        let board = NoticeBoard(remote)
        func service(_ version: UInt32, _ number: Int) -> Service {
            var configuration = CacheConfiguration()
            configuration.prefix = "test"
            return Service(
                cache: Cache(configuration: configuration, remote: board.node(number), timeSource: nodes.time),
                version: version
            )
        }
        let (old, new) = (service(1, 1), service(2, 2))
        _ = try await new.load("new")
        _ = try await old.load("old")
        #expect(try await old.get() == Answer("old"))
        // From then on the line over which the newer one was read vouches for it, and memory answers alone.
        let reads = remote.counts.reads
        for _ in 0..<3 { #expect(try await old.get() == Answer("old")) }
        #expect(remote.counts.reads == reads)
        try await new.set("newer")
        #expect(try await old.get() == nil)
        _ = try await old.load("old")
        #expect(try await old.get() == Answer("old"))
        _ = try await new.cache.delete("k")
        #expect(try await old.get() == nil)
    }

    @Test func outagesChangeNothingOfThat() async throws {
        let (old, new) = (service(1), service(2))
        try await new.set("new")
        _ = try await old.load("old")
        remote.behave(Nodes.down)
        #expect(try await old.get() == Answer("old"))
        #expect(try await new.get() == Answer("new"))
        nodes.comeBack()
        #expect(try await old.get() == Answer("old"))
        #expect(try await new.get() == Answer("new"))
        #expect(try storedVersion() == 2)
    }

    // MARK: Upgrades

    @Test func anUpgradeReadsTheOlderOneAndLeavesItThere() async throws {
        let (old, new) = (service(1), service(2, upgrades: true))
        _ = try await old.load("buenos días")
        let bytes = try #require(remote.record("test:v2:k")?.bytes)
        let result = try await new.load("never")
        #expect(result.value == Answer("buenos días") && new.loads.count == 0)
        #expect(try await new.run { try await new.cache.get(["k"], as: Answer.self) } == ["k": Answer("buenos días")])
        #expect(new.cache.statistics().payload.schemaUpgrades >= 1 && new.otherSchemas == 0)
        #expect(remote.record("test:v2:k")?.bytes == bytes)
        #expect(try await old.get() == Answer("buenos días"))
        // In memory it is as good as any other.
        remote.behave(Nodes.down)
        #expect(try await new.get() == Answer("buenos días"))
    }

    @Test func anUpgradeOfAStaleOneMayStandIn() async throws {
        let (old, new) = (service(1), service(2, upgrades: true))
        try await old.set("stale", Self.stale())
        nodes.time.advance(by: .seconds(11))
        let result = try await new.run {
            try await new.cache.result(for: "k") { _ -> Loaded<Answer> in throw LoadFailure() }
        }
        #expect(result.value == Answer("stale") && result.provenance.source == .stale)
    }

    @Test func anUpgradeThatFailsIsAMiss() async throws {
        let (old, new) = (service(1), service(2, upgrades: true))
        try await old.set("unclear")
        #expect(try await new.get() == nil)
        #expect(new.otherSchemas == 1 && new.cache.statistics().total.errors == 0)
        #expect(try await service(3, upgrades: true).get() == nil)
    }

    @Test func whatTheCacheSaysGoesBeforeWhatTheTypeSays() async throws {
        let seen = Mutex<[UInt32]>([])
        var upgrades = CacheSchemaUpgrades()
        upgrades.add(for: Answer.self) { _ in Answer("replaced") }
        upgrades.add(for: Answer.self) { old in
            seen.withLock { $0.append(old.version) }
            return old.decoded(as: String.self).map { Answer("cache: " + $0) }
        }
        upgrades.add(for: Int.self) { old in Int(old.version) }
        let chosen = upgrades
        let (old, new) = (service(1), service(2, upgrades: true) { $0.schemaUpgrades = chosen })
        try await old.set("buenos días")
        #expect(try await new.get() == Answer("cache: buenos días"))
        #expect(seen.withLock { $0 } == [1])
        // Of a type without a version, whatever has one.
        try await nodes.node().set("k", to: 5)
        #expect(try await new.cache.get("k") == 5)
    }

    @Test func anOptionalIsUpgradedAsWhatItWraps() async throws {
        let (old, new) = (service(1), service(2, upgrades: true))
        let value: Answer? = Answer("buenos días")
        try await old.run { try await old.cache.set("o", to: value) }
        let found = try await new.run { try await new.cache.get("o", as: Answer?.self) }
        #expect(found == .some(.some(Answer("buenos días"))))
        // None that cannot be upgraded is a miss, and no found nil.
        let unclear: Answer? = Answer("unclear")
        try await old.run { try await old.cache.set("o", to: unclear) }
        #expect(try await new.run { try await new.cache.get("o", as: Answer?.self) } == .none)
        let list = [Answer("a")]
        try await old.run { try await old.cache.set("l", to: list) }
        #expect(try await new.run { try await new.cache.get("l", as: [Answer].self) } == nil)
    }

    // MARK: Snapshots and seals

    @Test func aSnapshotOfAnotherVersionIsUpgradedOrGone() async throws {
        let former = nodes.memoryOnly()
        try await Answer.$version.withValue(1) {
            try await former.set("k", to: Answer("buenos días"))
            try await former.set("u", to: Answer("unclear"))
        }
        let snapshot = Answer.$version.withValue(1) { former.snapshot() }
        for upgrades in [false, true] {
            let cache = nodes.memoryOnly()
            #expect(cache.restore(snapshot) == 2)
            let reader = Service(cache: cache, version: 2, upgrades: upgrades)
            #expect(try await reader.get("k") == (upgrades ? Answer("buenos días") : nil))
            #expect(try await reader.get("u") == nil)
            #expect(cache.statistics().payload.otherSchemas == (upgrades ? 1 : 2))
            #expect(cache.statistics().cacheSize == (upgrades ? 1 : 0))
        }
        // Written again before it was read.
        let same = nodes.memoryOnly()
        #expect(same.restore(snapshot) == 2)
        let again = Service(cache: nodes.memoryOnly(), version: 1)
        #expect(again.cache.restore(same.snapshot()) == 2)
        #expect(try await again.get("u") == Answer("unclear"))
    }

    @Test func theVersionOfACompressedAndEncryptedEntryCounts() async throws {
        let encryption = try PayloadEncryption(.required, keys: [.sample("a")])
        let (old, new) = (
            service(1) {
                $0.payload.encryption = encryption
                $0.payload.compression = .from(32)
            }, service(2, upgrades: true) { $0.payload.encryption = encryption }
        )
        let text = Array(repeating: "buenos días", count: 50).joined(separator: " ")
        try await old.set(text)
        #expect(remote.record("test:v2:k")?.bytes[4] == 3)
        #expect(try await new.get() == Answer(text))
        let (later, former) = (
            service(2) { $0.payload.encryption = encryption }, service(1) { $0.payload.encryption = encryption }
        )
        #expect(try await later.get() == nil)
        _ = try await later.load("new")
        #expect(try await former.load("old").value == Answer("old"))
        #expect(try await later.get() == Answer("new"))
    }
}
