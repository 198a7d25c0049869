public import NIOCore

/// Hashes: values with named fields.
extension Redis {
    /// HGET: one field of a hash.
    public struct HGet: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the hash and the field.
        public init(_ key: some RedisArgument, _ field: some RedisArgument) {
            command = RedisCommand("HGET", key, field)
        }

        /// The bytes; nil if there is no such field.
        public func reply(_ value: RESPValue) throws(RedisError) -> ByteBuffer? {
            try value.read(of: "HGET")
        }
    }

    /// HSET: sets fields of a hash.
    public struct HSet: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Takes fields with their values; at least one.
        public init(_ key: some RedisArgument, _ fields: [(field: any RedisArgument, value: any RedisArgument)]) {
            command = RedisCommand("HSET", arguments: [key] + fields.flatMap { [$0.field, $0.value] })
        }

        /// How many fields are new.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int {
            try value.read(of: "HSET")
        }
    }

    /// HGETALL: all fields of a hash.
    public struct HGetAll: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the hash.
        public init(_ key: some RedisArgument) {
            command = RedisCommand("HGETALL", key)
        }

        /// The fields with their values; none if there is no such key.
        public func reply(_ value: RESPValue) throws(RedisError) -> [ByteBuffer: ByteBuffer] {
            guard let pairs = value.pairs else { throw .unexpectedReply(value, to: "HGETALL") }
            var fields: [ByteBuffer: ByteBuffer] = [:]
            fields.reserveCapacity(pairs.count)
            for (name, content) in pairs {
                fields[try name.read(of: "HGETALL")] = try content.read(as: ByteBuffer.self, of: "HGETALL")
            }
            return fields
        }
    }

    /// HDEL: removes fields of a hash.
    public struct HDel: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the hash and the fields; at least one.
        public init(_ key: some RedisArgument, _ fields: [any RedisArgument]) {
            command = RedisCommand("HDEL", arguments: [key] + fields)
        }

        /// How many there were.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int {
            try value.read(of: "HDEL")
        }
    }
}
