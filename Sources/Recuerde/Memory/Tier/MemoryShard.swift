/// One part of the memory tier: a table, an order of use (least recently used goes first), a wheel of deadlines, and
/// the guards of fills that are under way. Free of I/O and of locks; the tier holds each shard in a lock.
struct MemoryShard {
    /// What a fill holds while it is under way; an intervening write or removal makes it void.
    struct Guard: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct OpenGuards {
        var open = 0
        /// Guards up to this number are void.
        var voidUpTo: UInt64 = 0
        /// The latest stamp that a write of the key was acknowledged with while guards were open.
        var acknowledged = Stamp.zero
    }

    private var index: [CacheKey: Int32] = [:]
    /// What stands in each slot; nil for a free one. Keys, entries and links lie apart, since a hit moves links and
    /// reads one entry, and should touch nothing else.
    private var entries: [MemoryEntry?] = []
    private var keys: [CacheKey?] = []
    private var newer: [Int32] = []
    private var older: [Int32] = []
    private var free: [Int32] = []
    private var newest: Int32 = -1
    private var oldest: Int32 = -1
    private var wheel: ExpiryWheel
    private var guards: [CacheKey: OpenGuards] = [:]
    private var guardNumber: UInt64 = 0
    private(set) var bytes = 0
    private(set) var evictions = 0
    private(set) var expirations = 0
    private let maximumEntries: Int
    private let maximumBytes: Int

    init(maximumEntries: Int, maximumBytes: Int, now: MonotonicInstant) {
        self.maximumEntries = min(max(0, maximumEntries), Int(Int32.max) - 1)
        self.maximumBytes = max(0, maximumBytes)
        self.wheel = ExpiryWheel(now: now)
    }

    var count: Int { index.count }

    // MARK: Reading

    /// The entry, fresh or stale; nil where there is none or it is dead. Marks it as used.
    mutating func lookup(_ key: CacheKey, now: MonotonicInstant) -> MemoryEntry? {
        guard let slot = index[key], let entry = entries[Int(slot)] else { return nil }
        guard now < entry.physicalExpiry else {
            release(slot)
            expirations += 1
            return nil
        }
        if newest != slot {
            unlink(slot)
            linkAsNewest(slot)
        }
        return entry
    }

    /// The entry, without marking it as used.
    func peek(_ key: CacheKey, now: MonotonicInstant) -> MemoryEntry? {
        guard let slot = index[key], let entry = entries[Int(slot)], now < entry.physicalExpiry else { return nil }
        return entry
    }

    /// The keys of live entries, from the most recently used on.
    func liveKeys(limit: Int, now: MonotonicInstant) -> [CacheKey] {
        var found: [CacheKey] = []
        var slot = newest
        while slot >= 0, found.count < limit {
            if let entry = entries[Int(slot)], now < entry.physicalExpiry, let key = keys[Int(slot)] {
                found.append(key)
            }
            slot = older[Int(slot)]
        }
        return found
    }

    // MARK: Writing

    /// Puts what a caller has set. Voids all fills of the key.
    ///
    /// Of two that are both on their way to the remote tier, the one stamped later stays, whichever comes here first.
    mutating func put(_ key: CacheKey, _ entry: MemoryEntry, now: MonotonicInstant) {
        voidGuards(of: key)
        if let present = peek(key, now: now), present.isProvisional, present.stamp > entry.stamp { return }
        _ = insert(key, entry, now: now)
    }

    /// Puts what a caller has set, and lays a guard that stands until somebody else writes or removes the key.
    mutating func putGuarded(_ key: CacheKey, _ entry: MemoryEntry, now: MonotonicInstant) -> Guard {
        put(key, entry, now: now)
        return openGuard(key)
    }

    /// Removes the entry and voids all fills of the key; true if it was there and not dead.
    mutating func remove(_ key: CacheKey, now: MonotonicInstant) -> Bool {
        voidGuards(of: key)
        guard let slot = index[key], let entry = entries[Int(slot)] else { return false }
        release(slot)
        return now < entry.physicalExpiry
    }

