import Logging
import NIOCore

/// What all connections of a client have in common.
final class ClientShared: Sendable {
    let configuration: RedisConfiguration
    let logger: Logger
    let tracker: ClientStateTracker
    let address: String
    /// That of the configuration, so that no command pays for the conversion.
    let commandTimeout: Int64

    let retries: RetryGate
    let recorder: ClientRecorder

    /// The caps, with what is taken of them.
    let inFlight: InFlight
    private let places: PlaceCounter
    private let bytes: BytesInFlight
    let notices: ClientNotices

    init(
        configuration: RedisConfiguration,
        logger: Logger,
        onStateChange: (@Sendable (RedisClientState) -> Void)?,
        bytes: BytesInFlight? = nil
    ) {
        self.configuration = configuration
        self.logger = logger
        self.tracker = ClientStateTracker(onChange: onStateChange)
        self.address = configuration.url.address
        self.commandTimeout = configuration.commandTimeout.clampedNanoseconds
        let recorder = configuration.recorder ?? ClientRecorder(observer: configuration.observer)
        self.recorder = recorder
        let inFlight = configuration.inFlight ?? InFlight(configuration, bytes: bytes)
        self.inFlight = inFlight
        self.bytes = inFlight.bytes
        let places = inFlight.places
        self.places = places
        notices = configuration.notices ?? ClientNotices()
        self.retries = RetryGate(
            policy: configuration.retry,
            random: configuration.random,
            commands: { places.takenSoFar },
            recorder: recorder
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

    /// Makes a caller that holds what its commands need, or says what there is too much of.
    ///
    /// - Parameter beside: true for the commands of lanes, which have a count of their own.
    func admit(
        _ name: String,
        count: Int,
        bytes size: Int,
        deadline: Int64,
        beside: Bool = false
    ) throws(RedisError) -> PendingReply {
        var hold: BytesInFlight.Hold?
        switch bytes.take(size) {
        case .free: break
        case .taken(let taken): hold = taken
        case .full: throw RedisError.tooManyBytes(name, address: address, limit: bytes.limit)
        }
        guard takePlaces(count) else {
            let limit = configuration.maximumCommandsInFlight
            throw RedisError.tooManyCommands(name, address: address, limit: limit, beside: beside)
        }
        return PendingReply(name: name, replyCount: count, deadline: deadline, hold: hold)
    }

    /// Makes a caller for a command of the client's own, whatever the cap.
    func admitOwn(_ name: String, deadline: Int64) -> PendingReply {
        places.add()
        return PendingReply(name: name, replyCount: 1, deadline: deadline)
    }

    /// Takes a place for a command of the client's own, whatever the cap.
    func addPlace() {
        places.add()
    }

    func freePlaces(_ count: Int) {
        places.free(count)
    }

    var placesTaken: Int { places.taken }

    var bytesTaken: Int { bytes.taken }

    /// The reason for being without tracking, if it has not been said yet.
    func warnsOfTracking(_ state: RedisTrackingState) -> String? {
        notices.newRefusal(of: state, by: address)
    }

    /// For connections beside the usual ones, which have places of their own and do not count for the client's state.
    func derived(onStateChange: (@Sendable (RedisClientState) -> Void)? = nil) -> ClientShared {
        var configuration = configuration
        configuration.tracking = nil
        // Lanes close when nobody uses them; a subscription would lose messages by every change of connections.
        configuration.maximumAge = nil
        configuration.recorder = recorder
        configuration.notices = notices
        configuration.inFlight = nil
        return ClientShared(
            configuration: configuration,
            logger: logger,
            onStateChange: onStateChange,
            bytes: bytes
        )
    }

    /// Said once in the life of a client, whatever the number of its nodes: servers before 7.0 do not know CLIENT NO-EVICT, and a user may not be let.
    func noEvictWasRefused(_ error: RESPErrorReply) {
        guard notices.noEvict.isFirst() else { return }
        logger.notice(
            "redis_no_evict_off",
            metadata: [
                "recuerde.redis.address": "\(address)",
                "recuerde.redis.reason": "the server refuses it: \(RedisError(reply: error).message)",
                "recuerde.redis.advice":
                    "where maxmemory-clients is set, the server may close connections of this client",
            ]
        )
    }

    /// Said once in the life of a client, whatever the number of its nodes: commands work as before, but what the server tells by itself does not come.
    func sayOldProtocol(_ facts: RedisServerFacts) {
        guard notices.oldProtocol.isFirst() else { return }
        logger.notice(
            "redis_old_protocol",
            metadata: [
                "recuerde.redis.address": "\(address)",
                "recuerde.redis.version": "\(facts.version ?? "unknown")",
                "recuerde.redis.reason": "the server does not answer HELLO 3, so that RESP2 is spoken",
                "recuerde.redis.advice":
                    "tracking of keys and push messages are off; they need Redis 6.0 or later, and no proxy that speaks RESP2 only",
            ]
        )
    }

    /// Said once in the life of a client, and not thrown, because most commands work.
    func warnOfCluster() {
        guard notices.clusterNode.isFirst() else { return }
        logger.warning(
            "redis_cluster_node",
            metadata: [
                "recuerde.redis.address": "\(address)",
                "recuerde.redis.advice": "the URL leads to a cluster node; use redis+cluster://",
            ]
        )
    }
}
