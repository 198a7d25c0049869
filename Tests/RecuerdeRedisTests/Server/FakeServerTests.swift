import NIOCore
import Testing

@testable import RecuerdeRedis

@Suite struct OddServers {
    @Test func withoutHelloAreSpokenToInTheOldProtocol() async throws {
        try await FakeServer.with { _, words in
            switch words.first {
            case "HELLO": .bytes("-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n")
            case "INFO": .bytes("$21\r\nredis_version:4.0.14\r\n\r\n".replacing("$21", with: "$22"))
            case "GET": .bytes("$-1\r\n")
            case "HGETALL": .bytes("*2\r\n$1\r\na\r\n$1\r\nb\r\n")
            default: .bytes("+OK\r\n")
            }
        } _: { server in
            try await withClient(server.url.replacing("redis://", with: "redis://:pw@") + "/2") { client in
                let absent = try await client.send(RedisCommand("GET", "k"))
                #expect(absent == .null)
                let map = try await client.send(RedisCommand("HGETALL", "h"))
                #expect(map.pairs?["a"]?.string == "b")
                #expect(client.state.server?.protocolVersion == 2)
                #expect(client.state.server?.version == "4.0.14")
                #expect(server.handshakes.contains(["AUTH", "pw"]))
                #expect(server.handshakes.contains(["SELECT", "2"]))
            }
        }
    }

