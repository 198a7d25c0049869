import RecuerdeTesting
import Testing

@testable import Recuerde

/// What `explain` tells of an entry, and of what is under way and waits for its key.
@Suite(.timeLimit(.minutes(1))) struct ExplainTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private var time: ManualTimeSource { nodes.time }

    private static let long = String(repeating: "Espero que hayas hablado con ella. ", count: 40)

    private static func options(_ tags: String...) -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(60))
        options.maximumStaleness = .seconds(40)
        options.tags = tags
        return options
    }

    // MARK: Entries

    @Test func bothTiersTellLivesValidatorsAndTags() async throws {
        let cache = nodes.node()
        _ = try await cache.result(for: "k", options: Self.options("a", "b")) { (_: LoadContext<Int>) in
            Loaded(1, cost: LoadCost(microdollars: 7), validators: Validators(etag: "\"v1\"", lastModified: "day 1"))
        }
        time.advance(by: .seconds(10))
        let explanation = try await cache.explain("k")
        for holding in [explanation.memory, explanation.redis] {
            let holding = try #require(holding)
            #expect(holding.state == "fresh" && holding.refusal == nil)
            #expect(holding.age == .seconds(10) && holding.remaining == .seconds(50) && holding.life == .seconds(90))
            #expect(holding.validators == Validators(etag: "\"v1\"", lastModified: "day 1"))
            #expect(holding.cost?.microdollars == 7)
            #expect(holding.tags == ["a", "b"] && holding.marks.map(\.tag) == ["a", "b"])
            #expect(
                holding.marks.allSatisfy { $0.effect == "valid" && $0.removedUpTo ?? .zero < holding.stamp ?? .zero }
            )
        }
        #expect(explanation.memory?.payload == nil)
        #expect(explanation.redis?.payload?.isCompressed == false)
        #expect(explanation.flights.isEmpty && explanation.journal.isEmpty)
        #expect(explanation.pause == nil && explanation.lease == nil && explanation.redisFailure == nil)
    }

    @Test(arguments: [false, true]) func whatATagMadeOfIt(removes: Bool) async throws {
        let cache = nodes.node()
        try await cache.set("k", to: 1, options: Self.options("a", "b"))
        time.advance(by: .seconds(1))
        try await cache.invalidate(tags: ["b"], by: removes ? .remove : .expire)
        let explanation = try await cache.explain("k")
        let redis = try #require(explanation.redis)
        #expect(redis.state == (removes ? "invalidated" : "stale"))
        #expect(redis.marks.map(\.effect) == ["valid", removes ? "removed" : "expired"])
        #expect(redis.marks[0].expiredUpTo.map { $0 < redis.stamp ?? .zero } ?? true)
        #expect(try #require(redis.marks[1].expiredUpTo) > #require(redis.stamp))
        #expect((redis.marks[1].removedUpTo ?? .zero >= redis.stamp ?? .zero) == removes)
        #expect(explanation.verdict.hasPrefix("miss"))
    }

    @Test func howTheBytesAreMade() async throws {
        let encryption = try PayloadEncryption(.required, keys: [.sample("2026-11"), .sample("2026-05")])
        let cache = nodes.node {
            $0.payload.compression = .from(64)
            $0.payload.encryption = encryption
        }
        try await cache.set("k", to: Self.long)
        let payload = try #require(try await cache.explain("k").redis?.payload)
        #expect(payload.isCompressed && payload.encryptionKeyID == "2026-11" && payload.schemaVersion == 0)

        struct Versioned: Codable, Sendable, CacheSchemaVersioned {
            static let cacheSchemaVersion: UInt32 = 3
        }
        try await nodes.node().set("v", to: Versioned())
        let plain = try #require(try await nodes.node().explain("v").redis?.payload)
        #expect(!plain.isCompressed && plain.encryptionKeyID == nil && plain.schemaVersion == 3)
    }

    @Test func whyBytesAreNotTaken() async throws {
        let known = try PayloadEncryption(.preferred, keys: [.sample("a")])
        let other = try PayloadEncryption(.preferred, keys: [.sample("b")])
        let imitated = try PayloadEncryption(.preferred, keys: [.sample("a", seed: 9)])
        func explanation(by encryption: PayloadEncryption) async throws -> KeyExplanation {
            try await nodes.node { $0.payload.encryption = encryption }.set("k", to: 1)
            return try await nodes.node { $0.payload.encryption = known }.explain("k")
        }
        let unknown = try await explanation(by: other)
        #expect(unknown.redis?.state == "unreadable" && unknown.redis?.refusal == "unknown_key")
        // Which one it would take stands in clear text.
        #expect(unknown.redis?.payload?.encryptionKeyID == "b")
        #expect(unknown.verdict == "miss: what Redis holds is encrypted with a key that this process does not know")
        let forged = try await explanation(by: imitated)
        #expect(forged.redis?.refusal == "forged" && forged.verdict.hasPrefix("miss: what Redis holds was altered"))
        remote.plant("test:v2:k", bytes: [1, 2, 3])
        let damaged = try await nodes.node().explain("k")
        #expect(damaged.redis?.refusal == "damaged" && damaged.redis?.payload == nil)
        #expect(damaged.verdict == "miss: what Redis holds does not decode")
    }

    @Test func hiddenKeysAreExplainedByTheirClearName() async throws {
        let hashing = try KeyHashing.sample()
        let cache = nodes.node { $0.payload.keyHashing = hashing }
        try await cache.set("maria:hint", to: 1, options: Self.options("learner:maria"))
        let explanation = try await cache.explain("maria:hint")
        #expect(explanation.redis?.state == "fresh" && explanation.key.hasPrefix("%~"))
        #expect(explanation == (try await cache.explain(CacheKey(escapedText: explanation.key))))
        #expect(!"\(explanation)".contains("maria"))
    }

    // MARK: What is under way

    @Test func loadsAndWhoWaitsForThem() async throws {
        let cache = nodes.node()
        let door = Door()
        let callers = (0..<3).map { _ in
            Task {
                try await cache.value(for: "k") {
                    await door.pass()
                    return 1
                }
            }
        }
        await door.someoneWaits()
        var flights: [KeyExplanation.Flight] = []
        await eventually {
            flights = (try? await cache.explain("k").flights) ?? []
            return flights.first?.waiting == 3
        }
        #expect(flights == [KeyExplanation.Flight(purpose: "load", waiting: 3)])
        #expect(try await cache.explain("k").isLoading)
        var options = EntryOptions()
        options.readPolicy = .refresh
        let refreshing = options
        let refresh = Task {
            try await cache.value(for: "k", options: refreshing) {
                await door.pass()
                return 2
            }
        }
        await door.someoneWaits(count: 2)
        #expect(try await cache.explain("k").flights.map(\.purpose) == ["load", "refresh"])
        door.open()
        for caller in callers { #expect(try await caller.value == 1) }
        #expect(try await refresh.value == 2)
        #expect(try await cache.explain("k").flights.isEmpty)
    }

    @Test func thePauseAfterAFailedLoad() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: 1, options: Self.options())
        time.advance(by: .seconds(61))
        var options = Self.options()
        options.failureThrottle = .seconds(5)
        _ = try await cache.value(for: "k", options: options) { () -> Int in throw LoadFailure() }
        time.advance(by: .seconds(2))
        let explanation = try await cache.explain("k")
        #expect(explanation.pause == .seconds(3) && explanation.redis?.state == "stale")
        time.advance(by: .seconds(3))
        #expect(try await cache.explain("k").pause == nil)
    }

    @Test func theLeaseThatThisProcessHolds() async throws {
        let cache = nodes.leased()
        let door = Door()
        let caller = Task {
            try await cache.value(for: "k") {
                await door.pass()
                return 1
            }
        }
        await door.someoneWaits()
        #expect(try await cache.explain("k").lease?.isHeldHere == true)
        // Nothing is taken by asking.
        #expect(remote.leaseOwners.count == 1)
        door.open()
        #expect(try await caller.value == 1)
        await eventually { remote.leaseOwners.isEmpty }
        #expect(try await cache.explain("k").lease == nil)
    }

    // MARK: What waits

    @Test func allThatWaitsAndConcernsTheKey() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: 1, options: Self.options("a"))
        remote.behave(Nodes.down)
        try await cache.invalidate(tags: ["a"])
        try await cache.set("k", to: 2, options: Self.options("a"))
        try await cache.set("other", to: 3, options: Self.options("x"))
        try await cache.invalidate(tags: ["x"])
        time.advance(by: .milliseconds(1))
        try await cache.expire("k")
        let explanation = try await cache.explain("k")
        #expect(explanation.redisAnswered == false && explanation.redisFailure != nil && explanation.hasPendingWrite)
        #expect(explanation.journal.map(\.operation) == [.invalidation(of: "a"), .write, .expiry])
        #expect(explanation.journal.allSatisfy { $0.reason == .unavailable && $0.attempts == 0 && $0.pause == nil })
        #expect(explanation.journal.map(\.stamp) == explanation.journal.map(\.stamp).sorted())
        _ = try await cache.clear()
        #expect(try await cache.explain("k").journal.map(\.operation) == [.clear])
        nodes.comeBack()
        _ = try await cache.get("k", as: Int.self)
        await nodes.settle(cache)
        #expect(try await cache.explain("k").journal.isEmpty)
    }

    @Test func whatWasRefusedWaitsLongerEachTime() async throws {
        let tier = InterposedTier(remote)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        let cache = Cache(configuration: configuration, remote: tier, timeSource: time)
        await cache.connect()
        remote.behave(Nodes.down)
        try await cache.set("k", to: 1)
        nodes.comeBack()
        tier.refuse(["test:v2:k"])
        _ = try await cache.get("x", as: Int.self)
        await eventually { (try? await cache.explain("k").journal.first)?.attempts ?? 0 > 0 }
        let waiting = try #require(try await cache.explain("k").journal.first)
        #expect(waiting.operation == .write && waiting.reason == .refused && waiting.attempts == 1)
        #expect(waiting.pause == .seconds(2))
        time.advance(by: .milliseconds(500))
        #expect(try await cache.explain("k").journal.first?.pause == .milliseconds(1_500))
    }

    @Test func whyRedisDidNotAnswer() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: 1)
        remote.behave(.fail(RemoteTierError(.timedOut, "scripted")))
        let explanation = try await cache.explain("k")
        #expect(explanation.redisFailure == "timed_out" && explanation.redis == nil)
        #expect(explanation.memory?.state == "fresh")
        remote.behave(Nodes.down)
        #expect(try await cache.explain("k").redisFailure == "unavailable")
        #expect(try await cache.explain("k").redisFailure == "left_alone")
        #expect(try await nodes.memoryOnly().explain("k").redisFailure == nil)
    }
}
