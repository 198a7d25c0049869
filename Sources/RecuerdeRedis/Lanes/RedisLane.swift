/// Over which kind of connection a command goes.
///
/// Commands of one lane and one key go in the order in which they were sent; between lanes no order is promised. Who
/// needs one awaits the first reply before sending the second command, or names the lane `key` for both.
public struct RedisLane: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String, Sendable { case key, bulk, blocking }

    private let kind: Kind

    /// The connection of the command's key, shared with all small commands.
    public static let key = RedisLane(kind: .key)
    /// One of a few connections for what takes long to transmit, such as reads of values known to be large.
    ///
    /// Not tracked: what is read here must not be kept by a cache that relies on tracking.
    public static let bulk = RedisLane(kind: .bulk)
    /// A connection on which this command alone may wait. When its caller stops waiting before the reply, the connection
    /// is closed, so that the server does not hand an element to nobody.
    public static let blocking = RedisLane(kind: .blocking)

    /// The name of the lane.
    public var description: String { kind.rawValue }
}
