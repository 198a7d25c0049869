import NIOCore
import Testing

@testable import RecuerdeRedis

@Suite struct ClusterRetries {
    private let node = RedisURL.Endpoint(host: "n", port: 1)
    private let second: Int64 = 1_000_000_000

    private func server(_ text: String) -> RedisError { RedisError(reply: RESPErrorReply(text)) }

    private func lost(mayHaveExecuted: Bool) -> RedisError {
        RedisError(.connectionLost, phase: .reply, mayHaveExecuted: mayHaveExecuted, message: "gone")
    }

    private func again(_ decision: ClusterRetry.Decision) -> (target: ClusterRetry.Target, after: Int64, wants: Bool)? {
        if case .again(let target, let after, let wants) = decision { (target, after, wants) } else { nil }
    }

    private func failure(_ decision: ClusterRetry.Decision) -> RedisError? {
        if case .fail(let error) = decision { error } else { nil }
    }

    @Test func followRedirectsAtOnceButNotForEver() {
        var retry = ClusterRetry(isReadOnly: false, usesMaster: true)
        for round in 0..<8 {
            let step = again(retry.failed(server("MOVED 5 h:\(round + 1)"), at: node, rest: second, random: 0.5))
            #expect(step?.target == .moved(slot: 5, .init(host: "h", port: round + 1)))
            #expect(step?.wants == true)
            #expect((step?.after == 0) == (round < ClusterRetry.promptRedirects))
        }
        let last = failure(retry.failed(server("MOVED 5 h:1"), at: node, rest: 1000, random: 0.5))
        #expect(last?.serverCode == "MOVED" && last?.message.contains("9 attempts") == true)
        var ask = ClusterRetry(isReadOnly: true, usesMaster: true)
        let step = again(ask.failed(server("ASK 7 :9"), at: node, rest: second, random: 0.5))
        #expect(step?.target == .ask(.init(host: "n", port: 9)) && step?.after == 0 && step?.wants == false)
    }

    @Test func readRedirectsAndNothingElse() {
        let redirect = ClusterRedirect(server("MOVED 3999 2001:db8::1:6381"), asked: node)
        #expect(redirect?.endpoint == .init(host: "2001:db8::1", port: 6381) && redirect?.slot == 3999)
        for text in [
            "MOVED", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h", "MOVED 1 h:0", "MOVED 1 h:x", "MOVED 1 ?:1", "ERR",
        ] {
            #expect(ClusterRedirect(server(text), asked: node) == nil, "\(text)")
        }
    }

    @Test(arguments: ["TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN"])
    func waitInStepsFromTenToTwoHundredMilliseconds(code: String) {
        var retry = ClusterRetry(isReadOnly: false, usesMaster: true)
        var rest = 2 * second
        var pauses: [Int64] = []
        while let step = again(retry.failed(server("\(code) wait"), at: node, rest: rest, random: 0.999)) {
            #expect(step.target == .route)
            pauses.append(step.after)
            rest -= step.after
        }
        #expect(pauses.allSatisfy { $0 <= 200_000_000 && $0 >= ClusterRetry.shortestPause })
        #expect(pauses.count > 8 && pauses.count < 30)
        #expect(rest > 0 && rest < 2 * ClusterRetry.shortestPause)
        let error = failure(retry.failed(server("\(code) wait"), at: node, rest: rest, random: 0.5))
        #expect(error?.serverCode == code && error?.phase == .reply && error?.mayHaveExecuted == false)
    }

