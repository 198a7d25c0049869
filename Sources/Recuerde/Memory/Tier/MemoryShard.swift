/// One part of the memory tier: slots with a table, an order of eviction, a wheel of deadlines, and the guards of fills that are under
/// way. Free of I/O and of locks; the tier holds each shard in a lock.
///
/// What leaves is put aside in ``remains``, so that the tier lets go of values and tells of removals when it no longer holds the lock.
struct MemoryShard: ~Copyable, @unchecked Sendable {
    // Sendable: it can change hands because there is one owner (`~Copyable`), its pointers lead to memory that it alone owns, and all
    // values that stand there are Sendable. That two threads do not change it at once is what `mutating` and the tier's locks see to.

    var slots: SlotStore
    var table: SlotTable
    var policy: EvictionPolicy
    var wheel: ExpiryWheel
    var guards: [CacheKey: OpenGuards] = [:]
    var guardNumber: UInt64 = 0
    var remains = MemoryRemains()
    var bytes = 0
    /// Entries that were taken in, and what became of entries, by reason.
    var insertions = 0
    var removals = [Int](repeating: 0, count: RemovalReason.Wrapped.allCases.count)
    private let hasListener: Bool
    private let events: EventHub?
    let ledger: MemoryLedger
    let arena: MemoryArena
    let number: Int
    /// How many shards there are.
    let siblings: Int
    /// Who asks other shards for room; nil for a shard on its own.
    weak var tier: MemoryTier?
    /// Whether the policy counts bytes; else it counts entries. Other bounds may change it, see ``followBounds()``.
    private(set) var weighsBytes: Bool
    let goal: EvictionGoal
    /// Taken from the ledger and not in use: what victims have left for the newcomer.
    var spareEntries = 0
    var spareBytes = 0
    /// Whether who puts something in comes again where others who may have room to give are busy; and whether it should.
    var mayWait = false
    var isWaiting = false
    /// Whether there was not room yet when as many had gone as may under one lock.
    var hasMoreToRelease = false

    /// A shard of a tier.
    init(
        ledger: MemoryLedger,
        arena: MemoryArena = MemoryArena(),
        number: Int,
        of siblings: Int,
        hasListener: Bool,
        events: EventHub? = nil,
        goal: EvictionGoal,
        now: MonotonicInstant
    ) {
        self.ledger = ledger
        self.arena = arena
        self.slots = SlotStore(arena: arena)
        self.table = SlotTable(arena: arena)
        self.number = number
        self.siblings = max(1, siblings)
        self.hasListener = hasListener
        self.events = events
        self.goal = goal
        self.wheel = ExpiryWheel(now: now)
        self.weighsBytes = Self.weighsBytes(entries: ledger.maximumEntries, bytes: ledger.maximumBytes)
        let bound = (weighsBytes ? ledger.maximumBytes : ledger.maximumEntries) / self.siblings
        self.policy = EvictionPolicy(bound: bound, goal: goal, seed: UInt64.random(in: .min ... .max))
    }

    /// A shard on its own.
    init(maximumEntries: Int, maximumBytes: Int, now: MonotonicInstant) {
        self.init(
            ledger: MemoryLedger(maximumEntries: maximumEntries, maximumBytes: maximumBytes),
            number: 0,
            of: 1,
            hasListener: false,
            goal: .requests,
            now: now
        )
    }

    /// Bytes are what the policy weighs where they are what runs out first, if an entry weighs half a kilobyte.
    static func weighsBytes(entries: Int, bytes: Int) -> Bool {
        bytes / 512 < entries
    }

    /// The bounds of the tier have changed; true if the policy counts in another unit from now on, and what is there has to follow by
    /// ``reweigh(from:limit:)``. Meanwhile the queues are somewhat off in their shares, and no bound is: those are kept by the ledger.
    mutating func followBounds() -> Bool {
        let (entries, bytes) = (ledger.maximumEntries, ledger.maximumBytes)
        let hasChanged = weighsBytes != Self.weighsBytes(entries: entries, bytes: bytes)
        if hasChanged {
            weighsBytes.toggle()
            policy.changeUnit()
        }
        policy.setBound((weighsBytes ? bytes : entries) / siblings)
        return hasChanged
    }

    /// Tells the policy what entries weigh in its present unit, for `limit` slots from `cursor` on; returns where to go on, nil at the end.
    mutating func reweigh(from cursor: UInt32, limit: Int) -> UInt32? {
        let end = min(slots.used, cursor + UInt32(limit))
        for slot in cursor..<max(cursor, end) where slots.hot(slot).pointee.isOccupied {
            policy.reweigh(slot, weight: weighsBytes ? slots.weight(slot) : 1)
        }
        return end < slots.used ? end : nil
    }

    /// Whether somebody listens to removals.
    var tellsRemovals: Bool { hasListener || events?.isHeard == true }
    var count: Int { table.count }
    var evictions: Int { removals(.size) + removals(.weight) }
    var expirations: Int { removals(.expired) }

    func removals(_ reason: RemovalReason.Wrapped) -> Int {
        removals[reason.rawValue]
    }

    // MARK: Reading

    @inline(__always)
    func find(_ probe: borrowing KeyProbe) -> UInt32? {
        table.find(probe.tableHash) { slots.hot($0).pointee.key.matches(probe) }
    }

