import NIOCore
import Testing

@testable import RecuerdeRedis

/// What the answers to a probe prove.
@Suite struct TrackingProbes {
    private let pong = Result<RESPValue, RedisError>.success(.simple("PONG"))

    private func info(_ flags: String...) -> Result<RESPValue, RedisError> {
        .success(
            .map(
                RESPMap(flat: [
                    .bulk(ByteBuffer(string: "flags")), .set(flags.map { .bulk(ByteBuffer(string: $0)) }),
                    .bulk(ByteBuffer(string: "redirect")), .integer(0),
                ])
            )
        )
    }

    private func refusal(_ text: String) -> Result<RESPValue, RedisError> {
        .failure(RedisError(reply: RESPErrorReply(text)))
    }

    private func outcome(
        _ replies: Result<RESPValue, RedisError>...,
        mode: RedisTrackingConfiguration.Mode = .default(noLoop: true)
    ) -> TrackingProbe.Outcome {
        var probe = TrackingProbe()
        #expect(probe.ask(for: 7).map(\.name) == ["PING", "CLIENT"])
        return probe.answered(replies, mode: mode)
    }

    private func isLost(_ outcome: TrackingProbe.Outcome) -> Bool {
        if case .lost = outcome { true } else { false }
    }

    @Test func proveAConnectionThatAnswersAndIsTracked() throws {
        #expect(outcome(pong, info("on", "noloop")) == .proved(identity: 7))
        #expect(outcome(pong, info("on")) == .proved(identity: 7))
        let broadcast = try RedisTrackingConfiguration.Mode.broadcast(prefixes: [])
        #expect(outcome(pong, info("on", "bcast", "noloop"), mode: broadcast) == .proved(identity: 7))
    }

    @Test func giveUpAConnectionWhoseNoticesDoNotComeAsAskedFor() throws {
        #expect(isLost(outcome(pong, info("off"))))
        #expect(isLost(outcome(pong, info())))
        #expect(isLost(outcome(pong, info("on", "noloop", "broken_redirect"))))
        #expect(isLost(outcome(pong, info("on", "optin"))))
        #expect(isLost(outcome(pong, info("on", "optout"))))
        #expect(isLost(outcome(pong, info("on", "bcast"))))
        #expect(isLost(outcome(pong, info("on"), mode: try .broadcast(prefixes: []))))
    }

    @Test(arguments: [
        "LOADING Redis is loading", "BUSY Redis is busy", "MASTERDOWN Link with MASTER is down", "NOPERM no",
    ])
    func proveNothingByARefusalOfPing(text: String) {
        #expect(outcome(refusal(text), info("on")) == .nothing)
        #expect(outcome(refusal(text), refusal(text)) == .nothing)
    }

    @Test func proveNothingByAServerThatCannotTellNow() {
        #expect(outcome(pong, refusal("LOADING Redis is loading")) == .nothing)
    }

    @Test(arguments: ["NOPERM this user has no permissions", "ERR Unknown subcommand or wrong number of arguments"])
    func goOnWithPingAloneWhereTheServerDoesNotSay(text: String) {
        var probe = TrackingProbe()
        _ = probe.ask(for: 7)
        #expect(probe.answered([pong, refusal(text)], mode: .default(noLoop: true)) == .proved(identity: 7))
        #expect(probe.ask(for: 8).map(\.name) == ["PING"])
        #expect(probe.answered([pong], mode: .default(noLoop: true)) == .proved(identity: 8))
    }

    @Test func takeAnAnswerWithoutFlagsForNone() {
        var probe = TrackingProbe()
        for reply in [RESPValue.simple("OK"), .null, .array([.integer(1)]), .map(RESPMap(flat: []))] {
            probe = TrackingProbe()
            _ = probe.ask(for: 7)
            #expect(probe.answered([pong, .success(reply)], mode: .default(noLoop: true)) == .proved(identity: 7))
            #expect(probe.ask(for: 7).count == 1)
        }
        #expect(probe.answered([], mode: .default(noLoop: true)) == .nothing)
    }

    @Test func inAClusterOnlyANodeThatServesKeysProvesAnything() {
        let exists = Result<RESPValue, RedisError>.success(.integer(0))
        for (reply, isProof) in [
            (exists, true), (refusal("MOVED 1 127.0.0.1:7000"), true), (refusal("NOPERM no permissions"), true),
            (refusal("CLUSTERDOWN The cluster is down"), false), (refusal("LOADING Redis is loading"), false),
        ] {
            var probe = TrackingProbe(isOfCluster: true)
            #expect(probe.ask(for: 7).map(\.name) == ["PING", "EXISTS", "CLIENT"])
            let outcome = probe.answered([pong, reply, info("on")], mode: .default(noLoop: false))
            #expect(outcome == (isProof ? .proved(identity: 7) : .nothing))
            // Also where the server does not tell of tracking.
            _ = probe.answered([pong, exists, refusal("NOPERM no")], mode: .default(noLoop: false))
            #expect(probe.ask(for: 8).map(\.name) == ["PING", "EXISTS"])
            #expect(
                probe.answered([pong, reply], mode: .default(noLoop: false))
                    == (isProof ? .proved(identity: 8) : .nothing)
            )
        }
        var probe = TrackingProbe(isOfCluster: true)
        _ = probe.ask(for: 7)
        #expect(isLost(probe.answered([pong, exists, info("off")], mode: .default(noLoop: false))))
        #expect(probe.answered([pong], mode: .default(noLoop: false)) == .nothing)
    }
}
