import NIOCore
import NIOSSL

/// Turns the settings for TLS into what BoringSSL wants.
enum TLSContext {
    /// Reads files: call it off the event loop.
    static func make(_ settings: RedisTLSConfiguration) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .fullVerification
        configuration.minimumTLSVersion = .tlsv12
        // How long a peer that may be frozen is waited for at the end; `shutdown()` has a bound of its own to keep.
        configuration.shutdownTimeout = .milliseconds(250)
        if let roots = settings.trustRoots {
            let certificates = try certificates(roots, what: "CA certificates")
            configuration.trustRoots = .certificates(certificates)
        }
        guard (settings.certificateChain == nil) == (settings.privateKey == nil) else {
            throw unusable("a client certificate and its key must be configured together")
        }
        if let chain = settings.certificateChain, let key = settings.privateKey {
            configuration.certificateChain = try certificates(chain, what: "client certificate").map {
                .certificate($0)
            }
            configuration.privateKey = .privateKey(try privateKey(key))
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw unusable("the certificates cannot be used together: does the key belong to the certificate?")
        }
    }

    static func certificates(_ source: RedisTLSConfiguration.Source, what: String) throws -> [NIOSSLCertificate] {
        let certificates: [NIOSSLCertificate]
        do {
            switch source.kind {
            case .file(let path): certificates = try NIOSSLCertificate.fromPEMFile(path)
            case .pem(let bytes): certificates = try NIOSSLCertificate.fromPEMBytes(bytes)
            }
        } catch {
            throw unusable("the \(what) cannot be read as PEM\(place(source))")
        }
        guard !certificates.isEmpty else { throw unusable("the \(what) hold no certificate\(place(source))") }
        return certificates
    }

    static func privateKey(_ source: RedisTLSConfiguration.Source) throws -> NIOSSLPrivateKey {
        do {
            switch source.kind {
            case .file(let path): return try NIOSSLPrivateKey(file: path, format: .pem)
            case .pem(let bytes): return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
            }
        } catch {
            throw unusable("the client key cannot be read as PEM\(place(source))")
        }
    }

    private static func place(_ source: RedisTLSConfiguration.Source) -> String {
        if case .file(let path) = source.kind { " (file \(path))" } else { "" }
    }

    static func unusable(_ message: String) -> RedisError {
        RedisError(.tls, phase: .tls, message: message)
    }

    /// The name for SNI and verification; nil for an address, which is then looked for in the certificate.
    static func serverName(_ configuration: RedisConfiguration) -> String? {
        if let name = configuration.tls.serverName { return name }
        let host = configuration.url.host
        return isName(host) ? host : nil
    }

    /// False for an address, and for no host at all.
    static func isName(_ host: String) -> Bool {
        !host.isEmpty && (try? SocketAddress(ipAddress: host, port: 0)) == nil
    }

    /// What is configured in place of the host's name must be a name: of addresses only that of the server itself is compared.
    static func checkName(_ settings: RedisTLSConfiguration) throws(RedisError) {
        guard let name = settings.serverName, !isName(name) else { return }
        throw unusable(
            "an address cannot stand for the name that the server's certificate must carry; without one, the "
                + "server's own address is looked for in it"
        )
    }
}
