import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What is counted.
enum Counter: Int, CaseIterable, Sendable {
    case hits, misses, sets, deletes, errors
    case memoryHits, memoryMisses, memorySets, memoryDeletes
    case remoteHits, remoteMisses, remoteSets, remoteDeletes, remoteErrors
    case staleServed, unverifiedServed, loads, loadFailures, decodeFailures, earlyRefreshes, expires, leaseWaits
    case leasesLost, tagInvalidations, memoryVoids, remoteVoids
    case compressed, compressedFrom, compressedTo, encrypted, unencryptedRefused, unknownKeys, forgeries, notInflated
    case otherSchemas, schemaUpgrades
    /// Hits that memory answered on the shortest way, each of which is told as one of ``hits`` and one of ``memoryHits``; sets likewise.
    case shortHits, shortSets
}

/// Counters that many cores add to without fighting over one: each is spread over stripes, chosen by the thread, that lie
/// on cache lines of their own. (By the key they would meet on the one key that everybody asks for.) Adding is one relaxed atomic addition; reading sums the stripes.
///
/// Not an object, since counting the references to it would be such a fight. Owned by a ``CounterBook``, which frees it.
struct StripedCounters: @unchecked Sendable {
    // Sendable: the pointer never changes, what it points to are atomics, and it is freed in the `deinit` of the book through which alone
    // others get at it.
    /// Two to the power of the three bits that `stripeOfThread` leaves.
    private static let stripes = 8
    /// Counters of a stripe, rounded up to whole lines of 128 bytes (two of the usual 64, which are fetched in pairs).
    private static let stride = (Counter.allCases.count + 15) / 16 * 16
    private let cells: UnsafeMutablePointer<Atomic<Int>>

    init() {
        let count = Self.stripes * Self.stride
        cells = .allocate(capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
    }

    fileprivate func free() {
        cells.deinitialize(count: Self.stripes * Self.stride)
        cells.deallocate()
    }

    @inline(__always)
    func add(_ counter: Counter, count: Int = 1) {
        let stripe = Self.stripeOfThread
        cells[stripe * Self.stride + counter.rawValue].wrappingAdd(count, ordering: .relaxed)
    }

    /// A thread is known by an address; its digits are mixed (Knuth, "The Art of Computer Programming", volume 3, section
    /// 6.4), since those of neighbours differ in few.
    @inline(__always)
    private static var stripeOfThread: Int {
        #if canImport(Darwin) || canImport(Musl)
            let thread = UInt(bitPattern: pthread_self())
        #else
            let thread = UInt(pthread_self())
        #endif
        return Int(truncatingIfNeeded: (UInt64(thread) &* 0x9E37_79B9_7F4A_7C15) >> 61)
    }

    /// What each counter shows.
    func totals() -> [Int] {
        var totals = Counter.allCases.map { counter in
            (0..<Self.stripes).reduce(0) { sum, stripe in
                sum &+ cells[stripe * Self.stride + counter.rawValue].load(ordering: .relaxed)
            }
        }
        for counter in [Counter.hits, .memoryHits] { totals[counter.rawValue] &+= totals[Counter.shortHits.rawValue] }
        for counter in [Counter.sets, .memorySets] { totals[counter.rawValue] &+= totals[Counter.shortSets.rawValue] }
        return totals
    }
}

/// The counters of a cache: one set for each kind, which together make the whole.
final class CounterBook: Sendable {
    static let other = "other"
    private let byKind: [String: StripedCounters]
    private let rest = StripedCounters()
    private let baseline: Mutex<[String: [Int]]> = Mutex([:])

    init(kinds: [CacheKind]) {
        byKind = Dictionary(uniqueKeysWithValues: Set(kinds.map(\.name)).map { ($0, StripedCounters()) })
    }

    deinit {
        rest.free()
        for counters in byKind.values { counters.free() }
    }

    @inline(__always)
    func add(_ counter: Counter, for key: CacheKey, count: Int = 1) {
        counters(of: key).add(counter, count: count)
    }

    /// Counts what concerns no key.
    func add(_ counter: Counter) {
        rest.add(counter)
    }

    @inline(__always)
    func counters(of key: CacheKey) -> StripedCounters {
        guard let box = key.kindBox else { return rest }
        return byKind[box.kind.name] ?? rest
    }

    /// Counts since the last reset, by kind.
    func read() -> [String: [Int]] {
        baseline.withLock { baseline in
            raw().mapValues { $0 }.merging(baseline) { now, then in zip(now, then).map { $0 &- $1 } }
        }
    }

    /// Makes the present counts the zero of the future. No counter is written, so none loses an addition.
    func reset() {
        baseline.withLock { $0 = raw() }
    }

    private func raw() -> [String: [Int]] {
        var counts = byKind.mapValues { $0.totals() }
        counts[Self.other] = rest.totals()
        return counts
    }
}

extension CacheStatistics {
    /// The figures of a counter book.
    init(counts: [String: [Int]]) {
        self.init()
        func at(_ counter: Counter) -> Int { counts.values.reduce(0) { $0 &+ $1[counter.rawValue] } }
        total = Counters(
            hits: at(.hits),
            misses: at(.misses),
            sets: at(.sets),
            deletes: at(.deletes),
            errors: at(.errors)
        )
        memory = Counters(
            hits: at(.memoryHits),
            misses: at(.memoryMisses),
            sets: at(.memorySets),
            deletes: at(.memoryDeletes),
            errors: 0
        )
        remote = Counters(
            hits: at(.remoteHits),
            misses: at(.remoteMisses),
            sets: at(.remoteSets),
            deletes: at(.remoteDeletes),
            errors: at(.remoteErrors)
        )
        staleServed = at(.staleServed)
        unverifiedServed = at(.unverifiedServed)
        loads = at(.loads)
        loadFailures = at(.loadFailures)
        decodeFailures = at(.decodeFailures)
        earlyRefreshes = at(.earlyRefreshes)
        expires = at(.expires)
        leaseWaits = at(.leaseWaits)
        leasesLost = at(.leasesLost)
        tagInvalidations = at(.tagInvalidations)
        voidInMemory = at(.memoryVoids)
        voidInRemote = at(.remoteVoids)
        payload.compressed = at(.compressed)
        payload.bytesBeforeCompression = at(.compressedFrom)
        payload.bytesAfterCompression = at(.compressedTo)
        payload.encrypted = at(.encrypted)
        payload.unencryptedRefused = at(.unencryptedRefused)
        payload.unknownKeys = at(.unknownKeys)
        payload.forgeries = at(.forgeries)
        payload.notInflated = at(.notInflated)
        payload.otherSchemas = at(.otherSchemas)
        payload.schemaUpgrades = at(.schemaUpgrades)
        perKind = counts.mapValues { values in
            func at(_ counter: Counter) -> Int { values[counter.rawValue] }
            return Counters(
                hits: at(.hits),
                misses: at(.misses),
                sets: at(.sets),
                deletes: at(.deletes),
                errors: at(.errors)
            )
        }
    }
}

extension CacheStatistics.Counters {
    init(hits: Int, misses: Int, sets: Int, deletes: Int, errors: Int) {
        self.init()
        self.hits = hits
        self.misses = misses
        self.sets = sets
        self.deletes = deletes
        self.errors = errors
    }
}
