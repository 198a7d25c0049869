import Testing

@testable import RecuerdeRedis

private let ms: Int64 = 1_000_000

/// The machine with its budget, on plain numbers.
private struct Bench {
    var machine: RetryStateMachine
    var budget: RetryBudget
    var now: Int64 = 0
    var random = 1.0

    init(
        isRepeatable: Bool = false,
        rediscovers: Bool = false,
        deadline: Int64 = 10_000 * ms,
        policy: RedisRetryPolicy = .init()
    ) {
        machine = RetryStateMachine(
            .init(isRepeatable: isRepeatable, rediscovers: rediscovers, deadline: deadline),
            policy: policy
        )
        budget = RetryBudget(policy: policy, now: 0)
    }

    mutating func fail(_ error: RedisError) -> RetryStateMachine.Action {
        machine.failed(error, now: now, random: random, commands: 0, budget: &budget)
    }

    mutating func endPause() -> RetryStateMachine.Action {
        machine.pauseEnded(now: now, random: random, commands: 0, budget: &budget)
    }
}

private func server(_ code: String) -> RedisError {
    RedisError(reply: RESPErrorReply("\(code) says the server"))
}

private func lost(written: Bool) -> RedisError {
    RedisError(.connectionLost, phase: .reply, mayHaveExecuted: written, message: "gone")
}

@Suite struct RetryMachine {
    @Test func pausesGrowFromTenToTwoHundredMillisecondsWithJitter() {
        var pauses: [Int64] = []
        var shortest: [Int64] = []
        for (random, isLow) in [(1.0, false), (0.0, true)] {
            var bench = Bench()
            bench.random = random
            for _ in 0..<6 {
                guard case .pause(let until) = bench.fail(server("LOADING")) else {
                    Issue.record("not the action that was expected")
                    return
                }
                if isLow { shortest.append((until - bench.now) / ms) } else { pauses.append((until - bench.now) / ms) }
                bench.now = until
                #expect(bench.endPause() == .send)
            }
        }
        #expect(pauses == [20, 40, 80, 160, 200, 200])
        #expect(shortest == [10, 20, 40, 80, 100, 100])
    }

