extension Cache {
    /// The value kept under a key; else the one that `load` makes, which is then kept.
    ///
    /// However many callers ask for one key at the same time, one load runs. It runs in a task that the cache owns, so
    /// that no caller's cancellation harms another; a caller who is cancelled gets `CancellationError` at once. A load
    /// that fails leaves nothing behind, and the next call loads again. A value that was removed or overwritten while
    /// its load ran is handed to those who waited, and not kept.
    ///
    /// A hit in memory decodes nothing and does not suspend, and allocates at most what the closure at the call site captures. A load that is kept in a
    /// constant is wrapped anew for each call; ``caching(options:_:)`` binds one once. Early refreshes (``EntryOptions/earlyRefresh``) and
    /// ``EntryOptions/maximumAge`` make a hit take a longer way.
    ///
    /// A load that asks for its own key, by itself or in a circle, gets an error (``CacheError/Code/reentrantLoad``), and what it would have waited for
    /// for ever goes on. What a load asks for in tasks that it starts counts as waited for by it, whether it does or not; detach those that it does not
    /// wait for. A circle through detached tasks is ended by the loads' deadlines.
    ///
    /// - Throws: What `load` throws, where no stale value may stand in; ``CacheError``: `invalidKey`, `closed`, `loadTimedOut`, `waitTimedOut` once the
    ///   caller's ``EntryOptions/hardTimeout`` is over, `reentrantLoad`, `notCached` for an answer that was to be cached and is not, `remoteFailed` if
    ///   asked for; `CancellationError`.
    // `@concurrent`, as the load is in truth: else each call would wrap the closure once more (Swift 6.3).
    @inlinable
    public func value<Value: Codable & Sendable>(
        for key: CacheKey,
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable @concurrent () async throws -> Value
    ) async throws -> Value {
        if takesAnyHit(options), let value = try hit(key, as: Value.self) { return value }
        return try await valueAfterAll(for: key, options: options, load: load)
    }

    /// Whether a hit in memory is the whole answer: the call asks for nothing that goes by the entry's age, and nothing follows a hit.
    @usableFromInline
    func takesAnyHit(_ options: EntryOptions) -> Bool {
        options.readPolicy == .normal && options.maximumAge == nil
            && (options.earlyRefresh ?? configuration.defaultEarlyRefresh) <= 0
    }

    @usableFromInline
    func valueAfterAll<Value: Codable & Sendable>(
        for key: CacheKey,
        options: EntryOptions,
        load: @escaping @Sendable @concurrent () async throws -> Value
    ) async throws -> Value {
        try await result(for: key, options: options) { _ in Loaded(try await load()) }.value
    }

    /// As ``value(for:options:load:)``; `fallback`, which is not kept, where the load fails or takes too long, or is not allowed
    /// (``ReadPolicy/onlyIfCached``), and no stale value may stand in.
    ///
    /// - Throws: ``CacheError`` for an invalid key, a cache that is closed, a load that asks for its own key, or a remote tier that failed where the
    ///   configuration asks to be told; `CancellationError`.
    public func value<Value: Codable & Sendable>(
        for key: CacheKey,
        options: EntryOptions = EntryOptions(),
        fallback: Value,
        load: @escaping @Sendable @concurrent () async throws -> Value
    ) async throws -> Value {
        // Apart, since a load may throw the same of another key or cache.
        try admit(key)
        do {
            return try await value(for: key, options: options, load: load)
        } catch let error as CacheError where error.code == .remoteFailed || error.code == .reentrantLoad {
            throw error
        } catch {
            // The caller's own end, and not that of a load which happened to throw the same.
            try Task.checkCancellation()
            return fallback
        }
    }

