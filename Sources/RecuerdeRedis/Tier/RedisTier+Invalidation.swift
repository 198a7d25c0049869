public import Recuerde
import Synchronization

/// What others change, by client tracking or by announcements.
extension RedisTier {
    /// By what ``RedisTierInvalidation`` says. Nothing is told where that is client tracking, and the client was not made with
    /// ``RedisConfiguration/tracksKeys``; nor where it is announcements, and Redis is a cluster or the listener keeps `plain` entries.
    /// The first exchange after it begins the subscription.
    public func listen(_ listener: any InvalidationListener) {
        guard let hub = tracked?.trackingHub ?? watch?.hub else { return }
        // Programs that write plain entries announce nothing.
        if watch != nil, listener.format == .plain { return }
        // A node passes over its own announcements.
        let relay = TrackingRelay(listener, tellsOwnWrites: watch == nil)
        relays.withLock { relays in
            relays.removeAll { $0.isOver }
            relays.append(relay)
        }
        hub.add(relay, pace: listener.provingPace.clampedNanoseconds)
    }

    public func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness? {
        let (identity, detours): (UInt64, UInt64)
        if let watch {
            // One subscription tells of all entries, whatever way is taken to them.
            guard let open = watch.identity else { return nil }
            (identity, detours) = (open, 0)
        } else {
            guard let route = tracked?.trackingRoute(forKey: name) else { return nil }
            (identity, detours) = (route.identity, route.detours)
        }
        let relay = relays.withLock { relays in relays.first { $0.isFor(listener) } }
        return relay?.line(of: identity).map { RemoteWitness(line: $0, route: detours) }
    }
}