    func find(_ key: CacheKey) -> UInt32? {
        key.withProbe { find($0) }
    }

    /// Copies the value to `place` if it is fresh and of this type, and marks it as used then. With lines, only if its own vouches for it, or
    /// it is on its way to the remote tier. Whatever else there may be is left to ``lookup(_:now:)``.
    @inline(__always)
    mutating func copyFresh(
        _ probe: borrowing KeyProbe,
        _ type: ObjectIdentifier,
        to place: UnsafeMutableRawPointer,
        now: MonotonicInstant,
        lines: LineTable?
    ) -> Bool {
        guard let slot = find(probe) else { return false }
        let hot = slots.hot(slot)
        if let lines, !lines.isVerified(hot.pointee.witness, now: now), !hot.pointee.isProvisional { return false }
        // The logical expiry never lies behind the physical one.
        guard now.nanoseconds < hot.pointee.logicalExpiry, now.nanoseconds < hot.pointee.physicalExpiry,
            slots.kinds.isKind(hot.pointee.kind, type), let kind = slots.kinds[hot.pointee.kind]
        else { return false }
        if hot.pointee.isTagged, !slots.tagsStand(slot, lines: lines, now: now) { return false }
        policy.hit(slot)
        kind.copy(slots.valuePlace(slot), to: place)
        return true
    }

    /// The entry, fresh or stale; nil where there is none or it is dead. Marks it as used.
    mutating func lookup(_ key: CacheKey, now: MonotonicInstant) -> MemoryEntry? {
        guard let slot = lookupSlot(key, now: now) else { return nil }
        return entry(slot)
    }

    /// The value and what is known of it; nil for a value of another type too.
    mutating func lookup<Value: Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        now: MonotonicInstant
    ) -> (Value, MemoryMetadata)? {
        guard let slot = lookupSlot(key, now: now),
            slots.kinds.isKind(slots.hot(slot).pointee.kind, ObjectIdentifier(type))
        else { return nil }
        return (ValuePlace<Value>.read(slots.valuePlace(slot)), metadata(slot))
    }

    private mutating func lookupSlot(_ key: CacheKey, now: MonotonicInstant) -> UInt32? {
        guard let slot = find(key) else { return nil }
        guard isLive(slot, now: now) else {
            release(slot, .expired)
            settleSpare()
            return nil
        }
        policy.hit(slot)
        return slot
    }

    /// The entry, without marking it as used.
    func peek(_ key: CacheKey, now: MonotonicInstant) -> MemoryEntry? {
        guard let slot = find(key), isLive(slot, now: now) else { return nil }
        return entry(slot)
    }

    /// The value, if it is fresh and of this type, without marking it as used.
    func peek<Value: Sendable>(_ key: CacheKey, as type: Value.Type, now: MonotonicInstant) -> (Value, MemoryMetadata)?
    {
        guard let slot = find(key), isLive(slot, now: now),
            slots.kinds.isKind(slots.hot(slot).pointee.kind, ObjectIdentifier(type))
        else { return nil }
        return (ValuePlace<Value>.read(slots.valuePlace(slot)), metadata(slot))
    }

    /// Calls with live slots from `cursor` on, at most `limit` steps; returns where to go on, nil at the end.
    func walk(from cursor: UInt32, limit: Int, now: MonotonicInstant, _ body: (UInt32) -> Void) -> UInt32? {
        let end = min(slots.used, cursor + UInt32(limit))
        for slot in cursor..<max(cursor, end) where slots.hot(slot).pointee.isOccupied && isLive(slot, now: now) {
            body(slot)
        }
        return end < slots.used ? end : nil
    }

    @inline(__always)
    func isLive(_ slot: UInt32, now: MonotonicInstant) -> Bool {
        now.nanoseconds < slots.hot(slot).pointee.physicalExpiry
    }

    func stamp(_ slot: UInt32) -> Stamp {
        Stamp(microseconds: slots.cold(slot).pointee.stamp)
    }

    func isProvisional(_ slot: UInt32) -> Bool {
        slots.hot(slot).pointee.isProvisional
    }

    /// Whether a slot holds this very entry.
    func holds(_ slot: UInt32, _ entry: MemoryEntry) -> Bool {
        let identity = slots.cold(slot).pointee.identity
        return identity != 0 && identity == entry.metadata.identity
    }

    func metadata(_ slot: UInt32) -> MemoryMetadata {
        let hot = slots.hot(slot)
        let cold = slots.cold(slot)
        var metadata = MemoryMetadata(
            stamp: Stamp(microseconds: cold.pointee.stamp),
            createdAt: MonotonicInstant(nanoseconds: cold.pointee.createdAt),
            logicalExpiry: MonotonicInstant(nanoseconds: hot.pointee.logicalExpiry),
            physicalExpiry: MonotonicInstant(nanoseconds: hot.pointee.physicalExpiry),
            weight: slots.weight(slot),
            isProvisional: hot.pointee.isProvisional,
            identity: cold.pointee.identity,
            witness: hot.pointee.witness
        )
        if cold.pointee.details != 0 {
            (metadata.marks, metadata.validators, metadata.cost) = EntryDetails.decode(cold.pointee.details)
        }
        return metadata
    }

    func entry(_ slot: UInt32) -> MemoryEntry? {
        slots.kinds[slots.hot(slot).pointee.kind]?.entry(slots.valuePlace(slot), metadata(slot))
    }
}