    /// As ``value(for:options:load:)``, with what is known of the answer's origin; and the load may say more than the
    /// value: whether to keep it and how long, its tags, what it cost, what its source will know it by. It may ask its source whether the
    /// value that is there already is still the current one (``LoadContext/previous``), and say more about a failure (``SourceFailure``).
    public func result<Value: Codable & Sendable>(
        for key: CacheKey,
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable (LoadContext<Value>) async throws -> Loaded<Value>
    ) async throws -> CacheResult<Value> {
        let key = try admitted(key)
        switch options.readPolicy {
        case .onlyIfCached:
            guard let found = try await result(for: key, as: Value.self, options: options) else {
                throw CacheError(.notCached, "the caller asked for a cached answer only, and there is none")
            }
            return found
        case .bypass:
            counters.add(.misses, for: key)
            log.miss(key, backend: backend)
            noteLoad(key)
            let start = timeSource.now()
            let loaded: Loaded<Value>
            do {
                loaded = try await runLoad(options, stamp: clock.next(), load)
                noteLoaded(key, since: start)
            } catch {
                let took = start.duration(to: timeSource.now())
                noteLoadFailure(key, error, took: took, isCounted: false)
                throw (error as? SourceFailure)?.underlying ?? error
            }
            return CacheResult(value: loaded.value, provenance: Provenance(source: .load, cost: loaded.cost))
        case .normal where asksMemoryFirst:
            if let found = fresh(key, as: Value.self, maximumAge: options.maximumAge) {
                counters.add(.hits, for: key)
                log.hit(key, backend: found.source.rawValue)
                let result = found.result(at: timeSource.now())
                refreshEarly(key, result.provenance, options, load)
                return result
            }
            if let result = throttled(key, as: Value.self, options) { return served(result, key, options, load) }
        case .normal, .refresh:
            break
        }
        let patience = patience(options)
        // Nobody would wait for the load, and there is no place for it: it must not begin.
        if let soft = patience.soft, soft <= .zero, background.isFull, !flights.contains(key),
            let result = staleInMemory(key, as: Value.self, reason: .loadSlow)
        {
            return served(result, key, options, load)
        }
        return try await fly(key, options, patience, load)
    }

    static let reentrantLoad = CacheError(
        .reentrantLoad,
        "a load asks for the very key that it is to load, by itself or by way of other loads, and would wait for itself; give "
            + "what both need a key of its own"
    )

