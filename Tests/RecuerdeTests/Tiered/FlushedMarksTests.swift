import RecuerdeTesting
import Testing

@testable import Recuerde

/// What the loss of all data means for the marks of a cache.
@Suite(.timeLimit(.minutes(1))) struct FlushedMarksTests {
    private let time: ManualTimeSource
    private let remote: ScriptedRemoteTier
    private let board: NoticeBoard

    init() {
        time = ManualTimeSource()
        remote = ScriptedRemoteTier(timeSource: time)
        board = NoticeBoard(remote)
    }

    private func cache(_ node: NoticeBoard.Node) -> Cache {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        return Cache(configuration: configuration, remote: node, timeSource: time)
    }

    /// Else the replay of that very set would make them, and they would be younger than it is: so it would be given up, and take the other's
    /// with it.
    @Test func afterAFlushTheUpkeepMakesTheMarksAnewSoThatASetWithoutAnAnswerIsKept() async throws {
        let node = board.node(2)
        let (one, two) = (cache(board.node(1)), cache(node))
        await one.connect()
        await two.connect()
        let run = Task { try await one.run() }
        await time.waitForSleepers(atLeast: 1)
        board.flush()
        #expect(remote.marks.isEmpty)
        time.advance(by: .milliseconds(500))
        await time.waitForSleepers(atLeast: 1)
        #expect(remote.marks.count == 1)
        time.advance(by: .milliseconds(10))
        try await one.set("k", to: 1)
        // Later than that, by clocks that stand still.
        time.advance(by: .milliseconds(10))
        node.cutOff()
        try await two.set("k", to: 2)
        node.cutOff(nil)
        time.advance(by: .seconds(3))
        _ = try await two.get("other", as: Int.self)
        await Nodes().settle(two)
        #expect(try await one.get("k") == 2)
        #expect(try await two.get("k") == 2)
        run.cancel()
        try await run.value
    }
}
