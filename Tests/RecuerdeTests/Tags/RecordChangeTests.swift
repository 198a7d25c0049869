import RecuerdeTesting
import Testing

@testable import Recuerde

/// What is forgotten when a record of the application changes.
@Suite(.timeLimit(.minutes(1))) struct RecordChangeTests {
    private let fleet = Fleet()

    private var dependencies: CacheDependencies {
        var dependencies = CacheDependencies()
        dependencies.declare("verb", tags: ["lists"], keys: ["index"])
        dependencies.declare("verb") { id in
            .init(keys: [CacheKey("table", id)], records: [CacheRecord("lesson", id: "of-" + id)])
        }
        // A circle.
        dependencies.declare("lesson") { id in .init(records: [CacheRecord("verb", id: String(id.dropFirst(3)))]) }
        dependencies.declare("endless") { id in .init(records: [CacheRecord("endless", id: "\((Int(id) ?? 0) + 1)")]) }
        return dependencies
    }

    @Test func itsOwnTagAndAllThatIsDeclaredToDependOnIt() async throws {
        for isShared in [false, true] {
            var alone = CacheConfiguration()
            alone.dependencies = dependencies
            let cache =
                isShared
                ? fleet.node(1) { $0.dependencies = dependencies } : Cache(configuration: alone, timeSource: fleet.time)
            let concerned: [(CacheKey, EntryOptions)] = [
                ("own", .tagged(CacheRecord("verb", id: "hablar").tag)), ("list", .tagged("lists")), ("index", .init()),
                (CacheKey("table", "hablar"), .init()), ("lesson", .tagged(CacheRecord("lesson", id: "of-hablar").tag)),
            ]
            let others: [(CacheKey, EntryOptions)] = [
                ("comer", .tagged(CacheRecord("verb", id: "comer").tag)), (CacheKey("table", "comer"), .init()),
                ("noun", .tagged(CacheRecord("noun", id: "hablar").tag)), ("plain", .init()),
            ]
            for (key, options) in concerned + others { try await cache.set(key, to: 1, options: options) }
            try await cache.recordChanged("verb", id: "hablar")
            for (key, _) in concerned { #expect(try await cache.int(key) == nil) }
            for (key, _) in others { #expect(try await cache.int(key) == 1) }
            // A type of which nothing was declared has its own tag.
            try await cache.recordChanged("noun", id: "hablar", by: .remove)
            #expect(try await cache.int("noun") == nil)
        }
    }

    @Test func theNamesOfRecordsDoNotMeet() {
        let tags = [("a:b", "c"), ("a", "b:c"), ("a", "b"), ("a", "")].map { CacheRecord($0, id: $1).tag }
        #expect(Set(tags).count == 4)
    }

    @Test func severalCostAsManyExchangesAsOne() async throws {
        let cache = fleet.node(1) { $0.dependencies = dependencies }
        let verbs = ["ser", "ir", "dar"].map { CacheRecord("noun", id: $0) }
        for record in verbs { try await cache.set(CacheKey(record.id), to: 1, options: .tagged(record.tag)) }
        try await cache.set("other", to: 1, options: .tagged(CacheRecord("noun", id: "ver").tag))
        try await fleet.expectExchanges(1) { try await cache.recordsChanged(verbs + verbs) }
        for record in verbs { #expect(try await cache.int(CacheKey(record.id)) == nil) }
        #expect(try await cache.int("other") == 1)
        try await fleet.expectExchanges(0) { try await cache.recordsChanged([]) }
    }

    @Test func theirNamesAreReadAtTheFirstColon() {
        #expect(CacheRecord(named: "exercise:42") == CacheRecord("exercise", id: "42"))
        #expect(CacheRecord(named: "a:b:c") == CacheRecord("a", id: "b:c"))
        #expect(CacheRecord(named: "a::") == CacheRecord("a", id: ":"))
        #expect(CacheRecord(named: "a:b%3Ac")?.tag == CacheRecord("a", id: "b%3Ac").tag)
        for text in ["", ":", "a", "a:", ":a"] { #expect(CacheRecord(named: text) == nil, "\(text)") }
    }

    @Test func whatLeadsOnWithoutEndIsRefusedAndChangesNothing() async throws {
        let cache = fleet.node(1) { $0.dependencies = dependencies }
        try await cache.set("k", to: 1, options: .tagged(CacheRecord("endless", id: "1").tag))
        let error = await #expect(throws: CacheError.self) { try await cache.recordChanged("endless", id: "1") }
        #expect(error?.code == .unsupported)
        await #expect(throws: CacheError.self) { try await cache.recordChanged("", id: "") }
        let many = (0...10_000).map { CacheRecord("noun", id: "\($0)") } + [CacheRecord("endless", id: "1")]
        await #expect(throws: CacheError.self) { try await cache.recordsChanged(many) }
        #expect(try await cache.int("k") == 1)
    }

    @Test func duringAnOutageBothWaitForRedis() async throws {
        let cache = fleet.node(1) { $0.dependencies = dependencies }
        try await cache.set("index", to: 1)
        try await cache.set("list", to: 1, options: .tagged("lists"))
        fleet.remote.behave(Nodes.down)
        try await cache.recordChanged("verb", id: "hablar")
        #expect(try await cache.int("index") == nil)
        #expect(try await cache.int("list") == nil)
        // Three tags, two keys.
        #expect(cache.statistics().journalDepth == 5)
        fleet.comeBack()
        try await fleet.settle(cache)
        let later = fleet.node(2)
        #expect(try await later.int("index") == nil)
        #expect(try await later.int("list") == nil)
    }
}
