extension Cache {
    /// The value kept under a key; else the one that `load` makes, which is then kept.
    ///
    /// However many callers ask for one key at the same time, one load runs. It runs in a task that the cache owns, so
    /// that no caller's cancellation harms another; a caller who is cancelled gets `CancellationError` at once. A load
    /// that fails leaves nothing behind, and the next call loads again. A value that was removed or overwritten while
    /// its load ran is handed to those who waited, and not kept.
    ///
    /// - Throws: What `load` throws, where no stale value may stand in; ``CacheError`` for an invalid key, a load that
    ///   took too long, or an answer that was to be cached and is not; `CancellationError`.
    public func value<Value: Codable & Sendable>(
        for key: CacheKey,
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await result(for: key, options: options) { _ in Loaded(try await load()) }.value
    }

    /// As ``value(for:options:load:)``, with what is known of the answer's origin; and the load may say more than the
    /// value: whether to keep it and how long, its tags, what it cost.
    public func result<Value: Codable & Sendable>(
        for key: CacheKey,
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable (LoadContext) async throws -> Loaded<Value>
    ) async throws -> CacheResult<Value> {
        try admit(key)
        switch options.readPolicy {
        case .onlyIfCached:
            guard let found = try await result(for: key, as: Value.self, options: options) else {
                throw CacheError(.notCached, "the caller asked for a cached answer only, and there is none")
            }
            return found
        case .bypass:
            counters.add(.misses, for: key)
            counters.add(.loads, for: key)
            let loaded = try await runLoad(options, stamp: clock.next(), load)
            return CacheResult(value: loaded.value, provenance: Provenance(source: .load, cost: loaded.cost))
        case .normal where asksMemoryFirst:
            if let found = fresh(key, as: Value.self, maximumAge: options.maximumAge) {
                counters.add(.hits, for: key)
                log.hit(key, backend: found.source.rawValue)
                return found.result(at: timeSource.now())
            }
        case .normal, .refresh:
            break
        }
        return try await fly(key, options, load)
    }

