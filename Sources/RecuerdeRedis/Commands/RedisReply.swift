public import NIOCore

/// A type that a reply can be read as, for scripts and requests of one's own.
public protocol RedisReply: Sendable {
    /// Reads a reply; nil if it is of another type.
    init?(redisReply value: RESPValue)
}

extension RESPValue: RedisReply {
    /// Takes any reply as it is.
    public init?(redisReply value: RESPValue) { self = value }
}

extension Int: RedisReply {
    /// Reads an integer, also one that was sent as text.
    public init?(redisReply value: RESPValue) {
        guard let number = value.int else { return nil }
        self = number
    }
}

extension Double: RedisReply {
    /// Reads a number, also one that was sent as text.
    public init?(redisReply value: RESPValue) {
        guard let number = value.number else { return nil }
        self = number
    }
}

extension Bool: RedisReply {
    /// Reads a boolean, or the integers 0 and 1 that stand for one in RESP2.
    public init?(redisReply value: RESPValue) {
        switch value {
        case .boolean(let flag): self = flag
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

extension String: RedisReply {
    /// Reads text; bytes that are not UTF-8 are replaced.
    public init?(redisReply value: RESPValue) {
        guard let text = value.string else { return nil }
        self = text
    }
}

extension ByteBuffer: RedisReply {
    /// Reads bytes; shares memory with what was read where it can.
    public init?(redisReply value: RESPValue) {
        guard let buffer = value.buffer else { return nil }
        self = buffer
    }
}

extension Optional: RedisReply where Wrapped: RedisReply {
    /// Reads null as nil, and all else as the type itself.
    public init?(redisReply value: RESPValue) {
        if value.isNull {
            self = Self.none
            return
        }
        guard let wrapped = Wrapped(redisReply: value) else { return nil }
        self = Self.some(wrapped)
    }
}

extension Array: RedisReply where Element: RedisReply {
    /// Reads a list or a set whose elements are all of the element's type; keys and values in turn of a map.
    public init?(redisReply value: RESPValue) {
        guard let elements = value.elements else { return nil }
        var result: [Element] = []
        result.reserveCapacity(elements.count)
        for element in elements {
            guard let read = Element(redisReply: element) else { return nil }
            result.append(read)
        }
        self = result
    }
}

extension RESPValue {
    /// Reads the reply of a command, or says that it is of another type.
    func read<Reply: RedisReply>(as type: Reply.Type = Reply.self, of name: String) throws(RedisError) -> Reply {
        guard let reply = Reply(redisReply: self) else { throw .unexpectedReply(self, to: name) }
        return reply
    }

    /// Checks that a reply says OK.
    func readOK(of name: String) throws(RedisError) {
        guard case .simple("OK") = self else { throw .unexpectedReply(self, to: name) }
    }
}