    @Test func repeatWhatWasNotExecutedAndReads() {
        var write = ClusterRetry(isReadOnly: false, usesMaster: true)
        #expect(again(write.failed(lost(mayHaveExecuted: false), at: node, rest: second, random: 0))?.wants == true)
        #expect(
            failure(write.failed(lost(mayHaveExecuted: true), at: node, rest: second, random: 0))?.mayHaveExecuted
                == true
        )
        var read = ClusterRetry(isReadOnly: true, usesMaster: true)
        #expect(again(read.failed(lost(mayHaveExecuted: true), at: node, rest: second, random: 0))?.target == .route)
        for error in [
            server("WRONGTYPE no"), server("OOM no"), server("CROSSSLOT no"), server("NOPERM no"),
            RedisError(.overloaded, phase: .checking, message: "full"),
            RedisError(.authenticationFailed, phase: .handshake, message: "no"),
        ] {
            var retry = ClusterRetry(isReadOnly: true, usesMaster: true)
            #expect(failure(retry.failed(error, at: node, rest: second, random: 0)) == error)
        }
    }

    @Test func turnFromAReplicaToItsMasterAtOnce() {
        var retry = ClusterRetry(isReadOnly: true, usesMaster: false)
        let step = again(retry.failed(lost(mayHaveExecuted: true), at: node, rest: second, random: 0.5))
        #expect(step?.after == 0 && retry.usesMaster)
        #expect(again(retry.failed(lost(mayHaveExecuted: false), at: node, rest: second, random: 0.5))?.after ?? 0 > 0)
    }

    @Test func nameTheCauseWhenTheTimeHasRunOut() {
        var retry = ClusterRetry(isReadOnly: true, usesMaster: true)
        _ = retry.failed(lost(mayHaveExecuted: true), at: node, rest: second, random: 0)
        let late = RedisError(.deadlineExceeded, phase: .waiting, message: "GET found no connection")
        let error = failure(retry.failed(late, at: node, rest: 0, random: 0))
        #expect(error?.code == .connectionLost && error?.phase == .waiting && error?.mayHaveExecuted == true)
        #expect(error?.message == "GET found no connection; before that: gone")
        var nobody = ClusterRetry(isReadOnly: true, usesMaster: true)
        let refused = RedisError(.connectFailed, phase: .connecting, message: "ECONNREFUSED")
        #expect(again(nobody.nobody(because: refused, rest: second, random: 0))?.wants == true)
        #expect(failure(nobody.nobody(because: refused, rest: 0, random: 0)) == refused)
        let wrong = RedisError(.authenticationFailed, phase: .handshake, message: "WRONGPASS")
        #expect(failure(nobody.nobody(because: wrong, rest: second, random: 0)) == wrong)
    }

    @Test(arguments: ["BUSY", "MISCONF", "NOREPLICAS"])
    func repeatEverythingThatAServerRefusesBeforeItBegins(code: String) {
        var retry = ClusterRetry(isReadOnly: false, usesMaster: true)
        let step = again(retry.failed(server("\(code) no"), at: node, rest: second, random: 0.5))
        #expect(step?.target == .route && step?.wants == false && retry.returnsToken)
    }

    @Test func followRedirectsAndNothingElseWhenRepeatingIsOff() {
        for error in [server("LOADING wait"), lost(mayHaveExecuted: false), lost(mayHaveExecuted: true)] {
            for usesMaster in [true, false] {
                var retry = ClusterRetry(isReadOnly: true, usesMaster: usesMaster, policy: .never)
                #expect(failure(retry.failed(error, at: node, rest: second, random: 0.5)) == error)
            }
        }
        var retry = ClusterRetry(isReadOnly: false, usesMaster: true, policy: .never)
        #expect(again(retry.failed(server("MOVED 5 h:1"), at: node, rest: second, random: 0.5))?.after == 0)
        #expect(again(retry.failed(server("ASK 5 h:1"), at: node, rest: second, random: 0.5))?.after == 0)
        // The node has left the cluster before anything was sent to it.
        let left = RedisError.shutDown("n", phase: .checking)
        #expect(again(retry.failed(left, at: node, rest: second, random: 0.5))?.target == .route)
    }

    @Test func askTheBudgetForAllThatReachedAServerButRedirects() {
        var taken = 0
        func take() -> Bool {
            taken += 1
            return false
        }
        var unanswered = ClusterRetry(isReadOnly: true, usesMaster: true)
        let error = lost(mayHaveExecuted: true)
        #expect(failure(unanswered.failed(error, at: node, rest: second, random: 0.5, take: take)) == error)
        #expect(taken == 1)
        var free = ClusterRetry(isReadOnly: true, usesMaster: true)
        #expect(
            again(free.failed(lost(mayHaveExecuted: false), at: node, rest: second, random: 0.5, take: take)) != nil
        )
        #expect(again(free.failed(server("MOVED 5 h:1"), at: node, rest: second, random: 0.5, take: take)) != nil)
        #expect(taken == 1)
        // A refusal is waited out; the token is taken when there is one, and given back by success.
        var refused = ClusterRetry(isReadOnly: true, usesMaster: true)
        guard
            case .wait(let pause, wantsTopology: false) = refused.failed(
                server("LOADING wait"),
                at: node,
                rest: second,
                random: 0.5,
                take: take
            )
        else { return #expect(Bool(false), "it does not wait") }
        #expect(pause >= ClusterRetry.shortestPause && !refused.returnsToken)
        guard case .wait = refused.waited(rest: second, random: 0.5, take: take) else {
            return #expect(Bool(false), "it does not go on waiting")
        }
        #expect(again(refused.waited(rest: second, random: 0.5, take: { true }))?.after == 0)
        #expect(refused.returnsToken)
        #expect(failure(refused.waited(rest: 0, random: 0.5, take: take))?.serverCode == "LOADING")
    }

    @Test func pauseAsThePolicySays() {
        var policy = RedisRetryPolicy()
        policy.firstPause = .milliseconds(2)
        policy.longestPause = .milliseconds(4)
        var retry = ClusterRetry(isReadOnly: false, usesMaster: true, policy: policy)
        let pauses = (0..<3).map { _ in
            again(retry.failed(server("LOADING wait"), at: node, rest: second, random: 1))?.after
        }
        #expect(pauses == [2_000_000, 4_000_000, 4_000_000])
    }

    @Test func sayOnlyOfWhatWasSeenTwiceThatItIsStillSo() {
        var retry = ClusterRetry(isReadOnly: false, usesMaster: true)
        _ = retry.failed(server("MOVED 5 h:1"), at: node, rest: second, random: 0.5)
        let wrong = server("WRONGTYPE no")
        #expect(failure(retry.failed(wrong, at: node, rest: second, random: 0.5)) == wrong)
        var loading = ClusterRetry(isReadOnly: false, usesMaster: true)
        _ = loading.failed(server("TRYAGAIN x"), at: node, rest: second, random: 0.5)
        let once = failure(loading.failed(server("LOADING x"), at: node, rest: 0, random: 0.5))
        #expect(once == server("LOADING x"))
        let twice = failure(loading.failed(server("LOADING x"), at: node, rest: 0, random: 0.5))
        #expect(twice?.message == "LOADING x (still so after 2 attempts within the deadline)")
    }

    @Test func partsOfASplitCommandAreAsRepeatableAsTheWhole() throws {
        let command = RedisCommand("MSET", "a", "1", "b", "2")
        #expect(try #require(CommandSplit(command)).parts.allSatisfy { !$0.command.isRepeatable })
        #expect(try #require(CommandSplit(command.idempotent())).parts.allSatisfy { $0.command.isRepeatable })
    }

    @Test func splitCommandsAreWholeAgain() throws {
        let command = RedisCommand("MGET", "a", "b", "{a}2", "\r\n*1")
        let arguments = try #require(command.encodedArguments)
        #expect(arguments.map { String(buffer: $0) } == ["a", "b", "{a}2", "\r\n*1"])
        let split = try #require(CommandSplit(command))
        #expect(split.parts.map(\.positions) == [[0, 2], [1], [3]])
        let replies = split.parts.map { part -> Result<RESPValue, RedisError> in
            .success(.array(part.positions.map { .integer($0) }))
        }
        #expect(try split.assemble(replies).get() == .array((0..<4).map { .integer($0) }))
        #expect(throws: RedisError.self) { try split.assemble([replies[0], replies[0], replies[2]]).get() }
        for whole in [
            RedisCommand("MGET", "a"), RedisCommand("MGET", "{a}1", "{a}2"), RedisCommand("GET", "a"),
            RedisCommand("MSET", "a", "1", "b"), RedisCommand("RENAME", "a", "b"), RedisCommand("DEL", arguments: []),
        ] {
            #expect(CommandSplit(whole) == nil)
        }
        let delete = try #require(CommandSplit(RedisCommand("del", "a", "b")))
        #expect(try delete.assemble([.success(.integer(1)), .success(.integer(2))]).get().int == 3)
        let error = #expect(throws: RedisError.self) {
            try delete.assemble([.success(.integer(1)), .failure(server("LOADING x"))]).get()
        }
        #expect(error?.mayHaveExecuted == true && error?.serverCode == "LOADING")
        let write = try #require(CommandSplit(RedisCommand("MSET", "a", "1", "b", "2")))
        #expect(write.parts.map { $0.command.encodedArguments?.count } == [2, 2])
        #expect(try write.assemble([.success(.simple("OK")), .success(.simple("OK"))]).get().string == "OK")
    }
}
