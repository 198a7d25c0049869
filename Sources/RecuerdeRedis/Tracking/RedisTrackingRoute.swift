package import NIOCore

/// The way that a usual command with some key takes now, as far as tracking is concerned.
///
/// Ask for it before the command and again when the reply is there. If both are equal, the command was executed on the tracked
/// connection with that identity, which was still open: a command that was repeated on another connection, was sent elsewhere by
/// the table of a cluster, by MOVED or ASK, or to another master finds another route afterwards.
package struct RedisTrackingRoute: Sendable, Hashable {
    /// The tracked connection; see ``RedisTrackingEvent``.
    package let identity: UInt64
    /// How often the way of the key has changed, or was not taken.
    let detours: UInt64
}

/// A client that knows over which tracked connection its commands go.
package protocol RedisTrackedExecutor: RedisExecutor {
    /// The way of a usual command (one that names no lane) whose key is in this slot; nil if it goes over no connection that is
    /// open and tracked. Costs a look or two; it does not connect.
    func trackingRoute(forSlot slot: UInt16) -> RedisTrackingRoute?

    /// Whom tracked connections tell; nil if the client does not track keys for others.
    var trackingHub: RedisTrackingHub? { get }
}

extension RedisTrackedExecutor {
    /// The way of a usual command with this key; see ``RedisTrackingRoute``.
    package func trackingRoute(forKey key: String) -> RedisTrackingRoute? {
        var key = key
        return trackingRoute(forSlot: key.withUTF8 { RedisKeySlot.slot(of: UnsafeRawBufferPointer($0)) })
    }

    /// The way of a usual command with this key; see ``RedisTrackingRoute``.
    package func trackingRoute(forKey key: ByteBuffer) -> RedisTrackingRoute? {
        trackingRoute(forSlot: key.withUnsafeReadableBytes { RedisKeySlot.slot(of: $0) })
    }

    /// The tracked connection of this key, now; nil if there is none that is open.
    package func trackedIdentity(forKey key: String) -> UInt64? {
        trackingRoute(forKey: key)?.identity
    }
}

extension RedisClient: RedisTrackedExecutor {
    package var trackingHub: RedisTrackingHub? { configuration.trackingHub }

    /// The connection that the key chooses, while it is open: there is no other way then.
    package func trackingRoute(forSlot slot: UInt16) -> RedisTrackingRoute? {
        guard !tracking.isEmpty, let identity = tracking[Int(slot) % tracking.count].identity else { return nil }
        return RedisTrackingRoute(identity: identity, detours: 0)
    }

    /// Gives all open tracked connections new identities: they no longer tell of all that was read over them.
    func renewTracking() {
        forEachTracked { $0.renew() }
    }

    /// No connection that is open tells anything more that counts.
    func endTracking() {
        forEachTracked { $0.willClose() }
    }
}

extension RedisSentinelClient: RedisTrackedExecutor {
    /// A former master has a client of its own, which is never used again: its identities are no later route.
    package func trackingRoute(forSlot slot: UInt16) -> RedisTrackingRoute? {
        core.master?.client.trackingRoute(forSlot: slot)
    }

    /// Keys that one command may touch together: with tracking, those of one connection to the present master; else all.
    public func groups(of keys: [String]) -> [[String]] {
        guard !keys.isEmpty else { return [] }
        return core.master?.client.groups(of: keys) ?? [keys]
    }
}

extension RedisClusterClient: RedisTrackedExecutor {
    /// That of the master by the table; none where replicas are read, which are asked in turn.
    package func trackingRoute(forSlot slot: UInt16) -> RedisTrackingRoute? {
        guard configuration.tracking != nil, options.readsFrom == .master else { return nil }
        return nodes.trackingRoute(slot)
    }
}
