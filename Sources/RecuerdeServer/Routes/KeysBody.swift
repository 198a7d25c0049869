import Recuerde

/// A page of keys as operators get it.
struct KeysBody: Encodable {
    let keys: [String]
    let truncated: Bool
    let source: String
}

/// What each tier holds under a key, as operators get it.
struct ExplanationBody: Encodable {
    struct Holding: Encodable {
        let state: String
        /// Microseconds of Unix time. As text, since JSON readers that know only doubles would round it.
        let stamp: String?
        let ageSeconds: Double?
        let remainingSeconds: Double?
        let bytes: Int
        let tags: [String]
        let standing: String?

        init(_ holding: KeyExplanation.Holding) {
            state = holding.state
            stamp = holding.stamp.map { String($0.microseconds) }
            ageSeconds = holding.age.map(\.inSeconds)
            remainingSeconds = holding.remaining.map(\.inSeconds)
            bytes = holding.bytes
            tags = holding.tags
            standing = holding.standing
        }
    }

    let key: String
    let name: String
    @Nullable var memory: Holding?
    @Nullable var redis: Holding?
    let redisAnswered: Bool
    let pendingWrite: Bool
    let loading: Bool
    let verdict: String

    init(_ explanation: KeyExplanation) {
        key = explanation.key
        name = explanation.name
        _memory = Nullable(wrappedValue: explanation.memory.map(Holding.init))
        _redis = Nullable(wrappedValue: explanation.redis.map(Holding.init))
        redisAnswered = explanation.redisAnswered
        pendingWrite = explanation.hasPendingWrite
        loading = explanation.isLoading
        verdict = explanation.verdict
    }
}
