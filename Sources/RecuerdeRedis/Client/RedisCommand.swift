public import NIOCore

/// A command with its arguments, already in the form in which it is sent.
///
/// Arguments are bytes with a length before them: no byte in them has a meaning to the protocol.
public struct RedisCommand: Sendable {
    /// Why a command cannot be sent.
    enum Fault: Sendable {
        case emptyName, argumentTooLong, argumentMiscounted
    }

    /// The name as given, for messages.
    public let name: String

    /// RESP: an array of bulk strings.
    private(set) var encoded: ByteBuffer

    /// The cluster slot of the routing key; nil for commands without one.
    let slot: UInt16?

    let fault: Fault?

    /// The caller says that executing it twice does no harm.
    var isDeclaredIdempotent = false

    /// Redis takes no argument above this (`proto-max-bulk-len`, 512 MiB unless configured).
    static let maximumArgumentBytes = 512 * 1024 * 1024

    /// Makes a command of any mix of argument types.
    ///
    /// - Parameters:
    ///   - name: the name, such as `GET`. Names of two words (`CLIENT KILL`) have the second word as an argument.
    ///   - arguments: the arguments, in order.
    ///   - key: the position among the arguments of the key that decides over which connection the command goes
    ///     (`EVAL`: 2); nil if it has none. A position past the end counts as nil when left at its default.
    public init<each Argument: RedisArgument>(
        _ name: String,
        _ arguments: repeat each Argument,
        key: Int? = 0
    ) {
        var count = 0
        var bytes = 0
        for argument in repeat each arguments {
            count += 1
            bytes &+= argument.redisArgumentByteCount &+ 16
        }
        var encoder = RedisCommandEncoder(name: name, argumentCount: count, capacity: bytes, key: key)
        for argument in repeat each arguments {
            encoder.append(argument)
        }
        self.init(encoder)
    }

    /// Makes a command whose only argument is its key, such as GET.
    ///
    /// Costs less than the initializer for any arguments, which learns their types when it runs.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - key: the key, which decides over which connection the command goes.
    public init(_ name: String, _ key: String) {
        let bytes = key.utf8.count &+ 16
        var encoder = RedisCommandEncoder(name: name, argumentCount: 1, capacity: bytes, key: 0)
        encoder.append(key)
        self.init(encoder)
    }

    /// Makes a command of a key and a value, such as SET.
    ///
    /// Costs less than the initializer for any arguments, which learns their types when it runs.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - key: the key, which decides over which connection the command goes.
    ///   - value: the bytes after it.
    public init(_ name: String, _ key: String, _ value: ByteBuffer) {
        let bytes = key.utf8.count &+ value.readableBytes &+ 32
        var encoder = RedisCommandEncoder(name: name, argumentCount: 2, capacity: bytes, key: 0)
        encoder.append(key)
        encoder.append(value)
        self.init(encoder)
    }

    /// Makes a command of arguments that are counted at run time.
    public init(_ name: String, arguments: [any RedisArgument], key: Int? = 0) {
        let bytes = arguments.reduce(0) { $0 &+ $1.redisArgumentByteCount &+ 16 }
        var encoder = RedisCommandEncoder(name: name, argumentCount: arguments.count, capacity: bytes, key: key)
        for argument in arguments {
            encoder.append(argument)
        }
        self.init(encoder)
    }

    private init(_ encoder: consuming RedisCommandEncoder) {
        name = encoder.name
        slot = encoder.slot
        fault = encoder.fault
        encoded = encoder.finish()
    }

    /// How many arguments it has, by its own first line; zero if it cannot be sent. Costs a look at a few bytes.
    var argumentCount: Int {
        guard fault == nil else { return 0 }
        var count = 0
        for byte in encoded.readableBytesView.dropFirst().prefix(12) {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
            count = count * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return max(0, count - 1)
    }

    /// Two commands sent as one. Right only if the server answers one of them by a push message, as SUBSCRIBE in RESP3.
    func joined(with other: RedisCommand) -> RedisCommand {
        var both = self
        both.encoded.writeImmutableBuffer(other.encoded)
        return both
    }
}

extension RedisCommand: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name only: arguments are the user's.
    public var description: String { "RedisCommand(\(name))" }

    /// The name only: arguments are the user's.
    public var debugDescription: String { description }

    /// The name only: arguments are the user's.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
