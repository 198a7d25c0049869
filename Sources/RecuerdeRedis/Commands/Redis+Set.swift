public import NIOCore

/// SET with its options.
extension Redis {
    /// On what a write depends.
    public struct Condition: Sendable, Hashable {
        fileprivate let word: String

        /// Only if there is no such key (NX).
        public static let ifAbsent = Condition(word: "NX")
        /// Only if there is such a key (XX).
        public static let ifPresent = Condition(word: "XX")
    }

    /// SET: stores a value.
    public struct Set: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Stores a value under a key, whatever was there before.
        ///
        /// - Parameters:
        ///   - key: the key.
        ///   - value: the value.
        ///   - expiry: when the key is to expire; `.keep` needs a server since 6.0.
        ///   - condition: on what it depends; nil: on nothing.
        public init(
            _ key: some RedisArgument,
            _ value: some RedisArgument,
            expiry: Expiry = .never,
            condition: Condition? = nil
        ) {
            command =
                if expiry == .never, condition == nil {
                    RedisCommand("SET", key, value)
                } else {
                    RedisCommand("SET", arguments: [key, value] + Set.options(expiry, condition))
                }
        }

        fileprivate static func options(_ expiry: Expiry, _ condition: Condition?) -> [any RedisArgument] {
            let first: [any RedisArgument] = condition.map { [$0.word] } ?? []
            return first + expiry.options(forReading: false)
        }

        /// False if the condition did not hold, and nothing was stored.
        public func reply(_ value: RESPValue) throws(RedisError) -> Bool {
            if value.isNull { return false }
            try value.readOK(of: "SET")
            return true
        }
    }

    /// SET … GET: stores a value and returns the one before.
    public struct SetAndGet: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Stores a value as ``Set`` does; the key must not hold anything but a string. Servers since 6.2, with a
        /// condition since 7.0.
        public init(
            _ key: some RedisArgument,
            _ value: some RedisArgument,
            expiry: Expiry = .never,
            condition: Condition? = nil
        ) {
            command = RedisCommand("SET", arguments: [key, value] + Set.options(expiry, condition) + ["GET"])
        }

        /// The bytes that were there before; nil if there was no such key. With `.ifAbsent` nil says that the value was
        /// stored, with `.ifPresent` that it was not.
        public func reply(_ value: RESPValue) throws(RedisError) -> ByteBuffer? { try value.read(of: "SET") }
    }
}
