import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Decoded values in this process, bounded by number and by weight at every moment.
///
/// A hit costs one lock that few share, one lookup and one comparison of deadlines; it decodes and allocates nothing. No lock is held for
/// more than some dozens of entries' work, and while one is held no code of a caller runs: values are let go of, and removals told, after it.
///
/// Nothing here runs by itself. The dead are given back by writes, eight small steps each, and by ``purge()``, which `Cache.run()` calls
/// every half second.
final class MemoryTier: Sendable {
    let parts: [MemoryPart]
    private let mask: Int
    let timeSource: any TimeSource
    let ledger: MemoryLedger
    /// Who is told of every removal.
    private let onRemoval: (@Sendable (MemoryRemoval) -> Void)?
    /// The same with those who listen to events.
    private let onRemovalWithEvents: (@Sendable (MemoryRemoval) -> Void)?
    private let events: EventHub?
    /// Who gives next, when a shard needs room that others have.
    let giver = Atomic(0)
    /// Held by who changes the bounds.
    let bounding = Mutex(())
    /// Steps of work under one lock.
    static let stepLimit = 64

    init(
        configuration: MemoryConfiguration,
        timeSource: any TimeSource,
        listener: (@Sendable (MemoryRemoval) -> Void)? = nil,
        events: EventHub? = nil
    ) {
        let processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let wanted = configuration.shardCount(processors: processors)
        // A power of two, so that a mask finds the part.
        let count = 1 << (Int.bitWidth - 1 - wanted.leadingZeroBitCount)
        let now = timeSource.now()
        let ledger = MemoryLedger(
            maximumEntries: configuration.maximumEntries,
            maximumBytes: configuration.maximumBytes,
            budget: configuration.budget
        )
        let arena = MemoryArena()
        self.timeSource = timeSource
        self.ledger = ledger
        self.onRemoval = listener
        self.events = events
        self.onRemovalWithEvents = events.map { $0.listener(besides: listener) }
        self.mask = count - 1
        self.parts = (0..<count).map { number in
            MemoryPart(
                MemoryShard(
                    ledger: ledger,
                    arena: arena,
                    number: number,
                    of: count,
                    hasListener: listener != nil,
                    events: events,
                    goal: configuration.goal,
                    now: now
                )
            )
        }
        for part in parts { part.withLock { $0.tier = self } }
        configuration.budget?.join(self)
    }

    deinit {
        // What is here no longer counts against what others may take.
        for part in parts {
            _ = part.withLock { $0.takeAll() }
            part.end()
        }
        ledger.budget?.leave()
    }

    /// Who is told of removals at present.
    var listener: (@Sendable (MemoryRemoval) -> Void)? {
        events?.isHeard == true ? onRemovalWithEvents : onRemoval
    }

    // MARK: Reading

    /// Copies the value to `place` if it is fresh and of this type. The shortest way through: no entry in hand is made.
    @inline(__always)
    func copyFresh(
        _ key: CacheKey,
        _ type: ObjectIdentifier,
        to place: UnsafeMutableRawPointer,
        now: MonotonicInstant,
        lines: LineTable? = nil
    ) -> Bool {
        key.withProbe { probe in
            part(of: key).withLock { $0.copyFresh(probe, type, to: place, now: now, lines: lines) }
        }
    }

