import Recuerde

/// What is known about a key and why a read of it hits or misses, as operators get it. Never the value.
///
/// Stamps are microseconds of Unix time, as text, since JSON readers that know only doubles would round them.
struct ExplanationBody: Encodable {
    struct Mark: Encodable {
        let tag: String
        let effect: String
        let expiredUpTo: String?
        let removedUpTo: String?

        init(_ mark: KeyExplanation.Mark) {
            tag = mark.tag
            effect = mark.effect
            expiredUpTo = mark.expiredUpTo.map { String($0.microseconds) }
            removedUpTo = mark.removedUpTo.map { String($0.microseconds) }
        }
    }

    struct Payload: Encodable {
        let compressed: Bool
        let encryptionKey: String?
        let schemaVersion: UInt32

        init(_ payload: KeyExplanation.Payload) {
            compressed = payload.isCompressed
            encryptionKey = payload.encryptionKeyID
            schemaVersion = payload.schemaVersion
        }
    }

    struct Holding: Encodable {
        let state: String
        let refusal: String?
        let stamp: String?
        let ageSeconds: Double?
        let remainingSeconds: Double?
        let lifeSeconds: Double?
        let bytes: Int
        let tags: [String]
        let marks: [Mark]
        let etag: String?
        let lastModified: String?
        let provisional: Bool
        let standing: String?
        let payload: Payload?

        init(_ holding: KeyExplanation.Holding) {
            state = holding.state
            refusal = holding.refusal
            stamp = holding.stamp.map { String($0.microseconds) }
            ageSeconds = holding.age.map(\.inSeconds)
            remainingSeconds = holding.remaining.map(\.inSeconds)
            lifeSeconds = holding.life.map(\.inSeconds)
            bytes = holding.bytes
            tags = holding.tags
            marks = holding.marks.map(Mark.init)
            etag = holding.validators?.etag
            lastModified = holding.validators?.lastModified
            provisional = holding.isProvisional
            standing = holding.standing
            payload = holding.payload.map(Payload.init)
        }
    }

    struct Waiting: Encodable {
        let operation: String
        let tag: String?
        let stamp: String
        let reason: String
        let attempts: Int
        let pauseSeconds: Double?

        init(_ waiting: KeyExplanation.Waiting) {
            operation = "\(waiting.operation)"
            tag = waiting.operation.tag
            stamp = String(waiting.stamp.microseconds)
            reason = "\(waiting.reason)"
            attempts = waiting.attempts
            pauseSeconds = waiting.pause.map(\.inSeconds)
        }
    }

    struct Flight: Encodable {
        let purpose: String
        let waiting: Int
    }

    struct Lease: Encodable {
        let heldHere: Bool
        let remainingSeconds: Double?
    }

    let key: String
    let name: String
    let verdict: String
    @Nullable var memory: Holding?
    @Nullable var redis: Holding?
    let redisAnswered: Bool
    let redisFailure: String?
    let pendingWrite: Bool
    let journal: [Waiting]
    let loading: Bool
    let flights: [Flight]
    let lease: Lease?
    let pauseSeconds: Double?

    init(_ explanation: KeyExplanation) {
        key = explanation.key
        name = explanation.name
        verdict = explanation.verdict
        _memory = Nullable(wrappedValue: explanation.memory.map(Holding.init))
        _redis = Nullable(wrappedValue: explanation.redis.map(Holding.init))
        redisAnswered = explanation.redisAnswered
        redisFailure = explanation.redisFailure
        pendingWrite = explanation.hasPendingWrite
        journal = explanation.journal.map(Waiting.init)
        loading = explanation.isLoading
        flights = explanation.flights.map { Flight(purpose: $0.purpose, waiting: $0.waiting) }
        lease = explanation.lease.map {
            Lease(heldHere: $0.isHeldHere, remainingSeconds: $0.remaining.map(\.inSeconds))
        }
        pauseSeconds = explanation.pause.map(\.inSeconds)
    }
}
