public import Logging
public import ServiceLifecycle
import Synchronization

/// A typed two-tier cache: memory in this process, a remote tier that several processes share, and one load for each
/// key however many callers ask.
///
/// ```swift
/// let cache = Cache()
/// let name = try await cache.value(for: "user:\(id):name") { try await database.name(of: id) }
/// ```
///
/// Without a remote tier all is kept in memory. With one, what is written goes to both, reads follow
/// ``CacheConfiguration/readingOrder``, and while the remote tier does not answer, memory does; what was written
/// meanwhile is brought there when it is back. A failing remote tier never fails a caller, and no call waits for it
/// longer than ``CacheConfiguration/remoteDeadline``; only ``clear(keepingStale:)`` and ``keys(limit:)``, which walk over what is
/// there page by page, and a ``set(_:options:)`` of more than 1 000 values, which goes in parts, may wait that long for
/// each page or part.
///
/// Nothing that a caller awaits depends on ``run()``: that adds upkeep in the background, such as giving memory of dead
/// entries back early and noticing the remote tier's return without any traffic.
public final class Cache: Sendable, Service {
    /// How this cache behaves.
    public let configuration: CacheConfiguration

    let timeSource: any TimeSource
    let clock: HybridClock
    let keySpace: KeySpace
    let pipeline: PayloadPipeline
    let memory: MemoryTier
    let gate: RemoteGate?
    /// The lines that tell of changes in the remote tier; nil where nobody goes by them.
    let lines: LineTable?
    /// Keeps the one ear of this cache alive, see ``Invalidation``.
    let invalidation: Invalidation?
    let verifications = Mutex(VerificationQueue())
    let flights: FlightTable
    let tags: TagBook
    /// Whether tags of copies that are served unverified are being checked.
    let isLookingAfterTags = Atomic(false)
    let background: BackgroundLoads
    let throttles = ThrottleBook()
    let leases = LeaseBook()
    let turns = UpdateTurns()
    let deadlines: DeadlineWatch
    let counters: CounterBook
    let log: CacheLog
    private let lifecycle: Mutex<Lifecycle>
    private let isClosed = Atomic(false)
    /// Whether memory may hold values that are not decoded yet.
    let hasRestored = Atomic(false)

    private struct Lifecycle {
        var isRunning = false
        var startedAt: MonotonicInstant
        /// What counters that belong to the parts showed at the last reset.
        var evictions = 0
        var expirations = 0
        var journalOverflows = 0
    }

    /// Makes a cache. Nothing is opened, started or sent.
    ///
    /// - Parameters:
    ///   - configuration: How it behaves.
    ///   - remote: The tier that several processes share; nil keeps all in memory.
    ///   - timeSource: Where it reads the time.
    ///   - logger: Where it tells of changes of state (info, warning) and of single operations (debug).
    public init(
        configuration: CacheConfiguration = CacheConfiguration(),
        remote: (any RemoteTier)? = nil,
        timeSource: any TimeSource = SystemTimeSource(),
        logger: Logger? = nil
    ) {
        let keySpace = KeySpace(
            prefix: configuration.prefix,
            format: configuration.format,
            hasher: configuration.payload.keyHashing.map(NameHasher.init)
        )
        let log = CacheLog(logger, timeSource: timeSource)
        let memory = MemoryTier(
            configuration: configuration.memory,
            timeSource: timeSource,
            listener: configuration.onRemoval,
            events: log.events
        )
        let clock = HybridClock(timeSource: timeSource, isSetByRemote: remote != nil)
        self.configuration = configuration
        self.timeSource = timeSource
        self.deadlines = DeadlineWatch(timeSource: timeSource)
        self.background = BackgroundLoads(maximum: configuration.maximumBackgroundLoads)
        self.clock = clock
        self.keySpace = keySpace
        self.pipeline = PayloadPipeline(configuration)
        self.memory = memory
        self.log = log
        self.counters = CounterBook(kinds: configuration.kinds)
        self.lifecycle = Mutex(Lifecycle(startedAt: timeSource.now()))
        let flights = FlightTable()
        self.flights = flights
        let tags = TagBook(isBacked: remote != nil)
        self.tags = tags
        let heeds = remote != nil && configuration.readingOrder == .memoryFirst
        let lines = heeds ? LineTable(stalenessBound: configuration.stalenessBound) : nil
        self.lines = lines
        let invalidation = lines.map { lines in
            Invalidation(
                lines: lines,
                memory: memory,
                flights: flights,
                tags: tags,
                clock: clock,
                keySpace: keySpace,
                timeSource: timeSource,
                log: log,
                pace: LineTable.pace(for: configuration.stalenessBound)
            )
        }
        self.invalidation = invalidation
        self.gate = remote.map { tier in
            RemoteGate(
                tier: tier,
                configuration: configuration,
                keySpace: keySpace,
                memory: memory,
                invalidation: invalidation,
                clock: clock,
                timeSource: timeSource,
                log: log
            )
        }
        if let invalidation { remote?.listen(invalidation) }
        if logger != nil { configurationProblems.forEach(log.problem) }
    }

