import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// Values that are changed in place.
@Suite(.timeLimit(.minutes(1))) struct UpdateTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }

    @Test func noneOfManyConcurrentUpdatesGetsLost() async throws {
        let cache = nodes.memoryOnly()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 { try await cache.update("k") { (old: Int?) in (old ?? 0) + 1 } }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await cache.get("k") == 4_000)
        #expect(cache.turns.count == 0)
    }

    private enum Between: CaseIterable {
        case written, removed, filled, touched, evicted
    }

    @Test(arguments: Between.allCases)
    private func aChangeInBetweenIsSeenByTheNextAttempt(between: Between) async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 10)
        let later = time.now().advanced(by: .seconds(50))
        let stamp = cache.clock.next().microseconds
        let filled = cache.memory.openGuard("k")
        var seen: [Int?] = []
        let result = try await cache.update("k") { (old: Int?) in
            seen.append(old)
            guard seen.count == 1 else { return (old ?? 0) + 1 }
            switch between {
            case .written: cache.memory.put("k", Entry.make(20, until: later, stamp: stamp))
            case .removed: _ = cache.memory.remove("k")
            case .filled: cache.memory.closeGuard(filled, of: "k", filling: Entry.make(20, until: later, stamp: stamp))
            case .touched: _ = cache.memory.touch("k", logicalExpiry: later, physicalExpiry: later)
            case .evicted: cache.shrink(to: 0)
            }
            return -1
        }
        switch between {
        case .written, .filled: #expect(seen == [10, 20] && result == 21)
        case .removed, .evicted: #expect(seen == [10, nil] && result == 1)
        case .touched:
            #expect(seen == [10, 10] && result == 11)
            #expect(try await cache.result(for: "k", as: Int.self)?.provenance.remaining == .seconds(50))
        }
        #expect(try await cache.get("k") == result)
    }

    @Test func whoIsDisturbedEachTimeIsToldSo() async throws {
        let cache = nodes.memoryOnly()
        var attempts = 0
        let error = await #expect(throws: CacheError.self) {
            try await cache.update("k") { (old: Int?) in
                attempts += 1
                _ = cache.memory.remove("k")
                return 1
            }
        }
        #expect(error?.code == .contended && attempts == 128)
        #expect(try await cache.get("k", as: Int.self) == nil)
        // No guard was left behind.
        #expect(cache.memory.parts.allSatisfy { $0.withLock { $0.guards.isEmpty } })
    }

    @Test func whatTheOptionsDoNotSayStaysAsItIs() async throws {
        let cache = nodes.memoryOnly()
        var options = EntryOptions.timeToLive(.seconds(100))
        options.tags = ["t"]
        try await cache.set("k", to: 1, options: options)
        time.advance(by: .seconds(40))
        try await cache.update("k") { (old: Int?) in (old ?? 0) + 1 }
        #expect(cache.memory.peek("k", now: time.now())?.tags == ["t"])
        #expect(try await cache.result(for: "k", as: Int.self)?.provenance.remaining == .seconds(60))
        try await cache.update("k", options: .timeToLive(.seconds(7))) { (old: Int?) in old }
        #expect(try await cache.result(for: "k", as: Int.self)?.provenance.remaining == .seconds(7))
        #expect(try await cache.get("k") == 2)
    }

    @Test func nilRemovesAndAnErrorChangesNothing() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1)
        await #expect(throws: LoadFailure.self) {
            try await cache.update("k") { (_: Int?) -> Int? in throw LoadFailure() }
        }
        #expect(try await cache.get("k") == 1)
        #expect(try await cache.update("k") { (_: Int?) -> Int? in nil } == nil)
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(cache.memory.parts.allSatisfy { $0.withLock { $0.guards.isEmpty } })
    }

    @Test func anExpiredValueAndOneOfAnotherTypeAreNil() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(1)))
        time.advance(by: .seconds(1))
        try await cache.update("k") { (old: Int?) in old == nil ? 5 : 0 }
        #expect(try await cache.get("k") == 5)
        try await cache.update("k") { (old: String?) in old == nil ? "text" : "" }
        #expect(try await cache.get("k") == "text")
    }

    @Test func aValueOfASnapshotIsUpdatedToo() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: [1])
        let other = nodes.memoryOnly()
        #expect(other.restore(cache.snapshot()) == 1)
        try await other.update("k") { (old: [Int]?) in (old ?? []) + [2] }
        #expect(try await other.get("k") == [1, 2])
    }

    @Test func aLoadThatBeganBeforeAnUpdateDoesNotOverwriteIt() async throws {
        let cache = nodes.memoryOnly()
        let door = Door()
        let load = Task {
            try await cache.value(for: "k") {
                await door.pass()
                return 1
            }
        }
        await door.someoneWaits()
        try await cache.update("k") { (old: Int?) in (old ?? 0) + 100 }
        door.open()
        #expect(try await load.value == 1)
        #expect(try await cache.get("k") == 100)
    }

    @Test func withARemoteTierAnUpdateIsRefused() async throws {
        let error = await #expect(throws: CacheError.self) {
            try await nodes.node().update("k") { (_: Int?) in 1 }
        }
        #expect(error?.code == .unsupported)
    }
}
