/// A command as a value that knows the type of its reply.
///
/// An executor carries it out: `RedisExecutor.execute(_:timeout:)`. Those that a cache and its operators need stand in
/// ``Redis``; any other command can be sent by `send(_:timeout:)`, or made a request of one's own:
///
/// ```swift
/// struct ListLength: RedisRequest {
///     let command: RedisCommand
///     init(_ key: some RedisArgument) { command = RedisCommand("LLEN", key) }
///     func reply(_ value: RESPValue) throws(RedisError) -> Int {
///         guard let length = value.int else { throw .unexpectedReply(value, to: "LLEN") }
///         return length
///     }
/// }
/// ```
///
/// In text, in a debugger and in a dump, a request shows the name of its command and the number of its arguments: those are the
/// user's.
public protocol RedisRequest: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What the caller gets.
    associatedtype Reply: Sendable

    /// What is sent. Asked for once by each execution; best made when the request is.
    var command: RedisCommand { get }

    /// Reads the reply, in its RESP3 and its RESP2 form. Never given an error reply.
    ///
    /// - Throws: `RedisError.unexpectedReply` if the reply is of another type. The error must not show any of it.
    func reply(_ value: RESPValue) throws(RedisError) -> Reply

    /// Another command that does the same, to be sent once when the first one has failed without being executed; nil
    /// if there is none. Pipelines do not ask.
    func commandInstead(of error: RedisError) -> RedisCommand?
}

extension RedisRequest {
    /// There is none.
    public func commandInstead(of error: RedisError) -> RedisCommand? { nil }

    /// The same request, declared to do no harm when it is executed twice; see ``RedisCommand/idempotent()``.
    public func idempotent() -> Redis.Idempotent<Self> { Redis.Idempotent(self) }

    /// The type, the name of the command, and the number of its arguments; nothing of what is in them.
    public var description: String {
        let command = command
        let count = command.argumentCount
        return "\(Self.self)(\(command.name), \(count) argument\(count == 1 ? "" : "s"))"
    }

    /// As `description`.
    public var debugDescription: String { description }

    /// The name of the command and the number of its arguments.
    public var customMirror: Mirror {
        let command = command
        return Mirror(self, children: ["command": command.name, "arguments": command.argumentCount])
    }
}

/// The commands that a cache and its operators need, as values with typed replies.
///
/// Keys and values are any ``RedisArgument``; what comes back as bytes shares the memory that it was read into (see
/// ``RESPValue``). In a cluster, commands that touch no key are answered by one of the masters, for itself alone.
/// Source of all: https://redis.io/docs/latest/commands/
public enum Redis {
    /// A request that may be repeated after its reply was lost.
    public struct Idempotent<Base: RedisRequest>: RedisRequest {
        private let base: Base

        init(_ base: Base) {
            self.base = base
        }

        /// That of the request, declared idempotent.
        public var command: RedisCommand { base.command.idempotent() }

        /// As the request reads it.
        public func reply(_ value: RESPValue) throws(RedisError) -> Base.Reply { try base.reply(value) }

        /// As the request says, declared idempotent too.
        public func commandInstead(of error: RedisError) -> RedisCommand? {
            base.commandInstead(of: error)?.idempotent()
        }
    }
}

extension RedisError {
    /// For a reply that is not of the type which its command promises. Names the command and the type that was met, and
    /// nothing of what was in it.
    ///
    /// - Parameters:
    ///   - value: the reply.
    ///   - name: the command, with its second word where it has one.
    public static func unexpectedReply(_ value: RESPValue, to name: String) -> RedisError {
        RedisError(
            .protocolViolation,
            phase: .reply,
            // An answer has come, so that the command was carried out.
            mayHaveExecuted: true,
            message:
                "\(name) was answered by an unexpected type (\(value.kindName)); send it by send(_:) to see the reply"
        )
    }
}

extension RESPValue {
    /// The type in the words of the protocol's specification.
    var kindName: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .integer: "integer"
        case .double: "double"
        case .bigNumber: "big number"
        case .simple: "simple string"
        case .bulk: "bulk string"
        case .error: "error"
        case .verbatim: "verbatim string"
        case .array: "array"
        case .map: "map"
        case .set: "set"
        case .push: "push"
        }
    }
}
