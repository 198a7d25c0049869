import Recuerde
import RecuerdeTesting
import Testing

/// Caches that ask memory first, on one scripted tier that tells each of what the others change, and a manual clock.
struct Fleet {
    let time: ManualTimeSource
    let remote: ScriptedRemoteTier
    let board: NoticeBoard

    init() {
        time = ManualTimeSource()
        remote = ScriptedRemoteTier(timeSource: time)
        board = NoticeBoard(remote)
    }

    func node(_ number: Int, _ change: (inout CacheConfiguration) -> Void = { _ in }) -> Cache {
        node(on: board.node(number), change)
    }

    /// A cache on a view of the tier that the test keeps, to cut it off or to come in between.
    func node(on tier: NoticeBoard.Node, _ change: (inout CacheConfiguration) -> Void = { _ in }) -> Cache {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        change(&configuration)
        return Cache(configuration: configuration, remote: tier, timeSource: time)
    }

    /// The remote tier is back, and the breakers' pause is over.
    func comeBack() {
        remote.behave(.normal)
        time.advance(by: .seconds(3))
    }

    /// Lets each node find out that the remote tier is back, and bring there what waited.
    func settle(_ nodes: Cache..., place: SourceLocation = #_sourceLocation) async throws {
        for node in nodes { _ = try await node.get("some:other:key", as: Int.self) }
        await eventually(place) { nodes.allSatisfy { $0.statistics().journalDepth == 0 } }
    }
}

/// Lets what runs behind callers' backs come to its end.
func eventually(_ place: SourceLocation = #_sourceLocation, _ condition: () async -> Bool) async {
    // Bounded by the clock, since on a busy machine many yields may pass before another thread has its turn.
    let clock = SystemTimeSource()
    let end = clock.now().advanced(by: .seconds(30))
    while clock.now() < end {
        if await condition() { return }
        await Task.yield()
    }
    Issue.record("it did not come about", sourceLocation: place)
}
