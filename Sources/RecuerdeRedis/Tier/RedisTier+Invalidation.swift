public import Recuerde
import Synchronization

/// What others change, by client tracking.
extension RedisTier {
    /// By client tracking, if the client was made with ``RedisConfiguration/tracksKeys``; else nothing is told.
    public func listen(_ listener: any InvalidationListener) {
        guard let hub = tracked?.trackingHub else { return }
        let relay = TrackingRelay(listener)
        relays.withLock { relays in
            relays.removeAll { $0.isOver }
            relays.append(relay)
        }
        hub.add(relay, pace: listener.provingPace.clampedNanoseconds)
    }

    public func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness? {
        guard let route = tracked?.trackingRoute(forKey: name) else { return nil }
        let relay = relays.withLock { relays in relays.first { $0.isFor(listener) } }
        return relay?.line(of: route.identity).map { RemoteWitness(line: $0, route: route.detours) }
    }
}
