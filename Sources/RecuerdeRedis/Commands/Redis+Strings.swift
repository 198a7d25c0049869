public import NIOCore

/// Reading and changing strings.
extension Redis {
    /// GET: the value of a key.
    public struct Get: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for one key.
        public init(_ key: some RedisArgument) {
            command = RedisCommand("GET", key)
        }

        /// The bytes; nil if there is no such key.
        public func reply(_ value: RESPValue) throws(RedisError) -> ByteBuffer? {
            try value.read(of: "GET")
        }
    }

    /// GETEX: the value of a key, and when it is to expire from now on. Servers since 6.2.
    public struct GetEx: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for one key; `.keep` changes nothing, `.never` takes an expiry away.
        public init(_ key: some RedisArgument, expiry: Expiry) {
            command = RedisCommand("GETEX", arguments: [key] + expiry.options(forReading: true))
        }

        /// The bytes; nil if there is no such key.
        public func reply(_ value: RESPValue) throws(RedisError) -> ByteBuffer? {
            try value.read(of: "GETEX")
        }
    }

    /// MGET: the values of several keys. Divided by connections, in a cluster by slots.
    public struct MGet: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for keys; at least one.
        public init(_ keys: [any RedisArgument]) {
            command = RedisCommand("MGET", arguments: keys)
        }

        /// One value for each key, in order; nil where there is no string.
        public func reply(_ value: RESPValue) throws(RedisError) -> [ByteBuffer?] {
            try value.read(of: "MGET")
        }
    }

    /// MSET: sets several keys, without expiry. A cluster's client divides it by slots, and then not all at once.
    public struct MSet: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Takes keys with their values; at least one.
        public init(_ pairs: [(key: any RedisArgument, value: any RedisArgument)]) {
            command = RedisCommand("MSET", arguments: pairs.flatMap { [$0.key, $0.value] })
        }

        /// Nothing: it cannot fail half-way.
        public func reply(_ value: RESPValue) throws(RedisError) -> Void {
            try value.readOK(of: "MSET")
        }
    }

    /// INCRBY: adds to a number that is kept as text; a key that is not there counts as zero.
    public struct IncrBy: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Adds `amount`, which may be negative.
        public init(_ key: some RedisArgument, by amount: Int = 1) {
            command = RedisCommand("INCRBY", key, amount)
        }

        /// The sum.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int {
            try value.read(of: "INCRBY")
        }
    }

    /// STRLEN: the length of a value.
    public struct StrLen: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for one key.
        public init(_ key: some RedisArgument) {
            command = RedisCommand("STRLEN", key)
        }

        /// The length in bytes; zero if there is no such key.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int {
            try value.read(of: "STRLEN")
        }
    }

    /// GETRANGE: a part of a value.
    public struct GetRange: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for the bytes from the first position to the last one, both included; negative ones count from the end.
        public init(_ key: some RedisArgument, from first: Int, through last: Int) {
            command = RedisCommand("GETRANGE", key, first, last)
        }

        /// The bytes; none if there is no such key.
        public func reply(_ value: RESPValue) throws(RedisError) -> ByteBuffer {
            try value.read(of: "GETRANGE")
        }
    }
}
