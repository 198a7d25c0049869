import Synchronization

/// Has the topology asked for as often as tracked connections prove to be alive: of keys in a slot that has moved, the former node
/// tells nothing more, however alive it is, and a client that finds all it needs in memory meets no redirect.
final class ClusterTrackingWatch: Sendable {
    private struct Target {
        weak var refresher: ClusterRefresher?
    }

    private let target = Mutex(Target())

    /// The configuration for the nodes: whoever is to hear of tracking hears first.
    func watching(_ configuration: RedisConfiguration) -> RedisConfiguration {
        guard let tracking = configuration.tracking, let pace = tracking.probePace?.clampedNanoseconds else {
            return configuration
        }
        var configuration = configuration
        configuration.tracking?.isOfCluster = true
        configuration.tracking?.handler = { [self] event in
            tracking.handler(event)
            guard case .proved = event else { return }
            // Connections prove it one after the other; a little earlier is soon enough for all.
            target.withLock { $0.refresher }?.want(ifOlderThan: pace / 4 * 3)
        }
        return configuration
    }

    func tell(_ refresher: ClusterRefresher) {
        target.withLock { $0.refresher = refresher }
    }
}
