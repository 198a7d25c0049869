import Recuerde
import RecuerdeTesting
import Testing

/// Writes, and the loads and reads that go on beside them.
@Suite(.timeLimit(.minutes(1))) struct WriteRaceTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }

    @Test(arguments: [true, false])
    func aFlightThatBeganBesideAWriteIsNotJoinedAfterIt(isTaken: Bool) async throws {
        let cache = nodes.node { $0.breakerThreshold = 100 }
        let door = Door()
        await cache.connect()
        // The write is on its way to the remote tier, and stays there for a while.
        remote.behave(.hang)
        let write = Task { try await cache.set("k", to: "new") }
        await nodes.time.waitForSleepers(atLeast: 1)
        // A flight sets out meanwhile, finds nothing there and loads.
        remote.behave(.normal)
        let early = Task {
            try await cache.value(for: "k") {
                await door.pass()
                return "early"
            }
        }
        await door.someoneWaits()
        if !isTaken { remote.behave(.fail(RemoteTierError(.refused, "OOM"))) }
        nodes.time.advance(by: .milliseconds(250))
        try await write.value
        remote.behave(.normal)
        // Whoever comes now must not get what was begun before the write had come to its end.
        #expect(try await cache.value(for: "k") { "late" } == "new")
        door.open()
        _ = try await early.value
    }

    @Test func anInvalidValueAmongSeveralHoldsBackNoRemoval() async throws {
        let cache = nodes.node { $0.rethrowsRemoteErrors = true }
        try await cache.set(["a": 1, "b": 2, "c": 3])
        remote.behave(Nodes.down)
        await #expect(throws: CacheError.self) {
            try await cache.set(["a": 1, "b": 2, "c": 3], options: .timeToLive(.zero))
        }
        #expect(cache.statistics().cacheSize == 0)
        #expect(cache.statistics().journalDepth == 3)
    }

    @Test func manyValuesGoInPartsAndAllArrive() async throws {
        let cache = nodes.node()
        await cache.connect()
        let before = remote.counts.exchanges
        let values = Dictionary(uniqueKeysWithValues: (0..<2_500).map { (CacheKey("k\($0)"), $0) })
        try await cache.set(values)
        #expect(remote.counts.exchanges - before == 3)
        #expect(remote.names.count == 2_500)
        #expect(cache.statistics().journalDepth == 0)
    }

    @Test func aReadBesideAPlainWriteDoesNotKeepWhatItReadBefore() async throws {
        let cache = nodes.node { $0.format = .plain }
        try await cache.set("k", to: "old")
        remote.hold()
        let read = Task { try await cache.get("k", as: String.self) }
        await eventually { remote.waiting >= 1 }
        let write = Task { try await cache.set("k", to: "new") }
        await eventually { remote.waiting >= 2 }
        remote.release()
        try await write.value
        _ = try await read.value
        remote.behave(Nodes.down)
        #expect(try await cache.get("k") == "new")
    }

    @Test func aRemovalBesideAWriteInPartsIsNotOvertaken() async throws {
        let cache = nodes.node { $0.breakerThreshold = 100 }
        await cache.connect()
        let values = Dictionary(uniqueKeysWithValues: (0..<1_500).map { (CacheKey("k\($0)"), $0) })
        remote.behave(.hang)
        let write = Task { try await cache.set(values) }
        await nodes.time.waitForSleepers(atLeast: 1)
        remote.behave(.normal)
        // Stamps of one moment count up from it, one microsecond for each write.
        nodes.time.advance(by: .milliseconds(10))
        for key in values.keys { _ = try await cache.delete(key) }
        nodes.time.advance(by: .milliseconds(240))
        try await write.value
        // What was given up waits until nothing of its entry can be carried out any more; the removals set out ten milliseconds later.
        nodes.time.advance(by: .milliseconds(11))
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(try await cache.get(Array(values.keys), as: Int.self).isEmpty)
    }
}