    /// What contradicts itself in how this cache was made; empty where nothing does. Logged when it is made.
    public var configurationProblems: [ConfigurationProblem] { configuration.problems(with: gate?.tier) }

    // MARK: Life

    /// Tries the remote tier once, within the deadline, and says in the log what came of it. Never throws: without the
    /// remote tier, memory answers.
    public func connect() async {
        guard let gate else {
            log.notConfigured()
            return
        }
        _ = try? await gate.probe()
        await gate.makeMarks()
    }

    /// Does the upkeep until the task is cancelled or a graceful shutdown begins; then waits for the loads in the background, cancels those that have
    /// not ended within ``CacheConfiguration/shutdownTimeout``, and brings what waits in the journal to the remote tier, within as long again.
    ///
    /// - Throws: ``CacheError`` with code `closed` when the cache runs already.
    public func run() async throws {
        let isSecond = lifecycle.withLock { state in
            defer { state.isRunning = true }
            return state.isRunning
        }
        guard !isSecond else {
            throw CacheError(.closed, "this cache runs already; call run() once, or make another cache")
        }
        await cancelWhenGracefulShutdown {
            var trimming = TrimSchedule()
            while (try? await self.timeSource.sleep(until: self.timeSource.now().advanced(by: .milliseconds(500))))
                != nil
            {
                self.memory.purge()
                if trimming.isDue(bytes: self.memory.ledger.bytes, now: self.timeSource.now()) {
                    AllocatedMemory.giveBack()
                }
                guard let gate = self.gate else { continue }
                if self.invalidation?.takeFlush() == true { gate.wantMarks() }
                await gate.probeIfUnsure()
                await gate.replayIfNeeded()
            }
        }
        lifecycle.withLock { $0.isRunning = false }
        if background.count > 0 {
            await withinShutdownTimeout { await self.background.drain() }
            background.endDrain()
        }
        if let gate, gate.journal.depth > 0 { await withinShutdownTimeout { await gate.flush() } }
    }

    private func withinShutdownTimeout(_ body: @escaping @Sendable () async -> Void) async {
        // In a task of its own, since ours may be cancelled already; awaited here, and bounded by the race.
        await Task {
            _ = try? await LoadRace.run(
                timeout: configuration.shutdownTimeout,
                timeSource: timeSource,
                watch: deadlines
            ) {
                await body()
            }
        }.value
    }

    /// Refuses every later call that reads, loads, writes or removes. Loads that somebody waits for end as they would; those in the background are
    /// cancelled.
    ///
    /// What memory holds stays until the cache itself is let go of, so that it can still be saved: ``snapshot()`` and the figures tell of it,
    /// and ``shrink(to:)`` and ``setMemoryBounds(maximumEntries:maximumBytes:)`` let go of it; ``restore(_:)`` takes nothing in any more.
    public func close() {
        isClosed.store(true, ordering: .releasing)
        background.close()
        log.events.finish()
    }

    deinit {
        log.events.finish()
    }

    /// Whether ``close()`` was called.
    var hasBeenClosed: Bool { isClosed.load(ordering: .acquiring) }