    @Test(arguments: ["LOADING", "MASTERDOWN", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MISCONF", "NOREPLICAS"])
    func whatWasRefusedBeforeExecutionIsRepeatedWhateverItIs(code: String) {
        var bench = Bench()
        #expect(bench.fail(server(code)) == .pause(until: 20 * ms))
    }

    @Test func aFullServerIsAskedAgain() {
        var bench = Bench()
        let error = RedisError(reply: RESPErrorReply("ERR max number of clients reached"))
        #expect(bench.fail(error) == .pause(until: 20 * ms))
    }

    @Test(arguments: ["OOM", "WRONGTYPE", "NOPERM", "NOSCRIPT", "ERR", "READONLY", "MOVED", "NOAUTH", "EXECABORT", ""])
    func otherAnswersGoToTheCaller(code: String) {
        var bench = Bench(isRepeatable: true)
        #expect(bench.fail(server(code)) == .fail(server(code)))
    }

    @Test func aReadOnlyServerIsWorthAnotherAttemptWhereAnotherServerMayBeFound() {
        var bench = Bench(rediscovers: true)
        #expect(bench.fail(server("READONLY")) == .pause(until: 20 * ms))
    }

    @Test func whatWasWrittenAndNotAnsweredIsRepeatedOnlyIfThatDoesNoHarm() {
        var read = Bench(isRepeatable: true)
        #expect(read.fail(lost(written: true)) == .pause(until: 20 * ms))
        #expect(read.endPause() == .send)
        var write = Bench(isRepeatable: false, rediscovers: true)
        #expect(write.fail(lost(written: true)) == .fail(lost(written: true)))
    }

    @Test func whatWasNeverWrittenIsRepeatedWhereAnotherServerMayBeFound() {
        let refused = RedisError(.connectFailed, phase: .connecting, message: "refused")
        let closed = RedisError.shutDown("there", phase: .waiting)
        for error in [lost(written: false), refused, closed] {
            var elsewhere = Bench(rediscovers: true)
            #expect(elsewhere.fail(error) == .pause(until: 20 * ms))
            // A client of one server has waited for every attempt that could come in time.
            var same = Bench(isRepeatable: true)
            #expect(same.fail(error) == .fail(error))
        }
    }

    @Test(arguments: [
        RedisError.Code.authenticationFailed, .tls, .overloaded, .invalidCommand, .protocolViolation, .deadlineExceeded,
    ]) func whatWouldEndInTheSameWayIsNotRepeated(code: RedisError.Code) {
        var bench = Bench(isRepeatable: true, rediscovers: true)
        let error = RedisError(code, phase: .checking, message: "no")
        #expect(bench.fail(error) == .fail(error))
    }

    @Test func theLastPauseIsHalfOfWhatIsLeftAndThenTheCauseIsTold() {
        var bench = Bench(deadline: 100 * ms)
        #expect(bench.fail(server("LOADING")) == .pause(until: 20 * ms))
        bench.now = 20 * ms
        #expect(bench.endPause() == .send)
        #expect(bench.fail(server("LOADING")) == .pause(until: 60 * ms))
        bench.now = 60 * ms
        #expect(bench.endPause() == .send)
        #expect(bench.fail(server("LOADING")) == .pause(until: 80 * ms))
        bench.now = 80 * ms
        #expect(bench.endPause() == .send)
        #expect(bench.fail(server("LOADING")) == .pause(until: 90 * ms))
        bench.now = 90 * ms
        #expect(bench.endPause() == .send)
        #expect(bench.fail(server("LOADING")) == .fail(server("LOADING")))
    }

    @Test func aDeadlineThatPassesDuringAPauseTellsTheCause() {
        var bench = Bench(deadline: 100 * ms)
        _ = bench.fail(server("BUSY"))
        bench.now = 100 * ms
        #expect(bench.endPause() == .fail(server("BUSY")))
    }

    @Test func timeThatIsOverDoesNotHideTheCauseAndWhatMayHaveBeenExecutedStaysSo() {
        var bench = Bench(isRepeatable: true)
        _ = bench.fail(lost(written: true))
        _ = bench.endPause()
        let late = RedisError(.deadlineExceeded, phase: .waiting, message: "late")
        #expect(bench.fail(late) == .fail(lost(written: true)))
        // A refusal says that the second attempt was not executed; the first one may have been.
        var second = Bench(isRepeatable: true)
        _ = second.fail(lost(written: true))
        _ = second.endPause()
        guard case .fail(let error) = second.fail(server("NOPERM")) else {
            Issue.record("not the action that was expected")
            return
        }
        #expect(error.serverCode == "NOPERM")
        #expect(error.mayHaveExecuted)
    }

    @Test func nothingIsRepeatedByThePolicyThatSaysNever() {
        var bench = Bench(isRepeatable: true, rediscovers: true, policy: .never)
        #expect(bench.fail(server("LOADING")) == .fail(server("LOADING")))
        #expect(bench.fail(lost(written: true)) == .fail(lost(written: true)))
    }

    @Test func withoutATokenAnUnansweredReadFailsAndARefusedCommandWaits() {
        var policy = RedisRetryPolicy()
        policy.reserve = 0
        var read = Bench(isRepeatable: true, policy: policy)
        #expect(read.fail(lost(written: true)) == .fail(lost(written: true)))
        var refused = Bench(deadline: 50 * ms, policy: policy)
        #expect(refused.fail(server("LOADING")) == .pause(until: 20 * ms))
        refused.now = 20 * ms
        #expect(refused.endPause() == .pause(until: 40 * ms))
        refused.now = 45 * ms
        #expect(refused.endPause() == .fail(server("LOADING")))
    }

    @Test func whatNeverReachedAServerTakesNoToken() {
        var policy = RedisRetryPolicy()
        policy.reserve = 0
        var bench = Bench(rediscovers: true, policy: policy)
        #expect(bench.fail(lost(written: false)) == .pause(until: 20 * ms))
        #expect(bench.endPause() == .send)
    }

    @Test func aRepetitionAfterARefusalThatSucceedsGivesItsTokenBack() {
        var policy = RedisRetryPolicy()
        policy.reserve = 1
        var bench = Bench(isRepeatable: true, policy: policy)
        for _ in 0..<5 {
            _ = bench.fail(server("LOADING"))
            #expect(bench.endPause() == .send)
            bench.machine.succeeded(budget: &bench.budget)
        }
        // One after an unanswered attempt keeps it.
        #expect(bench.fail(lost(written: true)) != .fail(lost(written: true)))
        _ = bench.endPause()
        bench.machine.succeeded(budget: &bench.budget)
        #expect(bench.fail(lost(written: true)) == .fail(lost(written: true)))
    }

    @Test func extremeTimesAndNumbersDoNoHarm() {
        for now in [Int64.min, -1, 0, .max - 1, .max] {
            for random in [Double.nan, .infinity, -1, 0, 2] {
                var bench = Bench(deadline: .max)
                bench.now = now
                bench.random = random
                _ = bench.fail(server("LOADING"))
                _ = bench.endPause()
            }
        }
    }
}
