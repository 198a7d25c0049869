import Logging
import NIOCore
import Synchronization

/// What all connections of a client have in common.
final class ClientShared: Sendable {
    let configuration: RedisConfiguration
    let logger: Logger
    let tracker: ClientStateTracker
    let address: String
    /// That of the configuration, so that no command pays for the conversion.
    let commandTimeout: Int64

    /// Commands that hold a place in some queue, also those whose caller is gone and whose reply is still to come.
    private let inFlight = Atomic<Int>(0)
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
        self.commandTimeout = configuration.commandTimeout.clampedNanoseconds
    }

    /// Nanoseconds of the monotonic clock.
    static func now() -> Int64 {
        Int64(clamping: NIODeadline.now().uptimeNanoseconds)
    }

    /// Takes places for commands; false if there are not that many.
    func takePlaces(_ count: Int) -> Bool {
        let before = inFlight.wrappingAdd(count, ordering: .relaxed).oldValue
        if before + count <= configuration.maximumCommandsInFlight { return true }
        freePlaces(count)
        return false
    }

    func freePlaces(_ count: Int) {
        guard count != 0 else { return }
        inFlight.wrappingSubtract(count, ordering: .relaxed)
    }

    var placesTaken: Int { inFlight.load(ordering: .relaxed) }

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
