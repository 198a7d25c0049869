/// How the client checks the server, and how it shows itself, on `rediss://` connections.
///
/// Certificate and host name are always verified; there is no way to switch that off.
public struct RedisTLSConfiguration: Sendable, Hashable {
    /// Where certificates and keys come from: a file, or PEM text at hand.
    public struct Source: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case file(String)
            case pem([UInt8])
        }

        let kind: Kind

        /// A PEM file, read when the client connects.
        public static func file(_ path: String) -> Source { Source(kind: .file(path)) }

        /// PEM text.
        public static func pem(_ bytes: [UInt8]) -> Source { Source(kind: .pem(bytes)) }
    }

    /// The certificates that the server's must lead to; nil means the system's.
    public var trustRoots: Source?
    /// The client's own certificate chain, for servers that ask for one.
    public var certificateChain: Source?
    /// The key of the client's own certificate.
    public var privateKey: Source?
    /// The name that the server's certificate must carry, if it is not the URL's host. Also sent as SNI.
    public var serverName: String?

    /// Makes a configuration that trusts the system's roots and shows no certificate.
    public init() {}
}

extension RedisTLSConfiguration.Source: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The path of a file; of PEM text, which may be a key, nothing.
    public var description: String {
        switch kind {
        case .file(let path): "file(\(path))"
        case .pem: "pem(****)"
        }
    }

    /// As `description`.
    public var debugDescription: String { description }

    /// As `description`.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
