import Recuerde
import RecuerdeTesting
import Synchronization
import Testing

/// Redis tells of an entry whose time was over as of one that was removed, and often with the answer to the look that found it gone.
/// Found by the soak
/// of leases.
@Suite(.timeLimit(.minutes(1))) struct EndOfLifeNoticeTests {
    private let fleet = Fleet()
    private let name = "test:v2:k"

    /// A load that goes on until it is let go.
    private struct Held {
        private let stream: AsyncStream<Void>
        private let end: AsyncStream<Void>.Continuation

        init() { (stream, end) = AsyncStream.makeStream(of: Void.self) }

        func wait() async { for await _ in stream {} }
        func letGo() { end.finish() }
    }

    /// The end of an entry's life, as Redis tells of it.
    private final class End: Sendable {
        private let board: NoticeBoard
        private let name: String
        private let isTold = Atomic(false)

        init(_ board: NoticeBoard, _ name: String) {
            self.board = board
            self.name = name
        }

        func tell() {
            if !isTold.exchange(true, ordering: .relaxed) { board.change([name]) }
        }
    }

    /// Somebody who comes while the load of another goes on, and does not wait; true if he joined it.
    private func joins(_ cache: Cache) async -> Bool {
        var options = EntryOptions()
        options.hardTimeout = .zero
        let error = await #expect(throws: CacheError.self) { try await cache.value(for: "k", options: options) { 2 } }
        #expect(error?.code == .waitTimedOut)
        // A load of his own would go on with nobody waiting for it.
        return cache.statistics().backgroundLoads == 0
    }

    @Test(arguments: [1, 2]) func aNoticeThatComesWithTheLookLetsNobodyLoadASecondTime(notices: Int) async throws {
        let tier = fleet.board.node(1)
        let cache = fleet.node(on: tier)
        @Sendable func tell(_ count: Int) {
            guard count > 0 else { return }
            fleet.board.change([name])
            tier.beforeNextAnswer { tell(count - 1) }
        }
        tier.beforeNextAnswer { tell(notices) }
        let held = Held()
        let first = Task {
            try await cache.value(for: "k") {
                await held.wait(); return 1
            }
        }
        await eventually { cache.statistics().loads == 1 }
        #expect(await joins(cache))
        held.letGo()
        #expect(try await first.value == 1)
        #expect(cache.statistics().loads == 1)
        // What it has loaded is kept.
        #expect(try await cache.get("k") == 1)
        #expect(fleet.remote.record(name) != nil)
    }

    /// The entry's time is over here a moment before Redis lets go of it.
    @Test func anEntryThatRedisHasLetGoOfAMomentLaterIsLookedForAgain() async throws {
        let tier = fleet.board.node(1)
        let cache = fleet.node(on: tier)
        try await cache.set("k", to: 0, options: .timeToLive(.seconds(1)))
        let bytes = try #require(fleet.remote.record(name)).bytes
        fleet.time.advance(by: .seconds(1))
        fleet.remote.plant(name, bytes: bytes, timeToLive: .milliseconds(1))
        // Its end is told once: with the answer to a look that finds nothing any more, or else in its own time.
        let end = End(fleet.board, name)
        let time = fleet.time
        tier.beforeNextAnswer {
            time.advance(by: .milliseconds(1))
            tier.beforeNextAnswer { end.tell() }
        }
        let held = Held()
        let first = Task {
            try await cache.value(for: "k") {
                await held.wait(); return 1
            }
        }
        await eventually { cache.statistics().loads == 1 }
        end.tell()
        #expect(await joins(cache))
        held.letGo()
        #expect(try await first.value == 1)
        #expect(cache.statistics().loads == 1)
    }

    /// What another has stored in between is found instead.
    @Test func aNoticeOfAWriteLetsTheFlightFindWhatWasWritten() async throws {
        let tier = fleet.board.node(1)
        let (cache, other) = (fleet.node(on: tier), fleet.node(2))
        tier.beforeNextAnswer { try? await other.set("k", to: 3) }
        #expect(try await cache.value(for: "k") { 1 } == 3)
        #expect(cache.statistics().loads == 0)
    }

    /// A removal after the load has begun is no end of life: who comes then loads anew.
    @Test func aNoticeDuringTheLoadLetsGoOfIt() async throws {
        let cache = fleet.node(on: fleet.board.node(1))
        let held = Held()
        let first = Task {
            try await cache.value(for: "k") {
                await held.wait(); return 1
            }
        }
        await eventually { cache.statistics().loads == 1 }
        fleet.board.change([name])
        #expect(try await cache.value(for: "k") { 2 } == 2)
        held.letGo()
        #expect(try await first.value == 1)
        #expect(cache.statistics().loads == 2)
        #expect(try await cache.get("k") == 2)
    }
}
