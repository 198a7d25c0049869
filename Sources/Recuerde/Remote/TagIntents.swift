/// Tags that were invalidated and of which Redis has not heard yet: the newest of each. Part of ``RecoveryJournal``, whose bounds count it. Free
/// of I/O.
struct TagIntents: Sendable {
    struct Intent: Sendable {
        /// Kept, so that what is known here is not thrown away before Redis knows it.
        var mark: TagMark
        /// Entries that are not stamped later have expired.
        var expired: Stamp
        /// Entries that are not stamped later are gone; zero for none.
        var removed = Stamp.zero
        fileprivate(set) var reason: JournalReason
        fileprivate var notBefore = MonotonicInstant(nanoseconds: .min)
        fileprivate var attempts = 0
    }

    private(set) var intents: [String: Intent] = [:]

    var count: Int { intents.count }
    var reasons: some Collection<JournalReason> { intents.values.lazy.map(\.reason) }

    /// Notes an intent for the record of this name, together with an older one.
    mutating func note(_ mark: TagMark, _ name: String, stamp: Stamp, removes: Bool, reason: JournalReason) {
        var intent = intents[name] ?? Intent(mark: mark, expired: stamp, reason: reason)
        intent.expired = max(intent.expired, stamp)
        if removes { intent.removed = max(intent.removed, stamp) }
        intent.reason = reason
        intents[name] = intent
    }

    /// A clear stands for every intent that is not stamped later.
    mutating func cleared(upTo stamp: Stamp) {
        guard !intents.isEmpty else { return }
        intents = intents.filter { $0.value.expired > stamp }
    }

    /// Those that are due.
    func due(
        limit: Int,
        now: MonotonicInstant,
        regardless: Bool,
        isReady: (Stamp) -> Bool
    ) -> [(name: String, intent: Intent)] {
        guard !intents.isEmpty else { return [] }
        let due = intents.filter { (regardless || now >= $0.value.notBefore) && isReady($0.value.expired) }
        return due.prefix(limit).map { (name: $0.key, intent: $0.value) }
    }

    /// What waits for the record of this name. For operators.
    func waiting(_ name: String, now: MonotonicInstant) -> KeyExplanation.Waiting? {
        intents[name].map { intent in
            KeyExplanation.Waiting(
                operation: .invalidation(of: intent.mark.tag),
                stamp: intent.expired,
                reason: intent.reason,
                attempts: intent.attempts,
                pause: now.pause(until: intent.notBefore)
            )
        }
    }

    /// Redis has raised the floors of a tag. The intent stays where more has been noted meanwhile.
    mutating func settled(_ name: String, _ intent: Intent) {
        guard let present = intents[name], present.expired == intent.expired, present.removed == intent.removed else {
            return
        }
        intents[name] = nil
    }

    /// Redis has refused an intent: it waits, longer each time.
    mutating func refused(_ name: String, now: MonotonicInstant, reason: JournalReason) {
        guard var intent = intents[name] else { return }
        (intent.attempts, intent.notBefore) = RecoveryJournal.pause(after: intent.attempts, now: now)
        intent.reason = reason
        intents[name] = intent
    }

    /// An attempt to bring intents there came to nothing, which says nothing about them.
    mutating func wait(_ names: some Sequence<String>, reason: JournalReason) {
        for name in names { intents[name]?.reason = reason }
    }
}
