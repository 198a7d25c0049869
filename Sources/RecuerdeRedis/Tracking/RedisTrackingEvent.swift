package import NIOCore

/// What a client with tracking hears, in order for each connection, on the event loop of that connection.
///
/// Each tracked connection has an identity: a number that is unique in the process, from 1 on, and never used again, also not for
/// the connection that takes its place. In a cluster and behind sentinels the connections to all servers tell the same handler.
///
/// Whoever keeps what was read asks for the ``RedisTrackingRoute`` of the key before it is read and again when the reply is
/// there, and may rely on this:
///
/// - the identity of a route stands from after `opened` of it was heard until before `closed` of it is heard. If both routes are
///   equal, the command was executed on the connection with that identity, so that its notices tell of the key from then on. What
///   is kept must be looked at once more under the lock under which events are heard: not after `closed` of its identity;
/// - a notice comes before the reply to any command that the server executed later on the same connection. A reply that
///   was under way when the notice came may be older than the change: lay a guard before the read, let the notice take
///   it away, and keep the value only if the guard is still there;
/// - a key without a route (its connection is not open, or is not tracked) is read all the same, over another connection rather
///   than late. What is read so must not be kept as if it were tracked;
/// - a command of several keys, or a pipeline, goes over the connection of its first key: to keep what it reads, all its
///   keys must belong to that connection (`RedisExecutor.groups(of:)`). MGET by itself is divided by that, as are its like;
/// - what is sent over a lane goes over no tracked connection, whatever the route of its key.
///
/// After `closed` nothing more is told with that identity. That is also so when the connection itself lives on: it has a new
/// identity when part of what was read over it is no longer told, as when slots of a cluster move to another node, and when the
/// client begins to shut down.
package enum RedisTrackingEvent: Sendable, Hashable {
    /// The connection is usable, tracked and alive; nothing has been read over it yet.
    case opened(identity: UInt64)
    /// The connection is gone: nothing more will be told of what was read over it.
    case closed(identity: UInt64)
    /// These keys have changed, were removed, have expired, or were forgotten by the server. The bytes share the memory
    /// of the read buffer: copy what is to be kept.
    case invalidated(keys: [ByteBuffer], identity: UInt64)
    /// All keys of this server are gone (FLUSHDB, FLUSHALL, in whatever database).
    case invalidatedAll(identity: UInt64)
    /// The connection has proved to be alive and tracked: every notice of what happened at the server until so long ago has been heard.
    /// Comes at the pace of `RedisTrackingConfiguration.probePace`.
    case proved(identity: UInt64, sentBefore: Duration)
}
