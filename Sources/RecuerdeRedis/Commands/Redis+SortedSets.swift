public import NIOCore

/// Sorted sets: members in the order of their scores.
extension Redis {
    /// A member of a sorted set with its score.
    public struct ScoredMember: Sendable, Hashable {
        /// The member.
        public var member: ByteBuffer
        /// Its score.
        public var score: Double

        /// Makes a pair.
        public init(member: ByteBuffer, score: Double) {
            self.member = member
            self.score = score
        }
    }

    /// ZADD: adds members to a sorted set, or gives them another score.
    public struct ZAdd: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the sorted set and its members; at least one. Scores may be infinite.
        public init(_ key: some RedisArgument, _ members: [(member: any RedisArgument, score: Double)]) {
            command = RedisCommand("ZADD", arguments: [key] + members.flatMap { [$0.score, $0.member] })
        }

        /// How many are new.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int { try value.read(of: "ZADD") }
    }

    /// ZREM: removes members of a sorted set.
    public struct ZRem: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the sorted set and the members; at least one.
        public init(_ key: some RedisArgument, _ members: [any RedisArgument]) {
            command = RedisCommand("ZREM", arguments: [key] + members)
        }

        /// How many there were.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int { try value.read(of: "ZREM") }
    }

    /// ZRANGE … WITHSCORES: members of a sorted set by their position.
    public struct ZRange: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for the members from the first position to the last one, both included; negative ones count from the end.
        ///
        /// - Parameters:
        ///   - key: the sorted set.
        ///   - first: the first position.
        ///   - last: the last position.
        ///   - isReversed: from the highest score to the lowest; servers since 6.2.
        public init(_ key: some RedisArgument, from first: Int = 0, through last: Int = -1, isReversed: Bool = false) {
            command =
                isReversed
                ? RedisCommand("ZRANGE", key, first, last, "REV", "WITHSCORES")
                : RedisCommand("ZRANGE", key, first, last, "WITHSCORES")
        }

        /// The members with their scores, in order.
        public func reply(_ value: RESPValue) throws(RedisError) -> [ScoredMember] {
            guard let elements = value.elements else { throw .unexpectedReply(value, to: "ZRANGE") }
            // RESP3 sends a list of pairs, RESP2 members and scores in turn.
            var flat: [RESPValue] = []
            flat.reserveCapacity(elements.count * 2)
            for element in elements { flat += element.elements ?? [element] }
            guard flat.count.isMultiple(of: 2) else { throw .unexpectedReply(value, to: "ZRANGE") }
            var members: [ScoredMember] = []
            members.reserveCapacity(flat.count / 2)
            for (member, score) in RESPMap(flat: flat) {
                members.append(
                    ScoredMember(member: try member.read(of: "ZRANGE"), score: try score.read(of: "ZRANGE"))
                )
            }
            return members
        }
    }
}

extension Redis.ScoredMember: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The score and the length of the member, which is the user's.
    public var description: String { "ScoredMember(\(member.readableBytes) bytes, score \(score))" }

    /// As `description`.
    public var debugDescription: String { description }

    /// The score and the length of the member.
    public var customMirror: Mirror { Mirror(self, children: ["bytes": member.readableBytes, "score": score]) }
}
