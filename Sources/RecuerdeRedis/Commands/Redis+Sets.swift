public import NIOCore

/// Sets: members without order.
extension Redis {
    /// SADD: adds members to a set.
    public struct SAdd: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the set and the members; at least one.
        public init(_ key: some RedisArgument, _ members: [any RedisArgument]) {
            command = RedisCommand("SADD", arguments: [key] + members)
        }

        /// How many are new.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int {
            try value.read(of: "SADD")
        }
    }

    /// SREM: removes members of a set.
    public struct SRem: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the set and the members; at least one.
        public init(_ key: some RedisArgument, _ members: [any RedisArgument]) {
            command = RedisCommand("SREM", arguments: [key] + members)
        }

        /// How many there were.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int {
            try value.read(of: "SREM")
        }
    }

    /// SMEMBERS: all members of a set.
    public struct SMembers: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the set.
        public init(_ key: some RedisArgument) {
            command = RedisCommand("SMEMBERS", key)
        }

        /// The members, in no order; none if there is no such key.
        public func reply(_ value: RESPValue) throws(RedisError) -> [ByteBuffer] {
            try value.read(of: "SMEMBERS")
        }
    }
}