    func lookup<Value: Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        now: MonotonicInstant
    ) -> (value: Value, metadata: MemoryMetadata)? {
        locked(key) { $0.lookup(key, as: type, now: now) }
    }

    func peek(_ key: CacheKey, now: MonotonicInstant) -> MemoryEntry? {
        part(of: key).withLock { $0.peek(key, now: now) }
    }

    func peek<Value: Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        now: MonotonicInstant
    ) -> (value: Value, metadata: MemoryMetadata)? {
        part(of: key).withLock { $0.peek(key, as: type, now: now) }
    }

    // MARK: Writing

    func put(_ key: CacheKey, _ entry: MemoryEntry) {
        let now = timeSource.now()
        storing(key, entry.metadata, now: now) { $0.put(key, entry, now: now) }
    }

    func put(_ key: CacheKey, _ source: MemorySource, now: MonotonicInstant) {
        storing(key, source.metadata, now: now) { $0.put(key, source, now: now) }
    }

    func putGuarded(_ key: CacheKey, _ entry: MemoryEntry) -> MemoryShard.Guard {
        let now = timeSource.now()
        return storing(key, entry.metadata, now: now) { $0.putGuarded(key, entry, now: now) }
    }

    func remove(_ key: CacheKey) -> Bool {
        let now = timeSource.now()
        return locked(key) { $0.remove(key, now: now) }
    }

    func removeIfSame(_ key: CacheKey, as entry: MemoryEntry) {
        let now = timeSource.now()
        locked(key) { $0.removeIfSame(key, as: entry, now: now) }
    }

    func acknowledge(
        _ guard: MemoryShard.Guard,
        _ key: CacheKey,
        _ entry: MemoryEntry,
        stamp: Stamp,
        witness: UInt32 = 0,
        voidsFills: Bool
    ) {
        let now = timeSource.now()
        locked(key) {
            $0.acknowledge(
                `guard`,
                key,
                entry,
                stamp: stamp,
                witness: witness,
                voidsFills: voidsFills,
                now: now
            )
        }
    }

    func removeUpTo(
        _ stamp: Stamp,
        _ key: CacheKey,
        isAcknowledged: Bool,
        told: (Stamp) -> Stamp = { $0 }
    ) {
        let now = timeSource.now()
        locked(key) { $0.removeUpTo(stamp, key, isAcknowledged: isAcknowledged, told: told, now: now) }
    }

    func removeAllUpTo(_ stamp: Stamp, told: (Stamp) -> Stamp = { $0 }) {
        let now = timeSource.now()
        inSteps { $0.removeAllUpTo(stamp, from: $1, limit: $2, told: told, now: now) }
    }

    func acknowledgeAllUpTo(_ stamp: Stamp) {
        inSteps { $0.acknowledgeAllUpTo(stamp, from: $1, limit: $2) }
    }

    func settle(_ key: CacheKey, stamp: Stamp, final: Stamp, survives: Bool) {
        let now = timeSource.now()
        locked(key) { $0.settle(key, stamp: stamp, final: final, survives: survives, now: now) }
    }

    func giveWay(_ key: CacheKey, stamp: Stamp) {
        locked(key) { $0.giveWay(key, stamp: stamp) }
    }

    func removeUnlessProvisional(_ key: CacheKey) {
        let now = timeSource.now()
        locked(key) { $0.removeUnlessProvisional(key, now: now) }
    }

    func setLifetime(_ key: CacheKey, logicalExpiry: MonotonicInstant, physicalExpiry: MonotonicInstant) -> Bool {
        let now = timeSource.now()
        return locked(key) {
            $0.setLifetime(key, logicalExpiry: logicalExpiry, physicalExpiry: physicalExpiry, now: now)
        }
    }

    func openGuard(_ key: CacheKey) -> MemoryShard.Guard {
        part(of: key).withLock { $0.openGuard(key) }
    }

    func isValid(_ guard: MemoryShard.Guard, of key: CacheKey) -> Bool {
        part(of: key).withLock { $0.isValid(`guard`, of: key) }
    }

    @discardableResult
    func closeGuard(
        _ guard: MemoryShard.Guard,
        of key: CacheKey,
        filling entry: MemoryEntry? = nil,
        witness: UInt32? = nil,
        despiteNotices: Bool = false
    ) -> Bool {
        let now = timeSource.now()
        return storing(key, entry?.metadata, now: now) {
            $0.closeGuard(
                `guard`,
                of: key,
                filling: entry,
                witness: witness,
                despiteNotices: despiteNotices,
                now: now
            )
        }
    }

    func isNewest(_ guard: MemoryShard.Guard, of key: CacheKey) -> Bool {
        part(of: key).withLock { $0.isNewest(`guard`, of: key) }
    }

    /// Removes everything; returns how many live entries there were. Holds each lock for a moment: what was there is let go of after it.
    func removeAll() -> Int {
        let now = timeSource.now()
        var live = 0
        for part in parts {
            let cleared = part.withLock { $0.takeAll() }
            // That is one event, told by whoever clears.
            let counted = cleared.count(now: now, tells: onRemoval)
            live += counted.live
            // Whoever was dead already has expired; that is known only now, since nobody looks at them under the lock.
            if counted.dead > 0 { part.withLock { $0.noteExpired(ofCleared: counted.dead) } }
        }
        return live
    }

    // MARK: Locks

    @inline(__always)
    func part(of key: CacheKey) -> MemoryPart {
        // The upper bits choose the part, since the table of the part uses the lower ones.
        parts[(key.hash >> 48) & mask]
    }

    /// Runs a step under the lock of a key's part, and deals after it with what is left over.
    func locked<Result>(_ key: CacheKey, _ body: (inout MemoryShard) -> Result) -> Result {
        locked(part(of: key), body)
    }

    func locked<Result>(_ part: MemoryPart, _ body: (inout MemoryShard) -> Result) -> Result {
        var result: Result?
        var remains = MemoryRemains()
        part.withLock { shard in
            result = body(&shard)
            swap(&remains, &shard.remains)
        }
        remains.tell(listener)
        return result.unsafelyUnwrapped
    }

    func inSteps(_ body: (inout MemoryShard, UInt32, Int) -> UInt32?) {
        for part in parts {
            var cursor: UInt32? = 0
            while let from = cursor { cursor = locked(part) { body(&$0, from, Self.stepLimit * 4) } }
        }
    }
}
