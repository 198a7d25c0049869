import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct LettingIn {
    @Test func byPassword() async throws {
        var options = RedisServerOptions()
        options.password = "s3cret \"\\ ñ@:/"
        try await withRedisServer(options) { server in
            let right = "redis://:s3cret%20%22%5C%20%C3%B1%40%3A%2F@127.0.0.1:\(server.port)"
            try await withClient(right) { try await $0.ping() }
            try await withClient("redis://default:s3cret%20%22%5C%20%C3%B1%40%3A%2F@127.0.0.1:\(server.port)") {
                client in
                try await client.ping()
            }
        }
    }

    @Test(arguments: [":hunter2@", "nobody:hunter2@", ""])
    func isRefusedWithTheServersWordsAndWithoutThePassword(credentials: String) async throws {
        var options = RedisServerOptions()
        options.password = "right"
        try await withRedisServer(options) { server in
            try await withClient(
                "redis://\(credentials)127.0.0.1:\(server.port)",
                change: { $0.commandTimeout = .seconds(2) }
            ) { client in
                let connect = await redisError { try await client.connect() }
                let command = await redisError { try await client.send(RedisCommand("GET", "k")) }
                for error in [connect, command] {
                    #expect(error?.code == .authenticationFailed)
                    #expect(error?.serverCode == (credentials.isEmpty ? "NOAUTH" : "WRONGPASS"))
                    #expect(error?.description.contains("hunter2") == false)
                    #expect(error?.mayHaveExecuted == false)
                }
                #expect(client.state.status == .lost)
                #expect(client.state.lastError?.code == .authenticationFailed)
            }
        }
    }

    @Test func asAUserWithFewRights() async throws {
        var options = RedisServerOptions()
        options.users = ["alice on >wonder ~app:* resetchannels -@all +get +set +ping +hello +client"]
        try await withRedisServer(options) { server in
            try await withClient("redis://alice:wonder@127.0.0.1:\(server.port)") { client in
                _ = try await client.send(RedisCommand("SET", "app:k", "v"))
                let key = await redisError { try await client.send(RedisCommand("GET", "other:k")) }
                #expect(key?.serverCode == "NOPERM")
                let command = await redisError { try await client.send(RedisCommand("FLUSHALL", key: nil)) }
                #expect(command?.serverCode == "NOPERM")
                let kept = try await client.send(RedisCommand("GET", "app:k"))
                #expect(kept.string == "v")
            }
        }
    }

    @Test func withCredentialsThatAreAskedForAtEachConnect() async throws {
        var options = RedisServerOptions()
        options.password = "first"
        options.keepsData = true
        let password = Shared("first")
        try await withRedisServer(options) { server in
            try await withClient(
                "redis://:outdated@127.0.0.1:\(server.port)",
                change: { $0.credentials = { RedisCredentials(password: password.value) } }
            ) { client in
                try await client.ping()
                try server.command("ACL", "SETUSER", "default", "resetpass", ">second")
                password.change { $0 = "second" }
                try server.command(["CLIENT", "KILL", "TYPE", "normal"], password: "second")
                try await eventually { try await client.ping() }
            }
        }
    }

    @Test func failsWhenNobodyKnowsTheCredentials() async throws {
        struct Vault: Error {}
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.credentials = { throw Vault() } }) { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .authenticationFailed)
                #expect(error?.phase == .credentials)
            }
        }
    }

    @Test func throughAUnixSocket() async throws {
        var options = RedisServerOptions()
        options.unixSocket = true
        try await withRedisServer(options) { server in
            try await withClient("redis+unix://\(server.socketPath)?db=2") { client in
                _ = try await client.send(RedisCommand("SET", "k", "v"))
                let keyspace = try server.command("INFO", "keyspace")
                #expect(keyspace.contains("db2:keys=1"))
            }
            try await withClient("redis+unix://\(server.directory)/absent.sock") { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .connectFailed)
                #expect(error?.message.contains("ENOENT") == true, "\(error?.message ?? "")")
            }
        }
    }
}

