import NIOCore

/// What is said between connecting and the first command: HELLO, AUTH, SELECT, names. Replies in, commands out.
///
/// A server that does not know HELLO, or a proxy that answers it with anything but a map, is spoken to in RESP2.
/// Source: https://redis.io/docs/latest/commands/hello/
struct Handshake {
    struct Settings {
        var credentials: RedisCredentials?
        var database = 0
        var clientName: String?
        var address = ""
        /// Said after all else, in order.
        var steps: [HandshakeStep] = []
    }

    enum Action {
        /// Write these and hand in their replies, one by one.
        case send([RedisCommand])
        /// More replies are awaited.
        case wait
        /// The connection is ready.
        case done(RedisServerFacts)
        /// It never will be.
        case fail(RedisError)
    }

    private enum Step {
        case hello
        /// Old servers need AUTH and INFO of their own.
        case auth
        case select
        /// Failure is of no interest: name of the client and of the library.
        case courtesy
        case info
        case extra(HandshakeStep)
    }

    private let settings: Settings
    private var awaited = CircularBuffer<Step>()
    private var facts = RedisServerFacts(protocolVersion: 3)

    init(_ settings: Settings) {
        self.settings = settings
    }

    /// The first commands.
    mutating func start() -> [RedisCommand] {
        awaited = [.hello]
        var arguments: [any RedisArgument] = ["3"]
        if let credentials = settings.credentials {
            arguments += ["AUTH", credentials.username ?? "default", credentials.password] as [any RedisArgument]
        }
        return [RedisCommand("HELLO", arguments: arguments, key: nil)]
    }

    mutating func received(_ reply: RESPValue) -> Action {
        guard let step = awaited.popFirst() else {
            return .fail(failure(.protocolViolation, "\(settings.address) sent a reply that nobody asked for"))
        }
        switch step {
        case .hello: return hello(reply)
        case .auth:
            if let error = reply.serverError { return .fail(refusal(error)) }
        case .select:
            if let error = reply.serverError {
                return .fail(
                    failure(
                        Self.isAboutCredentials(error) ? .authenticationFailed : .connectFailed,
                        serverCode: error.code,
                        "\(settings.address) does not let database \(settings.database) be used: \(error.text)"
                    )
                )
            }
        case .courtesy: break
        case .extra(let step):
            if let error = step.check?(reply) { return .fail(error) }
        case .info:
            if let error = reply.serverError, Self.isAboutCredentials(error) { return .fail(refusal(error)) }
            readInfo(reply)
        }
        return awaited.isEmpty ? .done(facts) : .wait
    }

    private mutating func hello(_ reply: RESPValue) -> Action {
        if let error = reply.serverError {
            let isUnknown = error.code == "NOPROTO" || error.text.lowercased().hasPrefix("err unknown command")
            return isUnknown ? downgrade() : .fail(refusal(error))
        }
        guard case .map(let map) = reply else { return downgrade() }
        facts.protocolVersion = map["proto"]?.int ?? 3
        facts.version = map["version"]?.string
        facts.server = map["server"]?.string
        facts.mode = map["mode"]?.string
        facts.role = map["role"]?.string
        return send(afterHello())
    }

    private mutating func downgrade() -> Action {
        facts.protocolVersion = 2
        var commands: [(Step, RedisCommand)] = []
        if let credentials = settings.credentials {
            var arguments: [any RedisArgument] = [credentials.password]
            if let username = credentials.username { arguments.insert(username, at: 0) }
            commands.append((.auth, RedisCommand("AUTH", arguments: arguments, key: nil)))
        }
        commands += afterHello()
        commands.append((.info, RedisCommand("INFO", "server", key: nil)))
        return send(commands)
    }

    private func afterHello() -> [(Step, RedisCommand)] {
        var commands: [(Step, RedisCommand)] = []
        if settings.database != 0 {
            commands.append((.select, RedisCommand("SELECT", settings.database, key: nil)))
        }
        if let name = settings.clientName, !name.isEmpty {
            commands.append((.courtesy, RedisCommand("CLIENT", "SETNAME", name, key: nil)))
        }
        commands.append((.courtesy, RedisCommand("CLIENT", "SETINFO", "LIB-NAME", "recuerde", key: nil)))
        commands.append((.courtesy, RedisCommand("CLIENT", "SETINFO", "LIB-VER", Self.libraryVersion, key: nil)))
        let hasPushes = facts.protocolVersion >= 3
        commands += settings.steps.filter { hasPushes || !$0.needsPushes }.map { (.extra($0), $0.command) }
        return commands
    }

    /// Shown in CLIENT LIST of servers from 7.2 on.
    static let libraryVersion = "0.1.0"

    private mutating func send(_ commands: [(Step, RedisCommand)]) -> Action {
        awaited.append(contentsOf: commands.map(\.0))
        return .send(commands.map(\.1))
    }

    private mutating func readInfo(_ reply: RESPValue) {
        for line in (reply.string ?? "").split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "redis_version": facts.version = facts.version ?? parts[1]
            case "server_name": facts.server = parts[1]
            case "redis_mode": facts.mode = parts[1]
            default: break
            }
        }
        facts.server = facts.server ?? (facts.version == nil ? nil : "redis")
    }

    private func refusal(_ error: RESPErrorReply) -> RedisError {
        guard Self.isAboutCredentials(error) else {
            return failure(
                .connectFailed,
                serverCode: error.code,
                "\(settings.address) refuses the connection: \(RedisError(reply: error).message)"
            )
        }
        let hint =
            if settings.credentials == nil {
                "it asks for a password and none is configured"
            } else if Self.isAboutNoPassword(error) {
                "a password is configured and it has none; remove the password"
            } else {
                "check the configured user and password"
            }
        return failure(
            .authenticationFailed,
            serverCode: error.code,
            "\(settings.address) refuses the credentials; \(hint). It says: \(error.text)"
        )
    }

    private static func isAboutCredentials(_ error: RESPErrorReply) -> Bool {
        let text = error.text.lowercased()
        return ["NOAUTH", "WRONGPASS"].contains(error.code) || text.contains("invalid password")
            || isAboutNoPassword(error)
    }

    private static func isAboutNoPassword(_ error: RESPErrorReply) -> Bool {
        let text = error.text.lowercased()
        return text.contains("without any password configured") || text.contains("client sent auth")
    }

    private func failure(_ code: RedisError.Code, serverCode: String? = nil, _ message: String) -> RedisError {
        RedisError(code, serverCode: serverCode, phase: .handshake, message: message)
    }
}
