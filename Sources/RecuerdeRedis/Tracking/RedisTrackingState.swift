/// Whether the server tells the client which keys have changed.
public struct RedisTrackingState: Sendable, Hashable, CustomStringConvertible {
    /// True if it does.
    public let isOn: Bool
    /// Why it does not; nil if it does. Holds no secret.
    public let reason: String?

    /// The server tells.
    public static let on = RedisTrackingState(isOn: true, reason: nil)

    /// The server does not tell, for a reason in words.
    public static func off(_ reason: String) -> RedisTrackingState {
        RedisTrackingState(isOn: false, reason: reason)
    }

    /// `on`, or `off` with the reason.
    public var description: String { reason.map { "off: \($0)" } ?? "on" }
}
