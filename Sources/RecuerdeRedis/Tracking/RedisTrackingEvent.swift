package import NIOCore

/// What a client with tracking hears, in order for each connection, on the event loop of that connection.
///
/// A key belongs to the connection that `RedisClient.connection(forKey:)` names, and goes over it for as long as that
/// one is open. Whoever keeps what was read may rely on this:
///
/// - between `opened(n)` and `closed(n)` every command whose key belongs to n, and that is sent after `opened(n)` was
///   heard, goes over n, or `closed(n)` is heard before it goes another way;
/// - while n is not open, its keys' commands go over another connection rather than wait. What they read must not be
///   kept as if it were tracked: whoever begins a read before `opened(n)` has no promise;
/// - a notice comes before the reply to any command that the server executed later on the same connection. A reply that
///   was under way when the notice came may be older than the change: lay a guard before the read, let the notice take
///   it away, and keep the value only if the guard is still there;
/// - a command of several keys, or a pipeline, goes over the connection of its first key: to keep what it reads, all its
///   keys must belong to that connection (`RedisClient.groups(of:)`).
package enum RedisTrackingEvent: Sendable, Hashable {
    /// The connection is usable and tracked; nothing has been read over it yet.
    case opened(connection: Int)
    /// The connection is gone: nothing more will be told of what was read over it.
    case closed(connection: Int)
    /// These keys have changed, were removed, have expired, or were forgotten by the server. The bytes share the memory
    /// of the read buffer: copy what is to be kept.
    case invalidated(keys: [ByteBuffer], connection: Int)
    /// All keys are gone (FLUSHDB, FLUSHALL, in whatever database).
    case invalidatedAll(connection: Int)
}
