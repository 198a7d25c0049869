public import NIOCore

/// A message that somebody has published.
public struct RedisMessage: Sendable, Hashable {
    /// The channel; bytes that are not UTF-8 are replaced.
    public var channel: String
    /// The pattern that matched, if the message came by one.
    public var pattern: String?
    /// The message. Shares the memory it was read into: copy what is to be kept for long.
    public var payload: ByteBuffer

    /// Makes a message.
    public init(channel: String, pattern: String? = nil, payload: ByteBuffer) {
        self.channel = channel
        self.pattern = pattern
        self.payload = payload
    }

    /// The payload as text; bytes that are not UTF-8 are replaced.
    public var text: String { String(buffer: payload) }
}

extension RedisMessage: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The length only: names and messages are the user's.
    public var description: String { "RedisMessage(\(payload.readableBytes) bytes)" }

    /// The length only: names and messages are the user's.
    public var debugDescription: String { description }

    /// The length only: names and messages are the user's.
    public var customMirror: Mirror { Mirror(self, children: ["bytes": payload.readableBytes]) }
}

/// A message of the server to a subscriber: a push in RESP3, an array in RESP2.
/// Source: https://redis.io/docs/latest/develop/pubsub/#format-of-pushed-messages
enum SubscriptionNotice: Equatable {
    case message(RedisMessage)
    /// One channel or pattern is subscribed to.
    case confirmation
    /// Of no interest here: PONG, the end of a subscription.
    case other

    /// Nil if it is none.
    init?(_ elements: [RESPValue]) {
        guard let kind = elements.first?.string else { return nil }
        switch (kind, elements.count) {
        case ("message", 3):
            guard let channel = elements[1].string, let payload = elements[2].buffer else { return nil }
            self = .message(RedisMessage(channel: channel, payload: payload))
        case ("pmessage", 4):
            guard let channel = elements[2].string, let payload = elements[3].buffer else { return nil }
            self = .message(RedisMessage(channel: channel, pattern: elements[1].string, payload: payload))
        case ("subscribe", 3), ("psubscribe", 3):
            self = .confirmation
        case ("unsubscribe", 3), ("punsubscribe", 3), ("pong", 2):
            self = .other
        default:
            return nil
        }
    }
}