    /// Removes the entry if it is this very one; says nothing about the key's other fills.
    mutating func removeIfSame(_ key: CacheKey, as entry: MemoryEntry) {
        guard let slot = index[key], entries[Int(slot)] === entry else { return }
        release(slot)
    }

    /// The remote tier has stamped an entry that was put here under a guard, which is taken away.
    ///
    /// What stands here by then gives way only if it was stamped earlier; nothing comes back that was removed. An entry
    /// that the remote tier stamped earlier than another write of the key goes, for the other one stands there.
    ///
    /// With `voidsFills`, reads that are under way keep nothing: where the remote tier has no stamps, what they have read
    /// cannot be told from what was written.
    mutating func acknowledge(
        _ guard: Guard,
        _ key: CacheKey,
        _ entry: MemoryEntry,
        stamp: Stamp,
        voidsFills: Bool = false,
        now: MonotonicInstant
    ) {
        let latest = guards[key]?.acknowledged ?? .zero
        if voidsFills { voidGuards(of: key) }
        guards[key]?.acknowledged = max(latest, stamp)
        _ = closeGuard(`guard`, of: key, filling: nil, now: now)
        guard let slot = index[key], let present = entries[Int(slot)] else { return }
        if present === entry {
            if latest > stamp {
                release(slot)
            } else {
                entries[Int(slot)] = entry.acknowledged(stamp: stamp)
            }
        } else if !present.isProvisional, present.stamp < stamp {
            _ = insert(key, entry.acknowledged(stamp: stamp), now: now)
        }
    }

    /// A removal has come to its end: whatever was put or fetched before it, or while it went on, goes.
    mutating func removeUpTo(_ stamp: Stamp, _ key: CacheKey, isAcknowledged: Bool) {
        voidGuards(of: key)
        guard let slot = index[key], let present = entries[Int(slot)] else { return }
        // Two stamps compare only if the same clock made them: a provisional one against that of an intent.
        if present.stamp <= stamp || (isAcknowledged && present.isProvisional) { release(slot) }
    }

    /// A clear has come to its end: whatever is not stamped later goes.
    mutating func removeAllUpTo(_ stamp: Stamp) {
        for key in guards.keys { voidGuards(of: key) }
        for slot in entries.indices {
            if let entry = entries[slot], entry.stamp <= stamp { release(Int32(slot)) }
        }
    }

    /// What is stamped up to here is no longer on its way to the remote tier: it gives way to what that says.
    mutating func acknowledgeAllUpTo(_ stamp: Stamp) {
        for slot in entries.indices {
            guard let entry = entries[slot], entry.isProvisional, entry.stamp <= stamp else { continue }
            entries[slot] = entry.acknowledged(stamp: entry.stamp)
        }
    }

    /// An entry that was put here while the remote tier was away has been brought there, or found something newer.
    ///
    /// `final` is the stamp that the remote tier has given it: another one where this machine's clock was far ahead.
    mutating func settle(_ key: CacheKey, stamp: Stamp, final: Stamp, survives: Bool) {
        guard let slot = index[key], let present = entries[Int(slot)], present.stamp == stamp else { return }
        if survives {
            entries[Int(slot)] = present.acknowledged(stamp: final)
        } else {
            release(slot)
        }
    }

    /// The remote tier does not have the key: drops the entry, unless it is on its way there. Fills that are under way
    /// go on.
    mutating func removeUnlessProvisional(_ key: CacheKey) {
        guard let slot = index[key], entries[Int(slot)]?.isProvisional == false else { return }
        release(slot)
    }

    /// Removes everything and voids all fills; returns how many live entries there were.
    mutating func removeAll(now: MonotonicInstant) -> Int {
        var live = 0
        for case let entry? in entries where now < entry.physicalExpiry { live += 1 }
        for key in guards.keys { voidGuards(of: key) }
        index = [:]
        entries = []
        keys = []
        newer = []
        older = []
        free = []
        newest = -1
        oldest = -1
        bytes = 0
        wheel = ExpiryWheel(now: now)
        return live
    }