    /// The key as this cache knows it, which is hidden where the configuration says so.
    ///
    /// - Throws: Where the cache must not go on with it.
    func admitted(_ key: CacheKey) throws -> CacheKey {
        try admit(key)
        return keySpace.hides ? keySpace.hidden(key) : key
    }

    /// The same for several.
    func admitted<Value>(_ values: [CacheKey: Value]) throws -> [CacheKey: Value] {
        for key in values.keys { try admit(key) }
        guard keySpace.hides else { return values }
        return Dictionary(values.map { (keySpace.hidden($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// Throws where the cache must not go on with a key.
    func admit(_ key: CacheKey) throws {
        if let fault = key.fault {
            switch fault {
            case .empty:
                throw CacheError(.invalidKey, "the key is empty; name at least one part that is not")
            case .tooLong:
                throw CacheError(
                    .invalidKey,
                    "the key is longer than \(CacheKey.maximumLength) bytes; hash the long part"
                )
            }
        }
        try admit()
    }

    func admit() throws {
        guard !isClosed.load(ordering: .relaxed) else {
            throw CacheError(.closed, "the cache has been closed; make another one")
        }
    }

    // MARK: Figures

    /// What the cache has done so far. Costs a walk over the counters and the locks of the memory tier.
    public func statistics() -> CacheStatistics {
        var statistics = CacheStatistics(counts: counters.read())
        let size = memory.size()
        statistics.cacheSize = size.entries
        statistics.memoryBytes = size.bytes
        let start = lifecycle.withLock { $0 }
        statistics.evictions = size.evictions - start.evictions
        statistics.expirations = size.expirations - start.expirations
        statistics.insertions = size.insertions
        for reason in RemovalReason.allCases { statistics.removals[reason] = size[reason.wrapped] }
        statistics.uptime = start.startedAt.duration(to: timeSource.now())
        statistics.backgroundLoads = background.count
        statistics.invalidations = invalidation?.applied ?? 0
        statistics.invalidationLines = lines?.count ?? 0
        if let gate {
            statistics.redisAvailable = gate.status.isAvailable
            statistics.backend = statistics.redisAvailable ? "redis" : "memory"
            (statistics.journalDepth, statistics.journalOverflows, statistics.journalReasons) = gate.journal
            statistics.journalOverflows -= start.journalOverflows
        }
        return statistics
    }

    /// Sets all counts to zero; entries stay.
    public func resetStatistics() {
        counters.reset()
        let now = timeSource.now()
        let size = memory.size()
        let overflows = gate?.journal.overflows ?? 0
        lifecycle.withLock { state in
            state.startedAt = now
            state.evictions = size.evictions
            state.expirations = size.expirations
            state.journalOverflows = overflows
        }
    }

    /// How the cache is at this moment. Asks the remote tier for its time, within the deadline, unless it is known to
    /// be down.
    public func health() async -> CacheHealth {
        var redis = CacheHealth.Redis(available: false, healthy: false)
        if let gate {
            let latency = try? await gate.probe()
            let status = gate.status
            // What this very moment shows goes before what callers have found out so far.
            let isAvailable = status.isAvailable && latency != nil
            redis = CacheHealth.Redis(
                available: isAvailable,
                healthy: latency != nil,
                url: gate.tier.address,
                latency: latency,
                // Not since it was last found to be there, should this moment be the first to tell otherwise.
                since: isAvailable == status.isAvailable ? status.since : timeSource.unixTime(),
                lastError: isAvailable
                    ? nil : status.lastError ?? "the remote tier did not answer the question of this health check"
            )
        }
        var statistics = statistics()
        statistics.redisAvailable = redis.available
        if !redis.available { statistics.backend = "memory" }
        return CacheHealth(
            configured: gate != nil,
            redis: redis,
            fallback: CacheHealth.Fallback(
                available: true,
                size: statistics.cacheSize,
                bytes: statistics.memoryBytes
            ),
            statistics: statistics
        )
    }

    /// What answers at present.
    var backend: String {
        gate?.status.isAvailable == true ? "redis" : "memory"
    }
}
