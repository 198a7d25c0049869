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
/// A hit costs one lock that few share, one lookup and one comparison of deadlines; it decodes and allocates nothing.
final class MemoryTier: Sendable {
    /// A shard behind its lock. A class, because a lock cannot be moved into an array.
    private final class Part: Sendable {
        let shard: Mutex<MemoryShard>

        init(_ shard: MemoryShard) {
            self.shard = Mutex(shard)
        }
    }

    private let parts: [Part]
    private let mask: Int
    private let timeSource: any TimeSource

    init(configuration: MemoryConfiguration, timeSource: any TimeSource) {
        let processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let wanted = configuration.shardCount(processors: processors)
        // A power of two, so that a mask finds the part.
        let count = 1 << (Int.bitWidth - 1 - wanted.leadingZeroBitCount)
        let now = timeSource.now()
        self.timeSource = timeSource
        self.mask = count - 1
        self.parts = (0..<count).map { number in
            // The remainders go to the first parts, so that the shares add up to the bound.
            Part(
                MemoryShard(
                    maximumEntries: configuration.maximumEntries / count
                        + (number < configuration.maximumEntries % count ? 1 : 0),
                    maximumBytes: configuration.maximumBytes / count
                        + (number < configuration.maximumBytes % count ? 1 : 0),
                    now: now
                )
            )
        }
    }

    @inline(__always)
    func lookup(_ key: CacheKey, now: MonotonicInstant) -> MemoryEntry? {
        part(of: key).shard.withLock { $0.lookup(key, now: now) }
    }

    func peek(_ key: CacheKey, now: MonotonicInstant) -> MemoryEntry? {
        part(of: key).shard.withLock { $0.peek(key, now: now) }
    }

    func put(_ key: CacheKey, _ entry: MemoryEntry) {
        let now = timeSource.now()
        part(of: key).shard.withLock { $0.put(key, entry, now: now) }
    }

    func putGuarded(_ key: CacheKey, _ entry: MemoryEntry) -> MemoryShard.Guard {
        let now = timeSource.now()
        return part(of: key).shard.withLock { $0.putGuarded(key, entry, now: now) }
    }

    func remove(_ key: CacheKey) -> Bool {
        let now = timeSource.now()
        return part(of: key).shard.withLock { $0.remove(key, now: now) }
    }

    func removeIfSame(_ key: CacheKey, as entry: MemoryEntry) {
        part(of: key).shard.withLock { $0.removeIfSame(key, as: entry) }
    }

    func acknowledge(
        _ guard: MemoryShard.Guard,
        _ key: CacheKey,
        _ entry: MemoryEntry,
        stamp: Stamp,
        voidsFills: Bool
    ) {
        let now = timeSource.now()
        part(of: key).shard.withLock {
            $0.acknowledge(`guard`, key, entry, stamp: stamp, voidsFills: voidsFills, now: now)
        }
    }

    func removeUpTo(_ stamp: Stamp, _ key: CacheKey, isAcknowledged: Bool) {
        part(of: key).shard.withLock { $0.removeUpTo(stamp, key, isAcknowledged: isAcknowledged) }
    }

    func removeAllUpTo(_ stamp: Stamp) {
        for part in parts { part.shard.withLock { $0.removeAllUpTo(stamp) } }
    }

    func acknowledgeAllUpTo(_ stamp: Stamp) {
        for part in parts { part.shard.withLock { $0.acknowledgeAllUpTo(stamp) } }
    }

    func settle(_ key: CacheKey, stamp: Stamp, final: Stamp, survives: Bool) {
        part(of: key).shard.withLock { $0.settle(key, stamp: stamp, final: final, survives: survives) }
    }

    func removeUnlessProvisional(_ key: CacheKey) {
        part(of: key).shard.withLock { $0.removeUnlessProvisional(key) }
    }

    func openGuard(_ key: CacheKey) -> MemoryShard.Guard {
        part(of: key).shard.withLock { $0.openGuard(key) }
    }

    func isValid(_ guard: MemoryShard.Guard, of key: CacheKey) -> Bool {
        part(of: key).shard.withLock { $0.isValid(`guard`, of: key) }
    }

    @discardableResult
    func closeGuard(_ guard: MemoryShard.Guard, of key: CacheKey, filling entry: MemoryEntry? = nil) -> Bool {
        let now = timeSource.now()
        return part(of: key).shard.withLock { $0.closeGuard(`guard`, of: key, filling: entry, now: now) }
    }

    /// Removes everything; returns how many live entries there were.
    func removeAll() -> Int {
        let now = timeSource.now()
        return parts.reduce(0) { count, part in count + part.shard.withLock { $0.removeAll(now: now) } }
    }

    /// Gives back the memory of what is dead, in steps, so that no caller waits long for a lock.
    func purge() {
        let now = timeSource.now()
        for part in parts {
            while part.shard.withLock({ $0.purge(now: now, limit: 256) }) {}
        }
    }

    func keys(limit: Int) -> [CacheKey] {
        let now = timeSource.now()
        var keys: [CacheKey] = []
        for part in parts where keys.count < limit {
            keys += part.shard.withLock { $0.liveKeys(limit: limit - keys.count, now: now) }
        }
        return keys
    }

    /// How many entries there are and what they weigh. Dead ones are given back first, so that none is counted.
    func size() -> (entries: Int, bytes: Int, evictions: Int, expirations: Int) {
        purge()
        return parts.reduce(into: (entries: 0, bytes: 0, evictions: 0, expirations: 0)) { sum, part in
            part.shard.withLock { shard in
                sum.entries += shard.count
                sum.bytes += shard.bytes
                sum.evictions += shard.evictions
                sum.expirations += shard.expirations
            }
        }
    }

    @inline(__always)
    private func part(of key: CacheKey) -> Part {
        // The upper bits choose the part, since the table of the part uses the lower ones.
        parts[(key.hash >> 48) & mask]
    }
}