@Suite struct ConnectingWithTLS {
    private func error(
        _ files: (TestCertificates) -> RedisServerOptions.TLSFiles,
        host: String = "localhost",
        change: (inout RedisTLSConfiguration, TestCertificates) -> Void = { $0.trustRoots = .file($1.authority) }
    ) async throws -> RedisError? {
        let certificates = try TestCertificates()
        // Their files go with the last reference, and are needed until the client has connected.
        defer { withExtendedLifetime(certificates) {} }
        var options = RedisServerOptions()
        options.tls = files(certificates)
        return try await withRedisServer(options) { server in
            try await withClient("rediss://\(host):\(server.tlsPort ?? 0)", change: { change(&$0.tls, certificates) }) {
                client in
                let error = await redisError { try await client.connect() }
                if error == nil { try await client.ping() }
                return error
            }
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1"]) func worksWithATrustedCertificate(host: String) async throws {
        let error = try await error({ $0.server }, host: host)
        #expect(error == nil)
    }

    @Test func namesAnUnknownAuthority() async throws {
        let error = try await error({ $0.server }, change: { $0.trustRoots = .file($1.stranger) })
        #expect(error?.code == .tls)
        #expect(error?.message.contains("unknown CA") == true, "\(error?.message ?? "")")
        let system = try await self.error({ $0.server }, change: { _, _ in })
        #expect(system?.message.contains("unknown CA") == true, "\(system?.message ?? "")")
    }

    @Test func namesAnExpiredCertificate() async throws {
        let error = try await error { $0.expired }
        #expect(error?.code == .tls)
        #expect(error?.message.contains("expired") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: ["localhost", "127.0.0.1"]) func namesAWrongHostName(host: String) async throws {
        let error = try await error({ $0.elsewhere }, host: host)
        #expect(error?.code == .tls)
        #expect(error?.message.contains("another name") == true, "\(error?.message ?? "")")
    }

    @Test func takesAnotherNameIfItIsConfigured() async throws {
        let error = try await error(
            { $0.elsewhere },
            change: {
                $0.trustRoots = .file($1.authority)
                $0.serverName = "elsewhere.example"
            }
        )
        #expect(error == nil)
    }

    @Test func showsItsCertificateToAServerThatAsks() async throws {
        let asking: (TestCertificates) -> RedisServerOptions.TLSFiles = {
            var files = $0.server
            files.asksClients = true
            return files
        }
        let shown = try await error(
            asking,
            change: {
                $0.trustRoots = .file($1.authority)
                $0.certificateChain = .file($1.client.certificate)
                $0.privateKey = .file($1.client.key)
            }
        )
        #expect(shown == nil)
        let hidden = try await error(asking)
        #expect(hidden?.code == .tls)
        #expect(hidden?.message.contains("it asks for a client certificate and none is configured") == true)
        #expect(hidden?.message.contains("use rediss://") == false)
    }

    @Test func namesFilesThatCannotBeUsed() async throws {
        let absent = try await error({ $0.server }, change: { tls, _ in tls.trustRoots = .file("/nowhere/ca.pem") })
        #expect(absent?.code == .tls)
        #expect(absent?.message.contains("/nowhere/ca.pem") == true)
        let garbage = try await error({ $0.server }, change: { tls, _ in tls.trustRoots = .pem(Array("garbage".utf8)) })
        #expect(garbage?.code == .tls)
        let halves = try await error(
            { $0.server },
            change: {
                $0.trustRoots = .file($1.authority)
                $0.privateKey = .file($1.client.key)
            }
        )
        #expect(halves?.message.contains("together") == true)
    }

    @Test func noticesThePlainPort() async throws {
        try await withRedisServer { server in
            // A server that speaks plainly waits for the end of what looks like a line, and says nothing.
            try await withClient(
                "rediss://localhost:\(server.port)",
                change: { $0.connectTimeout = .seconds(1) }
            ) { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .tls)
                #expect(error?.message.contains("TLS") == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test func noticesTheTLSPortWhenSpeakingPlain() async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        var options = RedisServerOptions()
        options.tls = certificates.server
        try await withRedisServer(options) { server in
            try await withClient("redis://127.0.0.1:\(server.tlsPort ?? 0)") { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.message.contains("rediss://") == true, "\(error?.message ?? "")")
            }
        }
    }
}
