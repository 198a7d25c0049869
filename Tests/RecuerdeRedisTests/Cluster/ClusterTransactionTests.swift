import Testing

@testable import RecuerdeRedis

@Suite struct ClusterTransactionsOfAPipeline {
    private typealias Reply = Result<RESPValue, RedisError>

    private let ok = Reply.success(.simple("OK"))
    private let queued = Reply.success(.simple("QUEUED"))

    private func error(_ text: String) -> Reply { .failure(RedisError(reply: RESPErrorReply(text))) }

    private func lost(mayHaveExecuted: Bool) -> Reply {
        .failure(RedisError(.connectionLost, phase: .reply, mayHaveExecuted: mayHaveExecuted, message: "gone"))
    }

    private func command(_ name: String, _ key: String? = nil) -> RedisCommand {
        key.map { RedisCommand(name, $0) } ?? RedisCommand(name, key: nil)
    }

    @Test func reachFromMULTIToEXECOrDISCARD() {
        #expect(ClusterTransactions([command("GET", "a"), command("MGET", "a")]).spans.isEmpty)
        let spans = ClusterTransactions([
            command("GET", "a"), command("multi"), command("INCR", "a"), command("exec"), command("HMGET", "a"),
            command("MULTI"), command("INCR", "a"), command("DISCARD"),
            command("MULTI"), command("INCR", "a"), command("INCR", "b"), command("EXEC"),
            command("MULTI"), command("INCR", "a"),
        ]).spans
        #expect(
            spans == [
                .init(positions: 1..<4, isRepeatable: true), .init(positions: 5..<8, isRepeatable: false),
                .init(positions: 8..<12, isRepeatable: false), .init(positions: 12..<14, isRepeatable: false),
            ]
        )
    }

    @Test func areWorthAnotherAttemptIfNothingOfThemWasExecuted() {
        let aborted = error("EXECABORT discarded")
        let unqueued = ClusterTransactions.failure(in: [ok, queued, error("MOVED 1 h:1"), error("ERR x"), aborted])
        #expect(unqueued?.offset == 2 && unqueued?.error.serverCode == "MOVED")
        let unexecuted = ClusterTransactions.failure(in: [ok, queued, error("TRYAGAIN x")])
        #expect(unexecuted?.offset == 2 && unexecuted?.error.serverCode == "TRYAGAIN")
        let unsent = ClusterTransactions.failure(in: Array(repeating: lost(mayHaveExecuted: false), count: 3))
        #expect(unsent?.offset == 0 && unsent?.error.code == .connectionLost)
        let unbegun = ClusterTransactions.failure(in: [
            error("LOADING x"), error("LOADING x"), error("ERR EXEC without MULTI"),
        ])
        #expect(unbegun?.offset == 0 && unbegun?.error.serverCode == "LOADING")
    }

    @Test func stayAsTheyWereAnsweredIfAnythingMayHaveBeenExecuted() {
        let done = Reply.success(.array([.integer(1)]))
        for replies in [
            [ok, queued, done], [ok, error("TRYAGAIN x"), done], [ok, queued, lost(mayHaveExecuted: true)],
            [ok, error("LOADING x"), lost(mayHaveExecuted: true)],
            // Without MULTI, the one in the middle was executed.
            [error("LOADING x"), .success(.integer(1)), error("ERR EXEC without MULTI")],
            [error("LOADING x"), lost(mayHaveExecuted: true), error("ERR EXEC without MULTI")],
        ] {
            #expect(ClusterTransactions.failure(in: replies) == nil)
        }
    }
}