    /// Joins the flight of the key, or starts it.
    private func fly<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        _ patience: Patience,
        _ load: @escaping @Sendable (LoadContext<Value>) async throws -> Loaded<Value>
    ) async throws -> CacheResult<Value> {
        let purpose = FlightTable.Purpose(type: ObjectIdentifier(Value.self), refreshes: options.readPolicy == .refresh)
        var budget = RemoteBudget(configuration.remoteDeadline)
        await resolveDoubt(key, purpose, as: Value.self, patience, &budget)
        // Who has been cancelled already must not start anything that costs.
        try Task.checkCancellation()
        let (flight, seat, isNew) = flights.join(key, purpose: purpose, as: Value.self)
        if let current = WaitGraph.current, !WaitGraph.shared.begin(current, for: flight.node) {
            flight.leave(seat)
            counters.add(.misses, for: key)
            log.miss(key, backend: backend)
            throw Self.reentrantLoad
        }
        defer { if let current = WaitGraph.current { WaitGraph.shared.end(current, for: flight.node) } }
        if isNew { start(flight, key, purpose, options, replacing: nil, budget, load) }
        var result: CacheResult<Value>
        do {
            result = try await flight.wait(in: seat, patience: patience, watch: deadlines, timeSource: timeSource)
        } catch is AskAgain {
            return try await lookAgain(key, options, patience, load)
        } catch is Overtaken {
            return try await fly(key, options, patience, load)
        } catch is NothingLoaded where !isNew {
            // Another's load, for several keys, has nothing for this one; that is its answer, and this caller has a load of its own.
            return try await fly(key, options, patience, load)
        } catch {
            if !(error is CancellationError) {
                counters.add(.misses, for: key)
                log.miss(key, backend: backend)
            }
            throw error
        }
        if !isNew, isTooOld(result, options) {
            // The flight was started by somebody who accepts older answers.
            var fresher = options
            fresher.readPolicy = .refresh
            return try await fly(key, fresher, patience, load)
        }
        result.provenance.shared = !isNew
        return served(result, key, options, load)
    }

    /// Whether an answer is older than its caller accepts, where it is not a stale value that stands in. Who has asked for a new one gets none.
    func isTooOld<Value: Sendable>(_ result: CacheResult<Value>, _ options: EntryOptions) -> Bool {
        guard options.readPolicy != .refresh, let limit = options.maximumAge else { return false }
        return result.provenance.age > limit && result.provenance.source != .stale
    }

    /// Counts an answer, and sees to it that it is loaded anew in time.
    private func served<Value: Codable & Sendable>(
        _ result: CacheResult<Value>,
        _ key: CacheKey,
        _ options: EntryOptions,
        _ load: @escaping @Sendable (LoadContext<Value>) async throws -> Loaded<Value>
    ) -> CacheResult<Value> {
        let source = result.provenance.source
        if source == .memory || source == .redis {
            counters.add(.hits, for: key)
            log.hit(key, backend: source.rawValue)
            refreshEarly(key, result.provenance, options, load)
        } else {
            counters.add(.misses, for: key)
            log.miss(key, backend: backend)
            if source == .stale { noteStale(key, result.provenance.staleReason) }
        }
        return result
    }

    /// For a caller whose soft limit is over, and who came after the flight had looked: what stood there then may have been removed elsewhere before this
    /// caller came. Without a stale value it waits on.
    private func lookAgain<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        _ patience: Patience,
        _ load: @escaping @Sendable (LoadContext<Value>) async throws -> Loaded<Value>
    ) async throws -> CacheResult<Value> {
        var accepting = options
        accepting.acceptsStale = true
        let found = try await find(key, as: Value.self, accepting, until: patience.hardEnd)
        let now = timeSource.now()
        if let found, now < found.entry.physicalExpiry {
            let isFresh = options.readPolicy != .refresh && found.isFresh(at: now, maximumAge: options.maximumAge)
            let result = isFresh ? found.result(at: now) : found.staleResult(at: now, reason: .loadSlow)
            return served(result, key, options, load)
        }
        var patience = patience
        patience.soft = nil
        return try await fly(key, options, patience, load)
    }

    func patience(_ options: EntryOptions) -> Patience {
        Patience(
            soft: options.softTimeout ?? configuration.defaultSoftTimeout,
            hard: options.hardTimeout ?? configuration.defaultHardTimeout,
            since: timeSource.now()
        )
    }

    /// Carries out a flight in a task that the cache owns: `flights` counts it until it has landed, its load is bounded by its deadline, and once
    /// nobody waits for it any more it takes one of the places of ``BackgroundLoads``, or is cancelled where there is none. It must
    /// outlive the caller who happened to come first.
    private func start<Value: Codable & Sendable>(
        _ flight: Flight<Value>,
        _ key: CacheKey,
        _ purpose: FlightTable.Purpose,
        _ options: EntryOptions,
        replacing: Stamp?,
        _ budget: RemoteBudget,
        _ load: @escaping @Sendable (LoadContext<Value>) async throws -> Loaded<Value>
    ) {
        flight.offer(fromMemory(key, as: Value.self))
        let lease = loadLease(key, options, purpose)
        let task = Task {
            // Begun within whatever load the first caller belongs to, and no part of it.
            let outcome = await WaitGraph.$current.withValue(nil) {
                await Result {
                    try await self.fetch(
                        key,
                        options,
                        flight: flight,
                        replacing: replacing,
                        lease: lease,
                        budget: budget,
                        load
                    )
                }
            }
            // Out of the table before anyone is told: who comes after the outcome finds the entry, or loads anew.
            self.flights.leave(key, purpose: purpose, flight: flight)
            lease?.landed()
            flight.finish(outcome)
            // Whatever has become of the load; no caller waits for it.
            if await lease?.giveBack() == false { self.counters.add(.leasesLost, for: key) }
            if let place = flight.vacate() { self.background.free(place) }
            self.flights.landed()
        }
        flight.begin(cancel: { task.cancel() }) { [self] in
            if !flight.occupy({ takePlace(flight, key, purpose) }), flight.giveUp() {
                flights.leave(key, purpose: purpose, flight: flight)
            }
        }
    }

    private func takePlace<Value>(_ flight: Flight<Value>, _ key: CacheKey, _ purpose: FlightTable.Purpose) -> UInt64? {
        background.take { [self] in
            if flight.doom() { flights.leave(key, purpose: purpose, flight: flight) }
        }
    }

    // MARK: Stale values

    /// What memory holds that may be served at this moment without asking the remote tier, stale or not, as a value that stands in for a load. What was removed or
    /// cleared is not there.
    func staleInMemory<Value: Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        reason: Provenance.StaleReason,
        maximumAge: Duration? = nil
    ) -> CacheResult<Value>? {
        let now = timeSource.now()
        guard asksMemoryFirst, let found = held(key, as: type, now: now), now < found.entry.physicalExpiry,
            mayServe(found.entry, of: key, now: now)
        else { return nil }
        return found.isFresh(at: now, maximumAge: maximumAge)
            ? found.result(at: now) : found.staleResult(at: now, reason: reason)
    }

    func fromMemory<Value: Sendable>(_ key: CacheKey, as type: Value.Type) -> Flight<Value>.StandIn {
        { [self] _ in staleInMemory(key, as: type, reason: .loadSlow).map { .value($0) } ?? .nothing }
    }

    /// The stale value of a key whose load has failed a moment ago.
    func throttled<Value: Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        _ options: EntryOptions
    ) -> CacheResult<Value>? {
        guard throttles.holds(key, now: timeSource.now()) else { return nil }
        // Nobody tells such a cache that another node has loaded the value: Redis is asked, and the flight heeds the pause.
        if configuration.readingOrder == .memoryUnchecked, gate?.admitsCallers == true { return nil }
        return staleInMemory(key, as: type, reason: .throttled, maximumAge: options.maximumAge)
    }

    // MARK: Early refresh

    /// Begins to load a value anew that was just served, if its time has come and nobody does so already. Nobody waits for that.
    private func refreshEarly<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ served: Provenance,
        _ options: EntryOptions,
        _ load: @escaping @Sendable (LoadContext<Value>) async throws -> Loaded<Value>
    ) {
        let eagerness = options.earlyRefresh ?? configuration.defaultEarlyRefresh
        guard eagerness > 0, let remaining = served.remaining, let loadTime = served.cost?.duration,
            EarlyRefresh.isDue(
                remaining: remaining,
                loadTime: loadTime,
                eagerness: eagerness,
                chance: { .random(in: 0..<1) }
            ),
            !hasBeenClosed, !throttles.holds(key, now: timeSource.now()),
            !leases.rests.holds(key, now: timeSource.now())
        else { return }
        let purpose = FlightTable.Purpose(type: ObjectIdentifier(Value.self), refreshes: false, isEarly: true)
        guard let flight = flights.launch(key, purpose: purpose, as: Value.self) else { return }
        guard flight.occupy({ takePlace(flight, key, purpose) }) else {
            flights.leave(key, purpose: purpose, flight: flight)
            flight.finish(.failure(CancellationError()))
            if let place = flight.vacate() { background.free(place) }
            return flights.landed()
        }
        // Under a lease, whether it loads at all is seen later.
        if !isOncePerCluster(options) { noteEarlyRefresh(key) }
        let budget = RemoteBudget(configuration.remoteDeadline)
        start(flight, key, purpose, options, replacing: served.stamp, budget, load)
    }
}
