import NIOCore
import NIOSSL
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// What is said before the certificates: names and versions.
@Suite struct NegotiatingTLS {
    /// A server with TLS that notes the names it is called by.
    private static func withServer<Result>(
        _ files: RedisServerOptions.TLSFiles,
        _ body: (_ server: FakeServer, _ names: Shared<[String?]>) async throws -> Result
    ) async throws -> Result {
        let names = Shared<[String?]>([])
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        )
        configuration.sslContextCallback = { values, promise in
            names.change { $0.append(values.serverHostname) }
            promise.succeed(NIOSSLContextConfigurationOverride())
        }
        return try await FakeServer.with(
            tls: try NIOSSLContext(configuration: configuration),
            FakeServer.greeted { _, _ in .bytes("+PONG\r\n") }
        ) { try await body($0, names) }
    }

    /// The name is looked up where the test says; the certificate is made out for two addresses, `localhost` and
    /// `elsewhere.example`.
    @Test(
        arguments: [
            ("elsewhere.example", nil, "elsewhere.example"), ("localhost", nil, "localhost"),
            ("127.0.0.1", nil, nil), ("[::1]", nil, nil), ("127.0.0.1", "elsewhere.example", "elsewhere.example"),
            ("localhost", "elsewhere.example", "elsewhere.example"),
        ] as [(String, String?, String?)]
    )
    func sendsTheNameOfTheHostAndNoneForAnAddress(host: String, configured: String?, sent: String?) async throws {
        let certificates = try TestCertificates()
        // Their files go with the last reference.
        defer { withExtendedLifetime(certificates) {} }
        let files = sent == "elsewhere.example" ? certificates.elsewhere : certificates.server
        try await Self.withServer(files) { server, names in
            let lookup = ScriptedNames()
            for name in [host, "::1"] { lookup.lead(name, to: server.port) }
            try await withClient(
                "rediss://\(host):\(server.port)",
                change: {
                    $0.maximumConnections = 1
                    $0.resolver = lookup.resolver
                    $0.tls.trustRoots = .file(certificates.authority)
                    $0.tls.serverName = configured
                }
            ) { client in
                try await client.connect()
                try await client.ping()
                #expect(names.value == [sent])
            }
        }
    }

    /// What a certificate is made out for is a name here; the address of the server is compared without being configured.
    @Test(arguments: ["127.0.0.1", "::1"]) func refusesAnAddressInPlaceOfAName(name: String) async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        try await Self.withServer(certificates.server) { server, _ in
            try await withClient(
                "rediss://localhost:\(server.port)",
                change: {
                    $0.tls.trustRoots = .file(certificates.authority)
                    $0.tls.serverName = name
                }
            ) { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .tls && error?.phase == .tls)
                #expect(
                    error?.message.contains("an address cannot stand for the name") == true,
                    "\(error?.message ?? "")"
                )
            }
        }
    }

    /// Connects to a real server that offers the given versions only.
    private static func connect(_ versions: String, then body: (RedisClient) async throws -> Void) async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        var options = RedisServerOptions()
        options.tls = certificates.server
        // Without the second line OpenSSL 3 does not even offer what is older than 1.2.
        options.extraLines = ["tls-protocols \"\(versions)\"", "tls-ciphers DEFAULT:@SECLEVEL=0"]
        try await withRedisServer(options) { server in
            try await withClient(
                "rediss://localhost:\(server.tlsPort ?? 0)",
                change: { $0.tls.trustRoots = .file(certificates.authority) },
                body
            )
        }
    }

    @Test(arguments: ["TLSv1.2", "TLSv1.3", "TLSv1.1 TLSv1.2"]) func speaksWhatIsSafe(versions: String) async throws {
        try await Self.connect(versions) { client in
            try await client.connect()
            try await client.ping()
        }
    }

    @Test(arguments: ["TLSv1.1", "TLSv1"]) func refusesWhatIsOutdated(version: String) async throws {
        try await Self.connect(version) { client in
            let error = await redisError { try await client.connect() }
            #expect(error?.code == .tls && error?.phase == .tls)
            #expect(error?.message.contains("no TLS version that both sides allow") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("1.2 or 1.3") == true)
            #expect(error?.mayHaveExecuted == false)
        }
    }
}
