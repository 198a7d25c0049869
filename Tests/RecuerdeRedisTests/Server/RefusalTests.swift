import NIOCore
import NIOSSL
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite struct Refusals {
    @Test(arguments: ["-NOPROTO unsupported protocol version\r\n", "+OK\r\n", "*0\r\n", "$-1\r\n", ":7\r\n"])
    func ofHelloLeadToTheOldProtocolWithPasswordDatabaseAndName(answer: String) async throws {
        try await FakeServer.with { _, words in
            switch words.first {
            case "HELLO": .bytes(answer)
            case "INFO": .bytes("$22\r\nredis_version:5.0.14\r\n\r\n")
            default: .bytes("+OK\r\n")
            }
        } _: { server in
            let url = server.url.replacing("redis://", with: "redis://user:pw@") + "/2"
            try await withClient(url, change: { $0.clientName = "me" }) { client in
                try await client.connect()
                #expect(client.state.server?.protocolVersion == 2)
                #expect(server.handshakes.contains(["AUTH", "user", "pw"]))
                #expect(server.handshakes.contains(["SELECT", "2"]))
                #expect(server.handshakes.contains(["CLIENT", "SETNAME", "me"]))
            }
        }
    }

    @Test func forWantOfAPasswordAreNotTriedAgainInTheOldProtocol() async throws {
        try await FakeServer.with { _, _ in
            .bytes("-NOAUTH Authentication required.\r\n")
        } _: { server in
            try await withClient(server.url, change: { $0.commandTimeout = .milliseconds(500) }) { client in
                let error = await redisError { try await client.send(RedisCommand("GET", "k")) }
                #expect(error?.code == .authenticationFailed)
                #expect(error?.message.contains("none is configured") == true)
                #expect(server.handshakes.allSatisfy { $0.first == "HELLO" })
                // Callers that go on asking do not make it dial: it has said no.
                for _ in 0..<200 { _ = try? await client.send(RedisCommand("GET", "k"), timeout: .milliseconds(1)) }
                #expect(server.connections <= 3)
            }
        }
    }

    @Test(arguments: [
        "-ERR Client sent AUTH, but no password is set\r\n",
        "-ERR AUTH <password> called without any password configured for the default user.\r\n",
    ]) func ofAPasswordThatNobodyAskedForSayWhatToDo(answer: String) async throws {
        try await FakeServer.with { _, words in
            .bytes(words.first == "HELLO" ? "-ERR unknown command 'HELLO'\r\n" : answer)
        } _: { server in
            try await withClient(server.url.replacing("redis://", with: "redis://:hunter2@")) { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .authenticationFailed)
                #expect(error?.message.contains("remove the password") == true, "\(error?.message ?? "")")
                #expect(error?.description.contains("hunter2") == false)
            }
        }
    }

    @Test func nobodyIsRefusedForAPasswordByARealServerWithoutOne() async throws {
        try await withRedisServer { server in
            // Since version 6 such a server lets the user `default` in with any password.
            try await withClient("redis://:any@127.0.0.1:\(server.port)") { try await $0.ping() }
        }
    }

    @Test func neverPutThePasswordIntoTheLog() async throws {
        let log = LogText()
        var options = RedisServerOptions()
        options.password = "right"
        try await withRedisServer(options) { server in
            for password in ["hunter2", "right"] {
                var configuration = RedisConfiguration(
                    url: try RedisURL("redis://:\(password)@127.0.0.1:\(server.port)")
                )
                configuration.commandTimeout = password == "right" ? .seconds(10) : .milliseconds(500)
                let client = RedisClient(configuration: configuration, logger: log.logger)
                let error = await redisError { try await client.send(RedisCommand("SET", "key7", "value7")) }
                #expect((error == nil) == (password == "right"))
                await client.shutdown()
            }
        }
        #expect(log.text.contains("redis_dial_failed"))
        #expect(log.text.contains("redis_connection_open"))
        for secret in ["hunter2", "right", "key7", "value7"] { #expect(!log.text.contains(secret)) }
    }

    @Test func ofAUnixSocketAreNamed() {
        let failure = DialFailure(address: "/run/redis.sock", phase: .connecting, usesTLS: false)
            .describe(IOError(errnoCode: 13, reason: "connect"))
        #expect(failure.code == .connectFailed)
        #expect(failure.message.contains("EACCES"))
        #expect(failure.message.contains("/run/redis.sock"))
    }

    /// So that a cluster or a sentinel client looks for another server, as it does without TLS.
    @Test(
        arguments: [
            (IOError(errnoCode: ECONNRESET, reason: "read"), true),
            (NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])), true),
            (NIOSSLError.uncleanShutdown, true),
            (NIOSSLExtraError.failedToValidateHostname, false),
            (NIOSSLError.handshakeFailed(.sslError([])), false),
        ] as [(any Error, Bool)]
    )
    func byTheEndOfAServerDuringTheHandshakeOfTLSAreNoFaultOfTLS(error: any Error, isAboutTheEnd: Bool) {
        let failure = DialFailure(address: "redis:6380", phase: .tls, usesTLS: true).describe(error)
        #expect(failure.code == (isAboutTheEnd ? .connectFailed : .tls), "\(failure)")
        #expect(failure.phase == .tls)
        #expect(failure.message.contains("no TLS with redis:6380"))
    }

    @Test func byAFullServerAreKeptAndPass() async throws {
        try await withRedisServer { server in
            try server.command("CONFIG", "SET", "maxclients", "1")
            let url = server.url
            try await withClient(url, change: { $0.maximumConnections = 1 }) { first in
                try await first.ping()
                try await withClient(url, change: { $0.maximumConnections = 1 }) { second in
                    // Now and then the kernel throws the server's words away with the connection.
                    try await until {
                        let error = await redisError { try await second.connect() }
                        #expect(error?.code == .connectFailed)
                        return error?.message.contains("max number of clients reached") == true
                    }
                    _ = try await first.send(RedisCommand("CONFIG", "SET", "maxclients", 100, key: nil))
                    try await eventually { try await second.ping() }
                }
            }
        }
    }
}
