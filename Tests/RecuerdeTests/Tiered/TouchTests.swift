import RecuerdeTesting
import Testing

@testable import Recuerde

/// Lifetimes that are changed in place.
@Suite(.timeLimit(.minutes(1))) struct TouchTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private var time: ManualTimeSource { nodes.time }

    @Test(arguments: [Duration.seconds(5), .seconds(50)])
    func aTouchReplacesTheDeadlineExactly(life: Duration) async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(10)))
        time.advance(by: .seconds(4))
        #expect(try await cache.touch("k", timeToLive: life))
        time.advance(by: life - .nanoseconds(1))
        #expect(try await cache.get("k") == 1)
        time.advance(by: .nanoseconds(1))
        #expect(try await cache.get("k", as: Int.self) == nil)
    }

    @Test func whatIsAbsentOrPastItsTimeIsNotTouched() async throws {
        let cache = nodes.memoryOnly { $0.defaultMaximumStaleness = .seconds(100) }
        #expect(try await !cache.touch("k", timeToLive: .seconds(9)))
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(1)))
        time.advance(by: .seconds(1))
        #expect(try await !cache.touch("k", timeToLive: .seconds(9)))
        #expect(try await cache.get("k", as: Int.self) == nil)
    }

    @Test func aTouchChangesHowLongAValueMayStandIn() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(10)))
        #expect(try await cache.touch("k", timeToLive: .seconds(10), maximumStaleness: .seconds(20)))
        time.advance(by: .seconds(29))
        let late = try await cache.result(for: "k", options: .timeToLive(.seconds(1))) { _ -> Loaded<Int> in
            throw LoadFailure()
        }
        #expect(late.value == 1 && late.provenance.source == .stale)
    }

    @Test func aLifetimeOfNothingRemoves() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: 1)
        #expect(try await cache.touch("k", timeToLive: .zero))
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(remote.record("test:v2:k") == nil)
    }

    @Test func aTouchReachesBothTiers() async throws {
        let (cache, other) = (nodes.node(), nodes.node())
        try await cache.set("k", to: "v", options: .timeToLive(.seconds(10)))
        #expect(try await cache.touch("k", timeToLive: .seconds(100)))
        time.advance(by: .seconds(99))
        #expect(try await other.get("k") == "v")
        remote.behave(Nodes.down)
        #expect(try await cache.get("k") == "v")
        time.advance(by: .seconds(1))
        #expect(try await cache.get("k", as: String.self) == nil)
        nodes.comeBack()
        #expect(try await other.get("k", as: String.self) == nil)
        #expect(try await !other.touch("k", timeToLive: .seconds(9)))
    }

    @Test func withoutTheRemoteTierNeitherTierIsTouched() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: "v", options: .timeToLive(.seconds(10)))
        remote.behave(Nodes.down)
        let error = await #expect(throws: CacheError.self) { try await cache.touch("k", timeToLive: .seconds(99)) }
        #expect(error?.code == .remoteFailed)
        time.advance(by: .seconds(10))
        #expect(try await cache.get("k", as: String.self) == nil)
    }

    @Test func aTouchBringsNoOlderValueBack() async throws {
        let (cache, other) = (nodes.node(), nodes.node())
        try await cache.set("k", to: "old")
        let old = try #require(remote.record("test:v2:k"))
        try await other.set("k", to: "new")
        let new = try #require(remote.record("test:v2:k"))
        remote.plant("test:v2:k", bytes: old.bytes)
        remote.hold()
        let touch = Task { try await cache.touch("k", timeToLive: .seconds(9)) }
        await eventually { remote.waiting >= 1 }
        // It reads the older value, and is held again before it writes.
        remote.release()
        remote.hold()
        await eventually { remote.waiting >= 1 }
        remote.plant("test:v2:k", bytes: new.bytes)
        remote.release()
        #expect(try await touch.value)
        #expect(try await cache.get("k") == "new")
        let removal = try await other.delete("k")
        #expect(removal)
        #expect(try await !cache.touch("k", timeToLive: .seconds(9)))
        #expect(try await cache.get("k", as: String.self) == nil)
    }

    @Test func plainEntriesAreNotTouched() async throws {
        let cache = nodes.node { $0.format = .plain }
        try await cache.set("k", to: "v")
        let error = await #expect(throws: CacheError.self) { try await cache.touch("k", timeToLive: .seconds(99)) }
        #expect(error?.code == .unsupported)
    }

    /// A clear takes all tokens away before it takes entries: a touch in between must not put back what the clear has yet to take.
    @Test func aTouchInTheMidstOfAClearOfAnotherNodeChangesNothing() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: "v", options: .timeToLive(.seconds(10)))
        let record = try #require(remote.record("test:v2:k"))
        time.advance(by: .seconds(1))
        // So far it has come: noted among the marks, and through with the tokens.
        let marks = KeySpace(prefix: "test", format: .envelope).marksName
        let now = Stamp(microseconds: time.unixTime().microseconds)
        _ = try await remote.marks(marks, noting: now, timeout: .seconds(1))
        let touched = try await cache.touch("k", timeToLive: .seconds(99))
        #expect(!touched)
        #expect(remote.record("test:v2:k")?.stamp == record.stamp)
    }
}
