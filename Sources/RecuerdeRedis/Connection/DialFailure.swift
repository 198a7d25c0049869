import NIOCore
import NIOPosix
import NIOSSL

/// Puts into words why a connection could not be made.
struct DialFailure {
    let address: String
    let phase: RedisError.Phase
    /// Whether the URL asks for TLS.
    let usesTLS: Bool

    func describe(_ error: (any Error)?) -> RedisError {
        if let error = error as? RedisError { return error }
        // Under TLS 1.3 a server refuses a client's certificate, or the lack of one, after the client's own handshake.
        if phase == .tls || (usesTLS && Self.isAboutTLS(error)) {
            // A server that ends while it is connected to says nothing about TLS, and may soon be there again.
            return RedisError(
                Self.isAboutTheEnd(error) ? .connectFailed : .tls,
                phase: phase,
                message: "no TLS with \(address): \(Self.tlsWords(error))"
            )
        }
        let words = error.map(Self.words) ?? "the server closed the connection"
        // Redis resets the connection of a client that speaks plainly on its port for TLS.
        let hint =
            phase == .handshake && !usesTLS
            ? " in reply to the handshake; if this is its port for TLS, use rediss://" : ""
        return RedisError(
            .connectFailed,
            phase: phase,
            message: "cannot connect to \(address): \(words)\(hint)",
            isClosedPort: phase == .connecting && Self.isAboutAClosedPort(error)
        )
    }

    /// What has not come where an attempt takes too long.
    static func silence(in phase: RedisError.Phase, of url: RedisURL) -> String {
        switch phase {
        case .credentials: "the credentials provider did not answer"
        case .tls: "the server did not answer in TLS; use redis:// or its port for TLS"
        case .handshake: "the server did not answer the handshake (HELLO)"
        default:
            TLSContext.isName(url.host)
                ? "the host name was not looked up, or the connection not accepted" : "the connection was not accepted"
        }
    }

    /// True if the reason lies in the server's certificate and BoringSSL does not tell which.
    static func isAboutCertificate(_ error: (any Error)?) -> Bool {
        error.map { String(describing: $0).contains("CERTIFICATE_VERIFY_FAILED") } ?? false
    }

    /// True if the peer has gone rather than objected to something.
    private static func isAboutTheEnd(_ error: (any Error)?) -> Bool {
        guard let error else { return true }
        if error is IOError || error is ChannelError { return true }
        if case NIOSSLError.uncleanShutdown? = error as? NIOSSLError { return true }
        return String(describing: error).contains("EOF during handshake")
    }

    /// True if every address was tried and none listens.
    private static func isAboutAClosedPort(_ error: (any Error)?) -> Bool {
        switch error {
        case let error as NIOConnectionError:
            !error.connectionErrors.isEmpty && error.connectionErrors.allSatisfy { isAboutAClosedPort($0.error) }
        case let error as IOError: ErrorNumber.isClosedPort(error.errnoCode)
        default: false
        }
    }

    private static func isAboutTLS(_ error: (any Error)?) -> Bool {
        if case NIOSSLError.uncleanShutdown? = error as? NIOSSLError { return false }
        return error is NIOSSLError || error is BoringSSLError
    }

    static func words(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return words(first.error) }
            return "the host name is unknown (name lookup failed)"
        case let error as IOError:
            return "\(ErrorNumber.name(error.errnoCode))"
        case let error as ChannelError:
            if case .connectTimeout = error { return "it timed out" }
            return "\(error)"
        case let error as NIOSSLError:
            if case .uncleanShutdown = error { return "the server closed it" }
            return "\(error)"
        default:
            return "\(error)"
        }
    }

    private static func tlsWords(_ error: (any Error)?) -> String {
        guard let error else { return "the server closed the connection; is this its port for TLS?" }
        let text = String(describing: error)
        let versions = "there is no TLS version that both sides allow; this side speaks 1.2 or 1.3"
        let known: [(String, String)] = [
            ("CERTIFICATE_VERIFY_FAILED", "its certificate cannot be trusted"),
            ("WRONG_VERSION_NUMBER", "the server does not speak TLS on this port; use redis:// or its port for TLS"),
            ("failedToValidateHostname", "its certificate is made out for another name"),
            ("serverHostnameImpossibleToMatch", "the host name can match no certificate"),
            ("CERTIFICATE_REQUIRED", "it asks for a client certificate and none is configured"),
            ("UNKNOWN_CA", "it does not trust the client certificate"),
            ("UNSUPPORTED_PROTOCOL", versions), ("ALERT_PROTOCOL_VERSION", versions),
            ("EOF during handshake", "the server closed the connection; is this its port for TLS?"),
            ("Connection reset", "the server reset the connection; is this its port for TLS?"),
        ]
        return known.first { text.contains($0.0) }?.1 ?? reason(in: text) ?? text
    }

    /// The word that BoringSSL has for it, without the numbers and the path of its source that stand around it.
    private static func reason(in text: String) -> String? {
        guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return nil }
        let word = text[mark.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return word.isEmpty ? nil : String(word)
    }
}
