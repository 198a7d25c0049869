import NIOCore
import Testing

@testable import RecuerdeRedis

/// The words of commands, one string each.
private func words(_ commands: [RedisCommand]) -> [String] {
    commands.map { command in
        var parser = RESPParser(limits: .init(replyBytes: 1 << 16, depth: 4))
        parser.append(command.encoded)
        let value = try? parser.next()
        return (value?.elements ?? []).compactMap(\.string).joined(separator: " ")
    }
}

private func error(_ text: String) -> RESPValue { .error(RESPErrorReply(text)) }

private func bulk(_ text: String) -> RESPValue { .bulk(ByteBuffer(string: text)) }

private let greeting = RESPValue.map(
    RESPMap([
        (bulk("server"), bulk("redis")), (bulk("version"), bulk("7.0.15")), (bulk("proto"), .integer(3)),
        (bulk("mode"), bulk("cluster")), (bulk("role"), bulk("master")),
    ])
)

@Suite struct Handshakes {
    private static let names = [
        "CLIENT SETINFO LIB-NAME recuerde", "CLIENT SETINFO LIB-VER \(Handshake.libraryVersion)",
    ]

    @Test func sayHelloWithCredentialsAndThenTheRest() {
        var handshake = Handshake(
            .init(
                credentials: RedisCredentials(username: "u", password: "p"),
                database: 3,
                clientName: "me",
                address: "h:1"
            )
        )
        #expect(words(handshake.start()) == ["HELLO 3 AUTH u p"])
        guard case .send(let commands) = handshake.received(greeting) else {
            Issue.record("nothing sent")
            return
        }
        #expect(words(commands) == ["SELECT 3", "CLIENT SETNAME me"] + Self.names)
        for reply in [RESPValue.simple("OK"), .simple("OK"), error("ERR unknown subcommand")] {
            guard case .wait = handshake.received(reply) else {
                Issue.record("does not wait")
                return
            }
        }
        guard case .done(let facts) = handshake.received(error("NOPERM no")) else {
            Issue.record("not done")
            return
        }
        #expect(
            facts.version == "7.0.15" && facts.protocolVersion == 3 && facts.isClusterNode && facts.role == "master"
        )
    }

    @Test(arguments: [
        error("ERR unknown command `HELLO`, with args beginning with: `3`"), error("NOPROTO unsupported"),
        .simple("OK"), .array([]), .null,
    ]) func fallBackToTheOldProtocol(reply: RESPValue) {
        var handshake = Handshake(
            .init(credentials: RedisCredentials(password: "p"), database: 1, clientName: nil, address: "h:1")
        )
        _ = handshake.start()
        guard case .send(let commands) = handshake.received(reply) else {
            Issue.record("nothing sent")
            return
        }
        #expect(words(commands) == ["AUTH p", "SELECT 1"] + Self.names + ["INFO server"])
        for _ in 0..<4 { _ = handshake.received(.simple("OK")) }
        guard
            case .done(let facts) = handshake.received(
                bulk("# Server\r\nredis_version:5.0.1\r\nredis_mode:standalone\r\n")
            )
        else {
            Issue.record("not done")
            return
        }
        #expect(facts == RedisServerFacts(version: "5.0.1", server: "redis", protocolVersion: 2, mode: "standalone"))
    }

    @Test(arguments: [
        ("NOAUTH HELLO must be called with the client already authenticated", RedisError.Code.authenticationFailed),
        ("WRONGPASS invalid username-password pair or user is disabled.", .authenticationFailed),
        ("ERR max number of clients reached", .connectFailed),
        ("DENIED Redis is running in protected mode", .connectFailed),
        ("LOADING Redis is loading the dataset in memory", .connectFailed),
    ]) func failWithTheServersWordsAndNoSecondAttempt(text: String, code: RedisError.Code) {
        var handshake = Handshake(.init(credentials: RedisCredentials(password: "hunter2"), address: "h:1"))
        _ = handshake.start()
        guard case .fail(let failure) = handshake.received(error(text)) else {
            Issue.record("does not fail")
            return
        }
        #expect(failure.code == code)
        #expect(failure.serverCode == text.split(separator: " ").first.map(String.init))
        #expect(failure.message.contains(text))
        #expect(!failure.description.contains("hunter2"))
        #expect(failure.phase == .handshake)
    }

    @Test func failWhenTheOldPasswordOrTheDatabaseIsRefused() {
        var handshake = Handshake(.init(credentials: RedisCredentials(password: "p"), database: 99, address: "h:1"))
        _ = handshake.start()
        _ = handshake.received(error("NOPROTO no"))
        guard case .fail(let auth) = handshake.received(error("ERR invalid password")) else {
            Issue.record("does not fail")
            return
        }
        #expect(auth.code == .authenticationFailed)
        guard case .fail(let select) = handshake.received(error("ERR DB index is out of range")) else {
            Issue.record("does not fail")
            return
        }
        #expect(select.code == .connectFailed)
    }

    @Test func failOnAReplyThatNobodyAskedFor() {
        var handshake = Handshake(.init(address: "h:1"))
        guard case .fail(let failure) = handshake.received(.null) else {
            Issue.record("does not fail")
            return
        }
        #expect(failure.code == .protocolViolation)
    }
}
