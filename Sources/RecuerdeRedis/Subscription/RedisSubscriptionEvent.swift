/// What comes out of a subscription. More cases may be added, so a `switch` needs a default.
public enum RedisSubscriptionEvent: Sendable, Hashable {
    /// All channels and patterns are subscribed to; from here on nothing is missing.
    case subscribed
    /// Somebody has published a message.
    case message(RedisMessage)
    /// The connection is gone: messages published from here on are lost.
    case interrupted
    /// All channels and patterns are subscribed to again. What was published since `interrupted`, and what was still on
    /// its way then, is lost.
    case resubscribed
}