    @Test func thatNeverAnswerHelloFailTheConnectByItsTimeout() async throws {
        try await FakeServer.with { _, _ in
            .nothing
        } _: { server in
            try await withClient(server.url, change: { $0.connectTimeout = .milliseconds(100) }) { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .connectFailed)
                #expect(error?.phase == .handshake)
                #expect(error?.message.contains("HELLO") == true)
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"), ("\u{15}\u{3}\u{1}\u{0}\u{2}", "TLS"), ("hello\r\n", "0x68"),
        ("$9223372036854775807\r\n", "larger"), ("%9223372036854775807\r\n", "elements"),
    ]) func thatAreNoRedisAreNamed(text: String, word: String) async throws {
        try await FakeServer.with { _, _ in
            .last(text)
        } _: { server in
            try await withClient(server.url) { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .protocolViolation)
                #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test func thatAreFullSaySoInTheirWords() async throws {
        try await FakeServer.with { _, _ in
            .last("-ERR max number of clients reached\r\n")
        } _: { server in
            try await withClient(server.url, change: { $0.commandTimeout = .seconds(2) }) { client in
                let error = await redisError { try await client.send(RedisCommand("GET", "k")) }
                #expect(error?.code == .connectFailed)
                #expect(error?.message.contains("max number of clients reached") == true)
                #expect(error?.mayHaveExecuted == false)
            }
        }
    }

    @Test(arguments: ["+extra\r\n", "+extra\r\n+more\r\n", "$3\r\nabc\r\n:1\r\n"])
    func thatSendUnaskedRepliesAreLeftAndNoReplyIsMisplaced(extra: String) async throws {
        let script = FakeServer.greeted { connection, words in
            let reply = "$\(words[1].utf8.count)\r\n\(words[1])\r\n"
            return .bytes(connection == 0 ? reply + extra : reply)
        }
        try await FakeServer.with(script) { server in
            try await withClient(server.url, change: { $0.maximumConnections = 1 }) { client in
                for index in 0..<20 {
                    // A command may be lost with the connection; a wrong reply it must not get.
                    let reply = try? await client.send(RedisCommand("ECHO", "word \(index)"))
                    #expect(reply == nil || reply?.string == "word \(index)")
                }
                let last = try await client.send(RedisCommand("ECHO", "last"))
                #expect(last.string == "last")
                #expect(server.connections == 2)
            }
        }
    }

    @Test func thatSendAttributesAndPushesDoNotShiftReplies() async throws {
        let pushes = Shared<[[RESPValue]]>([])
        let script = FakeServer.greeted { _, words in
            .bytes(
                ">2\r\n+invalidate\r\n_\r\n|1\r\n+ttl\r\n:5\r\n$\(words[1].utf8.count)\r\n\(words[1])\r\n>1\r\n+unknown\r\n"
            )
        }
        try await FakeServer.with(script) { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.onPush = { push in pushes.change { $0.append(push) } }
                }
            ) { client in
                for index in 0..<20 {
                    let reply = try await client.send(RedisCommand("ECHO", "word \(index)"))
                    #expect(reply.string == "word \(index)")
                }
                #expect(server.connections == 1)
                let seen = pushes.value
                #expect(seen.contains([.simple("invalidate"), .null]))
                #expect(seen.contains([.simple("unknown")]))
            }
        }
    }

    @Test func thatEndInTheMiddleOfAValueDeliverNothingOfIt() async throws {
        let script = FakeServer.greeted { connection, _ in
            connection == 0 ? .last("$100\r\nhalf") : .bytes("+whole\r\n")
        }
        try await FakeServer.with(script) { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    // Else the read would be repeated.
                    $0.retry = .never
                }
            ) { client in
                let error = await redisError { try await client.send(RedisCommand("GET", "k")) }
                #expect(error?.code == .connectionLost)
                #expect(error?.mayHaveExecuted == true)
                let next = try await client.send(RedisCommand("GET", "k"))
                #expect(next == .simple("whole"))
            }
        }
    }

    @Test func thatLoseAnAnswerDoNotGetTheCommandTwice() async throws {
        let script = FakeServer.greeted { _, words in words[0] == "INCR" ? .last("") : .bytes("+PONG\r\n") }
        try await FakeServer.with(script) { server in
            try await withClient(server.url, change: { $0.maximumConnections = 1 }) { client in
                let error = await redisError { try await client.send(RedisCommand("INCR", "n")) }
                #expect(error?.code == .connectionLost)
                #expect(error?.mayHaveExecuted == true)
                try await client.ping()
                #expect(server.commands.filter { $0 == ["INCR", "n"] }.count == 1)
            }
        }
    }

    @Test func thatCloseAfterAReplyAreConnectedToAgainWithoutAnError() async throws {
        let lost = Shared(0)
        let script = FakeServer.greeted { connection, _ in connection == 0 ? .last("+first\r\n") : .bytes("+next\r\n") }
        try await FakeServer.with(script) { server in
            try await withClient(
                server.url,
                change: { $0.maximumConnections = 1 },
                onStateChange: { state in if state.status == .lost { lost.change { $0 += 1 } } }
            ) { client in
                let first = try await client.send(RedisCommand("GET", "k"))
                #expect(first == .simple("first"))
                try await until { lost.value == 1 }
                let next = try await client.send(RedisCommand("GET", "k"))
                #expect(next == .simple("next"))
            }
        }
    }

    @Test func thatAreClusterNodesAreNoticed() async throws {
        let greeting = "%3\r\n+version\r\n+7.0.0\r\n+proto\r\n:3\r\n+mode\r\n+cluster\r\n"
        try await FakeServer.with { _, words in
            .bytes(words[0] == "HELLO" ? greeting : "+OK\r\n")
        } _: { server in
            try await withClient(server.url) { client in
                try await client.connect()
                #expect(client.state.server?.isClusterNode == true)
            }
        }
    }

    @Test func thatKnowNoHelloAndWantAPasswordRefuseWhoHasNone() async throws {
        try await FakeServer.with { _, words in
            switch words[0] {
            case "HELLO": .bytes("-ERR unknown command 'HELLO'\r\n")
            default: .bytes("-NOAUTH Authentication required.\r\n")
            }
        } _: { server in
            try await withClient(server.url) { client in
                let error = await #expect(throws: RedisError.self) { try await client.connect() }
                #expect(error?.code == .authenticationFailed)
            }
        }
    }
}
