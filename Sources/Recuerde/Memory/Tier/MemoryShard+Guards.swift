extension MemoryShard {
    /// What a fill holds while it is under way; an intervening write or removal makes it void.
    struct Guard: Hashable, Sendable {
        fileprivate let number: UInt64

        /// Void from the start.
        static let none = Guard(number: 0)
    }

    struct OpenGuards {
        fileprivate var open = 0
        /// Guards up to this number are void, since this process has written or removed the key.
        fileprivate var voidUpTo: UInt64 = 0
        /// Guards up to this number are void, since a notice has told of another's change.
        fileprivate var noticedUpTo: UInt64 = 0
        /// The latest stamp that a write of the key was acknowledged with while guards were open.
        var acknowledged = Stamp.zero
    }

    /// Lays a guard before a value is fetched or made.
    mutating func openGuard(_ key: CacheKey) -> Guard {
        guardNumber += 1
        guards[key, default: OpenGuards()].open += 1
        return Guard(number: guardNumber)
    }

    /// Whether nothing has been written or removed under the key since the guard was laid, by anyone.
    func isValid(_ guard: Guard, of key: CacheKey) -> Bool {
        guards[key].map { `guard`.number > max($0.voidUpTo, $0.noticedUpTo) } ?? false
    }

    /// Whether this process has written or removed nothing under the key since the guard was laid.
    func isNewest(_ guard: Guard, of key: CacheKey) -> Bool {
        guards[key].map { `guard`.number > $0.voidUpTo } ?? false
    }

    /// Takes the guard away, and puts the entry if the guard still stood and nothing newer is here; true if it was put.
    ///
    /// A witness given here goes before that of the entry, and says that the remote tier has it: then nothing older follows.
    mutating func closeGuard(
        _ guard: Guard,
        of key: CacheKey,
        filling entry: MemoryEntry?,
        witness: UInt32? = nil,
        despiteNotices: Bool = false,
        now: MonotonicInstant
    ) -> Bool {
        var isValid = despiteNotices ? isNewest(`guard`, of: key) : isValid(`guard`, of: key)
        if witness != nil, let entry {
            let latest = guards[key]?.acknowledged ?? .zero
            guards[key]?.acknowledged = max(latest, entry.stamp)
            if latest > entry.stamp { isValid = false }
        }
        let isKept = isValid && entry.map { !isOvertaken($0, key) && fill(key, with: $0, now: now) } ?? false
        if isKept, let witness = witness ?? entry?.metadata.witness, witness != 0, let slot = find(key) {
            slots.hot(slot).pointee.witness = witness
        }
        // Where room is waited for, the next attempt closes it.
        if isWaiting { return false }
        if var open = guards[key] {
            open.open -= 1
            guards[key] = open.open > 0 ? open : nil
        }
        return isKept
    }

    /// Whether a write of this process was acknowledged meanwhile that the remote tier stamped later. What stands in memory says so too, unless it
    /// has been evicted since.
    private func isOvertaken(_ entry: MemoryEntry, _ key: CacheKey) -> Bool {
        guard !entry.isProvisional, let open = guards[key] else { return false }
        return entry.stamp < open.acknowledged
    }

    private mutating func fill(_ key: CacheKey, with entry: MemoryEntry, now: MonotonicInstant) -> Bool {
        // A provisional stamp is this machine's own opinion; what the remote tier holds overrules it.
        if let slot = find(key), isLive(slot, now: now) {
            if stamp(slot) > entry.stamp, !isProvisional(slot) || entry.isProvisional { return false }
            if isCopy(entry, of: slot) {
                policy.hit(slot)
                return true
            }
            // Under one stamp there is one value. What has become stale was expired after this was read, however late it comes.
            let isStale = slots.hot(slot).pointee.logicalExpiry <= now.nanoseconds
            if isStale, stamp(slot) == entry.stamp, !isProvisional(slot) {
                guard insert(key, entry, now: now), let slot = find(key) else { return false }
                makeStale(slot, now: now)
                return true
            }
        }
        return insert(key, entry, now: now)
    }

    /// Whether an entry in hand was copied from what stands in the slot, so that there is nothing to replace.
    private func isCopy(_ entry: MemoryEntry, of slot: UInt32) -> Bool {
        slots.cold(slot).pointee.identity == entry.metadata.identity && stamp(slot) == entry.stamp
            && isProvisional(slot) == entry.isProvisional
            && slots.hot(slot).pointee.logicalExpiry == entry.logicalExpiry.nanoseconds
            && slots.hot(slot).pointee.physicalExpiry == entry.physicalExpiry.nanoseconds
            && slots.kinds.isKind(slots.hot(slot).pointee.kind, entry.type)
    }

    mutating func voidGuards(of key: CacheKey) {
        // Nothing is under way most of the time.
        guard !guards.isEmpty else { return }
        guards[key]?.voidUpTo = guardNumber
    }

    /// The same for a notice of another's change.
    mutating func voidGuardsByNotice(of key: CacheKey) {
        guard !guards.isEmpty else { return }
        guards[key]?.noticedUpTo = guardNumber
    }

    mutating func voidAllGuardsByNotice() {
        for key in guards.keys { guards[key]?.noticedUpTo = guardNumber }
    }

    mutating func voidAllGuards() {
        for key in guards.keys { guards[key]?.voidUpTo = guardNumber }
    }
}