    /// Joins the flight of the key, or starts it.
    private func fly<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        _ load: @escaping @Sendable (LoadContext) async throws -> Loaded<Value>
    ) async throws -> CacheResult<Value> {
        let purpose = FlightTable.Purpose(type: ObjectIdentifier(Value.self), refreshes: options.readPolicy == .refresh)
        // Who has been cancelled already must not start anything that costs.
        try Task.checkCancellation()
        let (flight, isNew) = flights.join(key, purpose: purpose, as: Value.self)
        if isNew {
            // Owned by the cache: `flights` counts it until it has landed, and its load is bounded by its deadline. It
            // must outlive the caller who happened to come first.
            Task {
                let outcome = await Result { try await self.fetch(key, options, load) }
                // Out of the table before anyone is told: who comes after the outcome finds the entry, or loads anew.
                self.flights.leave(key, purpose: purpose, flight: flight)
                flight.finish(outcome)
                self.flights.landed()
            }
        }
        var result: CacheResult<Value>
        do {
            result = try await flight.wait()
        } catch {
            if !(error is CancellationError) {
                counters.add(.misses, for: key)
                log.miss(key, backend: backend)
            }
            throw error
        }
        if !isNew, !purpose.refreshes, let limit = options.maximumAge, result.provenance.age > limit,
            result.provenance.source != .stale
        {
            // The flight was started by somebody who accepts older answers.
            var fresher = options
            fresher.readPolicy = .refresh
            return try await fly(key, fresher, load)
        }
        result.provenance.shared = !isNew
        let isHit = result.provenance.source == .memory || result.provenance.source == .redis
        counters.add(isHit ? .hits : .misses, for: key)
        if isHit {
            log.hit(key, backend: result.provenance.source.rawValue)
        } else {
            log.miss(key, backend: backend)
        }
        return result
    }

    /// What a flight does: looks in the remote tier, loads, and keeps.
    private func fetch<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        _ load: @escaping @Sendable (LoadContext) async throws -> Loaded<Value>
    ) async throws -> CacheResult<Value> {
        var budget = RemoteBudget(configuration.remoteDeadline)
        // Laid before anything is read, and looked at before anything is kept.
        let loadGuard = memory.openGuard(key)
        // Taken now, because the answer of the remote tier may take it out of memory.
        var standIn = held(key, as: Value.self, now: timeSource.now())
        let hasAskedMemory = asksMemoryFirst
        // Another flight may have landed after this caller had looked.
        if options.readPolicy != .refresh, hasAskedMemory, let standIn,
            standIn.isFresh(at: timeSource.now(), maximumAge: options.maximumAge),
            mayServe(standIn.entry, of: key, now: timeSource.now())
        {
            memory.closeGuard(loadGuard, of: key)
            counters.add(.memoryHits, for: key)
            return standIn.result(at: timeSource.now())
        }
        var stamp: Stamp?
        var token: RemoteToken?
        var hasAnswered = false
        do {
            let readGuard = memory.openGuard(key)
            // An entry without an envelope has no token, which tells the time besides.
            let timed = configuration.format == .plain
            switch try await askRemote(key, as: Value.self, guard: readGuard, timed: timed, budget: &budget) {
            case .found(let found, let time):
                stamp = time
                if options.readPolicy != .refresh,
                    found.isFresh(at: timeSource.now(), maximumAge: options.maximumAge)
                {
                    memory.closeGuard(loadGuard, of: key)
                    return found.result(at: timeSource.now())
                }
                standIn = found
                hasAnswered = true
            case .absent(let time):
                stamp = time
                hasAnswered = true
                // Removed elsewhere, perhaps; then it must not stand in either.
                if !(standIn?.entry.isProvisional ?? false) { standIn = nil }
            case .unusable:
                let now = timeSource.now()
                if options.readPolicy != .refresh, gate != nil,
                    let found = heldDetached(key, as: Value.self, now: now),
                    found.isFresh(at: now, maximumAge: options.maximumAge)
                {
                    memory.closeGuard(loadGuard, of: key)
                    counters.add(.memoryHits, for: key)
                    return found.result(at: now)
                }
                if gate != nil, !hasAskedMemory, options.readPolicy != .refresh {
                    counters.add(.memoryMisses, for: key)
                }
            }
            if hasAnswered { token = try await plant(key, options, budget: &budget) }
        } catch {
            memory.closeGuard(loadGuard, of: key)
            throw error
        }
        counters.add(.loads, for: key)
        // Without stamps in the remote tier it orders what this process does, and what was read there a moment ago bears the present time.
        let loadStamp = configuration.format == .plain ? clock.next() : token?.stamp ?? stamp ?? clock.next()
        do {
            let loaded = try await runLoad(options, stamp: loadStamp, load)
            return try await keep(
                loaded,
                key,
                options,
                stamp: loadStamp,
                token: token?.text,
                guard: loadGuard,
                budget: &budget
            )
        } catch {
            counters.add(.loadFailures, for: key)
            let stillValid = memory.isValid(loadGuard, of: key)
            memory.closeGuard(loadGuard, of: key)
            let now = timeSource.now()
            guard stillValid, let standIn, now < standIn.entry.physicalExpiry,
                hasAnswered || mayServeDetached(standIn.entry, now: now)
            else { throw error }
            counters.add(.staleServed, for: key)
            let timedOut = (error as? CacheError)?.code == .loadTimedOut
            return standIn.staleResult(at: now, reason: timedOut ? .loadTimedOut : .loadFailed)
        }
    }

    private func runLoad<Value: Sendable>(
        _ options: EntryOptions,
        stamp: Stamp,
        _ load: @escaping @Sendable (LoadContext) async throws -> Loaded<Value>
    ) async throws -> Loaded<Value> {
        try await LoadRace.run(
            timeout: options.loadTimeout ?? configuration.defaultLoadTimeout,
            timeSource: timeSource,
            watch: deadlines
        ) {
            try await load(LoadContext(stamp: stamp))
        }
    }

    /// Keeps what was loaded, unless it must not be kept or something came in between.
    private func keep<Value: Codable & Sendable>(
        _ loaded: Loaded<Value>,
        _ key: CacheKey,
        _ options: EntryOptions,
        stamp: Stamp,
        token: String?,
        guard: MemoryShard.Guard,
        budget: inout RemoteBudget
    ) async throws -> CacheResult<Value> {
        var provenance = Provenance(source: .load, stamp: stamp, cost: loaded.cost)
        var prepared: PreparedEntry?
        if loaded.store, let lifetime = lifetime(of: key, options, timeToLive: loaded.timeToLive) {
            // A value that cannot be encoded is still an answer.
            prepared = try? prepare(
                key,
                loaded.value,
                lifetime: lifetime,
                tags: loaded.tags ?? options.tags,
                cost: loaded.cost,
                stamp: stamp,
                isFill: true
            )
            provenance.remaining = lifetime.fresh
        }
        guard let prepared else {
            memory.closeGuard(`guard`, of: key)
            provenance.remaining = nil
            return CacheResult(value: loaded.value, provenance: provenance)
        }
        let stillValid = memory.isValid(`guard`, of: key)
        let isInMemory = memory.closeGuard(`guard`, of: key, filling: prepared.memory)
        provenance.stored = isInMemory
        guard stillValid else {
            provenance.remaining = nil
            return CacheResult(value: loaded.value, provenance: provenance)
        }
        counters.add(.sets, for: key)
        if isInMemory { counters.add(.memorySets, for: key) }
        log.set(key, backend: backend)
        if let gate, let write = prepared.write {
            await fill(write, key, prepared, token: token, gate: gate, budget: &budget, provenance: &provenance)
        }
        return CacheResult(value: loaded.value, provenance: provenance)
    }

    /// A token for a load that begins now. Nil where there is none: then what is loaded goes by way of the journal, whose
    /// replay finds out whether it may still be stored.
    private func plant(
        _ key: CacheKey,
        _ options: EntryOptions,
        budget: inout RemoteBudget
    ) async throws -> RemoteToken? {
        guard let gate, configuration.format == .envelope else { return nil }
        do {
            return try await gate.plant(
                keySpace.entryName(key),
                loadTimeout: options.loadTimeout ?? configuration.defaultLoadTimeout ?? .seconds(86_400),
                budget: &budget
            )
        } catch {
            noteRemoteFailure(error, operation: "set", key: key)
            try rethrowIfAsked(error)
            return nil
        }
    }

    private func fill(
        _ write: RemoteWrite,
        _ key: CacheKey,
        _ prepared: PreparedEntry,
        token: String?,
        gate: RemoteGate,
        budget: inout RemoteBudget,
        provenance: inout Provenance
    ) async {
        var write = write
        if configuration.format == .envelope {
            guard let token else { return journal(write, prepared, nil, gate: gate) }
            write.condition = .ifToken(prepared.stamp, token: token)
        }
        // Void once another's write has been told of, which may have come after this one.
        let `guard` = memory.openGuard(key)
        var verified: (entry: MemoryEntry, witness: UInt32)?
        defer { memory.closeGuard(`guard`, of: key, filling: verified?.entry, witness: verified?.witness) }
        let witness = beginWrite(key, write.name)
        var became = OwnWrites.Outcome.unknown
        do {
            let write = write
            let outcomes = try await gate.perform(&budget) { tier, timeout in
                try await tier.write([write], timeout: timeout)
            }
            guard let outcome = try outcomes.first?.get() else {
                _ = endWrite(key, write.name, witness, .unknown)
                return
            }
            clock.observe(outcome.stamp)
            became = outcome.applied ? .changed : .unchanged
            let line = endWrite(key, write.name, witness, became)
            if outcome.applied {
                gate.settle(write.name, upTo: prepared.stamp)
                counters.add(.remoteSets, for: key)
                provenance.stored = true
                if line != 0, outcome.stamp == prepared.stamp { verified = (prepared.memory, line) }
            } else {
                // Another node wrote or removed it after this load had started.
                memory.removeIfSame(key, as: prepared.memory)
                provenance.stored = false
            }
        } catch {
            if became == .unknown { _ = endWrite(key, write.name, witness, .unknown) }
            noteRemoteFailure(error, operation: "set", key: key)
            journal(write, prepared, error, gate: gate)
        }
    }

    private func journal(_ write: RemoteWrite, _ prepared: PreparedEntry, _ error: (any Error)?, gate: RemoteGate) {
        gate.note(
            write.operation,
            stamp: prepared.stamp,
            expiry: prepared.memory.physicalExpiry,
            isFill: true,
            for: write.name,
            because: error
        )
    }
}