    /// Gives back the memory of what is dead, at most `limit` entries; true where there may be more.
    mutating func purge(now: MonotonicInstant, limit: Int) -> Bool {
        var dead: [Int32] = []
        let more = wheel.advance(to: now, limit: limit) { dead.append(Int32($0)) }
        for slot in dead {
            release(slot)
            expirations += 1
        }
        return more
    }

    // MARK: Fills

    /// Lays a guard before a value is fetched or made.
    mutating func openGuard(_ key: CacheKey) -> Guard {
        guardNumber += 1
        guards[key, default: OpenGuards()].open += 1
        return Guard(number: guardNumber)
    }

    /// Whether nothing has been written or removed under the key since the guard was laid.
    func isValid(_ guard: Guard, of key: CacheKey) -> Bool {
        guards[key].map { `guard`.number > $0.voidUpTo } ?? false
    }

    /// Takes the guard away, and puts the entry if the guard still stood and nothing newer is here; true if it was put.
    mutating func closeGuard(
        _ guard: Guard,
        of key: CacheKey,
        filling entry: MemoryEntry?,
        now: MonotonicInstant
    ) -> Bool {
        let valid = isValid(`guard`, of: key)
        if var open = guards[key] {
            open.open -= 1
            guards[key] = open.open > 0 ? open : nil
        }
        guard valid, let entry else { return false }
        // A provisional stamp is this machine's own opinion; what the remote tier holds overrules it.
        if let present = peek(key, now: now), present.stamp > entry.stamp,
            !present.isProvisional || entry.isProvisional
        {
            return false
        }
        return insert(key, entry, now: now)
    }

    private mutating func voidGuards(of key: CacheKey) {
        guards[key]?.voidUpTo = guardNumber
    }

    // MARK: The table

    /// Puts an entry in place of what was there; makes room first, so that no bound is passed even for a moment.
    private mutating func insert(_ key: CacheKey, _ entry: MemoryEntry, now: MonotonicInstant) -> Bool {
        if let old = index[key] { release(old) }
        guard maximumEntries > 0, entry.weight <= maximumBytes, now < entry.physicalExpiry else { return false }
        _ = purge(now: now, limit: 8)
        while index.count >= maximumEntries || bytes > maximumBytes - entry.weight {
            guard oldest >= 0 else { return false }
            release(oldest)
            evictions += 1
        }
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            entries[Int(slot)] = entry
            keys[Int(slot)] = key
        } else {
            slot = Int32(entries.count)
            entries.append(entry)
            keys.append(key)
            newer.append(-1)
            older.append(-1)
            wheel.reserve(slot: Int(slot))
        }
        index[key] = slot
        bytes += entry.weight
        linkAsNewest(slot)
        wheel.schedule(slot: Int(slot), at: entry.physicalExpiry)
        return true
    }

    private mutating func release(_ slot: Int32) {
        guard let entry = entries[Int(slot)], let key = keys[Int(slot)] else { return }
        unlink(slot)
        wheel.cancel(slot: Int(slot))
        index[key] = nil
        bytes -= entry.weight
        entries[Int(slot)] = nil
        keys[Int(slot)] = nil
        free.append(slot)
    }

    private mutating func linkAsNewest(_ slot: Int32) {
        newer[Int(slot)] = -1
        older[Int(slot)] = newest
        if newest >= 0 { newer[Int(newest)] = slot }
        newest = slot
        if oldest < 0 { oldest = slot }
    }

    private mutating func unlink(_ slot: Int32) {
        let after = newer[Int(slot)]
        let before = older[Int(slot)]
        if after >= 0 { older[Int(after)] = before } else { newest = before }
        if before >= 0 { newer[Int(before)] = after } else { oldest = after }
    }
}
