import Logging
import NIOCore
import Synchronization

/// What all connections of a client have in common.
final class ClientShared: Sendable {
    let configuration: RedisConfiguration
    let logger: Logger
    let tracker: ClientStateTracker
    let address: String

    let retries: RetryGate

    private let places: PlaceCounter
    private let hasWarnedOfCluster = Atomic<Bool>(false)

    init(
        configuration: RedisConfiguration,
        logger: Logger,
        onStateChange: (@Sendable (RedisClientState) -> Void)?
    ) {
        self.configuration = configuration
        self.logger = logger
        self.tracker = ClientStateTracker(onChange: onStateChange)
        self.address = configuration.url.address
        let places = PlaceCounter()
        self.places = places
        self.retries = RetryGate(
            policy: configuration.retry,
            random: configuration.random,
            commands: { places.takenSoFar }
        )
    }

    /// Nanoseconds of the monotonic clock.
    static func now() -> Int64 {
        Int64(clamping: NIODeadline.now().uptimeNanoseconds)
    }

    /// Takes places for commands; false if there are not that many.
    func takePlaces(_ count: Int) -> Bool {
        places.take(count, limit: configuration.maximumCommandsInFlight)
    }

    func freePlaces(_ count: Int) {
        places.free(count)
    }

    var placesTaken: Int { places.taken }

    /// Said once in the life of a client, and not thrown, because most commands work.
    func warnOfCluster() {
        guard !hasWarnedOfCluster.exchange(true, ordering: .relaxed) else { return }
        logger.warning(
            "redis_cluster_node",
            metadata: [
                "recuerde.redis.address": "\(address)",
                "recuerde.redis.advice": "the URL leads to a cluster node; use redis+cluster://",
            ]
        )
    }
}
