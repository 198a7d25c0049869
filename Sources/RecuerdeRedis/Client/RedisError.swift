/// Why a command was not answered, in words and as a code.
///
/// The description names the command and the server's address, and of itself never a key, a value, a password or a URL. The
/// words of an error reply are the server's; what it repeats of unknown commands is left out.
public struct RedisError: Error, Sendable {
    /// The kinds of failure. More may be added, so a `switch` over them needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, Sendable, CaseIterable {
            case server, connectionLost, connectFailed, deadlineExceeded, protocolViolation, overloaded
            case authenticationFailed, tls, shutDown, invalidCommand
        }

        private let kind: Kind

        /// The server answered with an error; see `serverCode`.
        public static let server = Code(kind: .server)
        /// The connection went away after it had been established.
        public static let connectionLost = Code(kind: .connectionLost)
        /// No connection could be established, for a reason that is neither TLS nor authentication.
        public static let connectFailed = Code(kind: .connectFailed)
        /// The deadline of the command passed.
        public static let deadlineExceeded = Code(kind: .deadlineExceeded)
        /// What arrived is not RESP, or is more than the configured limits allow.
        public static let protocolViolation = Code(kind: .protocolViolation)
        /// Too many commands are in flight; this one was not taken.
        public static let overloaded = Code(kind: .overloaded)
        /// The server refused the credentials, or asks for some and has been given none.
        public static let authenticationFailed = Code(kind: .authenticationFailed)
        /// TLS could not be established: certificate, host name, or a server that does not speak TLS.
        public static let tls = Code(kind: .tls)
        /// The client has been shut down.
        public static let shutDown = Code(kind: .shutDown)
        /// The command cannot be sent: it is empty or beyond the limits of the protocol.
        public static let invalidCommand = Code(kind: .invalidCommand)

        /// All of them, for metrics that are made before anything has failed.
        package static var all: [Code] { Kind.allCases.map { Code(kind: $0) } }

        /// The name of the code.
        public var description: String { kind.rawValue }
    }

    /// How far a command had come when it failed.
    public struct Phase: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, Sendable {
            case checking, waiting, connecting, credentials, tls, handshake, queued, reply
        }

        private let kind: Kind

        /// The command was looked at and not taken.
        public static let checking = Phase(kind: .checking)
        /// The command waited for a connection.
        public static let waiting = Phase(kind: .waiting)
        /// The TCP or unix socket connection was being opened, name lookup included.
        public static let connecting = Phase(kind: .connecting)
        /// The credentials were being asked for.
        public static let credentials = Phase(kind: .credentials)
        /// TLS was being negotiated.
        public static let tls = Phase(kind: .tls)
        /// HELLO, AUTH or SELECT was being answered.
        public static let handshake = Phase(kind: .handshake)
        /// The command waited to be written.
        public static let queued = Phase(kind: .queued)
        /// The command had been written and its reply was awaited.
        public static let reply = Phase(kind: .reply)

        /// The name of the phase.
        public var description: String { kind.rawValue }
    }

    /// Boxed, so that a `Result` with this error stays small: pipelines hold one for each command.
    private final class Storage: Sendable {
        let code: Code
        let serverCode: String?
        let phase: Phase
        let mayHaveExecuted: Bool
        let message: String
        let isClosedPort: Bool

        init(
            code: Code,
            serverCode: String?,
            phase: Phase,
            mayHaveExecuted: Bool,
            message: String,
            isClosedPort: Bool
        ) {
            self.code = code
            self.serverCode = serverCode
            self.phase = phase
            self.mayHaveExecuted = mayHaveExecuted
            self.message = message
            self.isClosedPort = isClosedPort
        }
    }

    private let storage: Storage

    /// The kind of failure.
    public var code: Code { storage.code }

    /// The first word of the server's error (`OOM`, `READONLY`, `LOADING`, `NOAUTH`, `WRONGPASS`, `WRONGTYPE`,
    /// `NOPERM`, `NOSCRIPT`, `MOVED`, `ERR`, …), where the server said one.
    public var serverCode: String? { storage.serverCode }

    /// How far the command had come.
    public var phase: Phase { storage.phase }

    /// True if the server may have executed the command although no answer came: it had been written.
    ///
    /// False means that repeating the command cannot execute it twice.
    public var mayHaveExecuted: Bool { storage.mayHaveExecuted }

    /// What happened, to which server, and what to do.
    public var message: String { storage.message }

    /// Whether the machine at the address answered that nobody listens there.
    var isClosedPort: Bool { storage.isClosedPort }

    /// Makes an error.
    public init(
        _ code: Code,
        serverCode: String? = nil,
        phase: Phase,
        mayHaveExecuted: Bool = false,
        message: String
    ) {
        self.init(
            code,
            serverCode: serverCode,
            phase: phase,
            mayHaveExecuted: mayHaveExecuted,
            message: message,
            isClosedPort: false
        )
    }

    init(
        _ code: Code,
        serverCode: String? = nil,
        phase: Phase,
        mayHaveExecuted: Bool = false,
        message: String,
        isClosedPort: Bool
    ) {
        storage = Storage(
            code: code,
            serverCode: serverCode,
            phase: phase,
            mayHaveExecuted: mayHaveExecuted,
            message: message,
            isClosedPort: isClosedPort
        )
    }
}

extension RedisError: CustomStringConvertible {
    /// The code, the server's code where there is one, and the message.
    public var description: String {
        let server = serverCode.map { " \($0)" } ?? ""
        return "redis \(code)\(server) (\(phase)): \(message)"
    }
}

extension RedisError: Equatable {
    /// Equal when everything that the errors say is equal.
    public static func == (left: RedisError, right: RedisError) -> Bool {
        left.code == right.code && left.serverCode == right.serverCode && left.phase == right.phase
            && left.mayHaveExecuted == right.mayHaveExecuted && left.message == right.message
    }
}
