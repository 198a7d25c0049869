/// What a flight does: looks in the remote tier, loads, and keeps.
extension Cache {
    /// What there is before a load begins.
    enum Look<Value: Sendable>: Sendable {
        /// Nothing has to be loaded.
        case answer(CacheResult<Value>)
        case load(LoadGround<Value>)
    }

    /// What a load begins with.
    struct LoadGround<Value: Sendable>: Sendable {
        /// The newest value of either tier.
        var standIn: Found<Value>?
        /// Whether the remote tier has said so.
        var hasAnswered = false
        /// Whether it still holds an entry whose time is over.
        var isDying = false
        var stamp: Stamp?
        var token: RemoteToken?
        /// Up to which stamp the tags of what is to be loaded made entries void when it was last asked.
        var floor = Stamp.zero
    }

    /// - Parameters:
    ///   - replacing: The stamp of an entry that is to be loaded anew although it is fresh, unless another one stands there meanwhile.
    ///   - lease: To be taken before the load begins; the caller gives it back.
    func fetch<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        flight: Flight<Value>,
        replacing: Stamp?,
        lease: LoadLease?,
        _ load: @escaping @Sendable (LoadContext) async throws -> Loaded<Value>
    ) async throws -> CacheResult<Value> {
        var budget = RemoteBudget(configuration.remoteDeadline)
        // Laid before anything is read, and looked at before anything is kept.
        var loadGuard = memory.openGuard(key)
        // Before anything is looked at, so that it cannot land unseen in between.
        let early: EarlySeat<Value>? =
            replacing == nil && options.readPolicy != .refresh ? joinEarly(key, as: Value.self) : nil
        defer { early?.flight.leave(early?.seat ?? 0) }
        var ground: LoadGround<Value>
        do {
            switch try await look(
                key,
                options,
                flight: flight,
                guard: loadGuard,
                replacing: replacing,
                plants: lease == nil,
                budget: &budget
            ) {
            case .answer(let result):
                memory.closeGuard(loadGuard, of: key)
                return result
            case .load(let found):
                ground = found
            }
            if let early {
                if let result = try await result(of: early, for: flight, options) {
                    memory.closeGuard(loadGuard, of: key)
                    return result
                }
                // It has failed, so that the source has a pause now.
                if let result = throttled(ground, key, guard: loadGuard) {
                    memory.closeGuard(loadGuard, of: key)
                    return result
                }
            }
            if replacing == nil {
                switch try await lookAnew(
                    ground,
                    key,
                    options,
                    flight: flight,
                    guard: &loadGuard,
                    plants: lease == nil,
                    budget: &budget
                ) {
                case .answer(let result):
                    memory.closeGuard(loadGuard, of: key)
                    return result
                case .load(let found):
                    ground = found
                }
            }
            // Where Redis is away, nobody is asked for leave.
            if let lease, ground.hasAnswered {
                switch try await lookUnderLease(
                    lease,
                    key,
                    options,
                    flight: flight,
                    guard: &loadGuard,
                    replacing: replacing,
                    budget: &budget
                ) {
                case .answer(let result):
                    memory.closeGuard(loadGuard, of: key)
                    return result
                case .load(let found):
                    ground = found
                }
                // What the former holder's value had replaced, or its end, may have been told meanwhile.
                if replacing == nil {
                    switch try await lookAnew(
                        ground,
                        key,
                        options,
                        flight: flight,
                        guard: &loadGuard,
                        plants: true,
                        budget: &budget
                    ) {
                    case .answer(let result):
                        memory.closeGuard(loadGuard, of: key)
                        return result
                    case .load(let found):
                        ground = found
                    }
                }
            }
            // Nobody waits any more, and there was no place: the source is not to be asked.
            try Task.checkCancellation()
        } catch {
            memory.closeGuard(loadGuard, of: key)
            throw error
        }
        counters.add(.loads, for: key)
        if let lease, lease.manner == .skips { counters.add(.earlyRefreshes, for: key) }
        let tags = try? tagSet(options.tags)
        // Without stamps in the remote tier it orders what this process does, and what was read there a moment ago bears the present time.
        var stamp =
            configuration.format == .plain ? clock.next() : ground.token?.stamp ?? ground.stamp ?? clock.next()
        if let tags {
            stamp = max(stamp, ground.floor.next)
            clock.observe(stamp)
            flight.loads(tags, stamp: stamp, clock)
        }
        let start = timeSource.now()
        let isTimed = (options.earlyRefresh ?? configuration.defaultEarlyRefresh) > 0
        do {
            var loaded = try await WaitGraph.$current.withValue(flight.node) {
                try await runLoad(options, stamp: stamp, load)
            }
            throttles.remove(key)
            if isTimed { loaded.cost = Self.timed(loaded.cost, start.duration(to: timeSource.now())) }
            // What was found before has been overtaken.
            flight.offer(fromMemory(key, as: Value.self))
            return try await keep(
                loaded,
                key,
                options,
                tags: tags,
                stamp: stamp,
                token: ground.token?.text,
                guard: loadGuard,
                budget: &budget
            )
        } catch {
            flight.offer(fromMemory(key, as: Value.self))
            let standIn = await confirmed(ground, key, guard: loadGuard, budget: &budget)
            memory.closeGuard(loadGuard, of: key)
            // Given up because nobody waits: that says nothing about the source.
            if Task.isCancelled { throw error }
            counters.add(.loadFailures, for: key)
            guard let standIn else { throw error }
            let now = timeSource.now()
            let pause = options.failureThrottle ?? configuration.defaultFailureThrottle
            if pause > .zero { throttles.add(key, until: now.advanced(by: pause), now: now) }
            // One that was to be replaced before its time still is what it was; and another node may have been luckier.
            if options.readPolicy != .refresh, standIn.isFresh(at: now, maximumAge: options.maximumAge) {
                return standIn.result(at: now)
            }
            let timedOut = (error as? CacheError)?.code == .loadTimedOut
            return standIn.staleResult(at: now, reason: timedOut ? .loadTimedOut : .loadFailed)
        }
    }

    /// What stands in for a load that has failed: what was found before it, unless it was written, removed or expired since, by anyone; then what stands
    /// there now. Where nobody would have told of that, the remote tier is asked once more.
    private func confirmed<Value: Codable & Sendable>(
        _ ground: LoadGround<Value>,
        _ key: CacheKey,
        guard: MemoryShard.Guard,
        budget: inout RemoteBudget
    ) async -> Found<Value>? {
        let asks = ground.hasAnswered && gate?.admitsCallers == true && configuration.readingOrder != .memoryUnchecked
        guard memory.isValid(`guard`, of: key) else { return await present(key, budget: &budget) }
        guard let found = ground.standIn.flatMap({ judged($0, now: timeSource.now(), heedsDoubt: !asks) }),
            maySubstitute(found, ground.hasAnswered, now: timeSource.now())
        else { return nil }
        guard asks else { return found }
        let readGuard = memory.openGuard(key)
        let answer = try? await askRemote(key, as: Value.self, guard: readGuard, timed: false, budget: &budget)
        let now = timeSource.now()
        switch answer {
        case .found(let present, _): return now < present.entry.physicalExpiry ? present : nil
        case .absent: return found.entry.isProvisional ? found : nil
        case .unusable, nil:
            guard memory.isValid(`guard`, of: key), let found = judged(found, now: now) else { return nil }
            return maySubstitute(found, false, now: now) ? found : nil
        }
    }

    /// What stands under a key now, fresh or stale, where something has changed during a load.
    private func present<Value: Codable & Sendable>(_ key: CacheKey, budget: inout RemoteBudget) async -> Found<Value>?
    {
        func live(_ found: Found<Value>?) -> Found<Value>? {
            let now = timeSource.now()
            return found.flatMap { now < $0.entry.physicalExpiry && mayServeDetached($0.entry, now: now) ? $0 : nil }
        }
        guard let gate, gate.admitsCallers, configuration.readingOrder != .memoryUnchecked else {
            return live(held(key, as: Value.self, now: timeSource.now()))
        }
        let readGuard = memory.openGuard(key)
        switch try? await askRemote(key, as: Value.self, guard: readGuard, timed: false, budget: &budget) {
        case .found(let found, _): return timeSource.now() < found.entry.physicalExpiry ? found : nil
        case .absent: return nil
        case .unusable, nil: return live(held(key, as: Value.self, now: timeSource.now()))
        }
    }

    /// A seat in a load that began before its time, and is under way now that its value may be needed.
    private struct EarlySeat<Value: Sendable>: Sendable {
        var flight: Flight<Value>
        var seat: UInt64
    }

    private func joinEarly<Value: Codable & Sendable>(_ key: CacheKey, as type: Value.Type) -> EarlySeat<Value>? {
        let purpose = FlightTable.Purpose(type: ObjectIdentifier(type), refreshes: false, isEarly: true)
        return flights.joinPresent(key, purpose: purpose, as: type).map { EarlySeat(flight: $0, seat: $1) }
    }

    /// What that load brings; nil where it brings nothing new. It is waited for no longer than a load of one's own.
    private func result<Value: Sendable>(
        of early: EarlySeat<Value>,
        for flight: Flight<Value>,
        _ options: EntryOptions
    ) async throws -> CacheResult<Value>? {
        guard WaitGraph.shared.begin(flight.node, for: early.flight.node) else { return nil }
        defer { WaitGraph.shared.end(flight.node, for: early.flight.node) }
        do {
            let result = try await early.flight.wait(
                in: early.seat,
                patience: Patience(
                    hard: options.loadTimeout ?? configuration.defaultLoadTimeout,
                    since: timeSource.now()
                ),
                watch: deadlines,
                timeSource: timeSource
            )
            return result.provenance.source == .load ? result : nil
        } catch {
            try Task.checkCancellation()
            return nil
        }
    }

    /// What a load took, where it does not say so itself.
    private static func timed(_ cost: LoadCost?, _ duration: Duration) -> LoadCost {
        var cost = cost ?? LoadCost()
        if cost.microseconds == 0 { cost.microseconds = LoadCost(duration: duration).microseconds }
        return cost
    }

    func runLoad<Value: Sendable>(
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

    /// Whether a value may stand in for a load, as far as time and tiers go; its guard is another matter.
    private func maySubstitute<Value: Sendable>(
        _ standIn: Found<Value>,
        _ hasAnswered: Bool,
        now: MonotonicInstant
    ) -> Bool {
        now < standIn.entry.physicalExpiry && (hasAnswered || mayServeDetached(standIn.entry, now: now))
    }

    /// Whether a value is not the one that is to be loaded anew. Plain entries of Redis bear no stamp: then it is taken for that.
    private func isAnother<Value: Sendable>(_ found: Found<Value>, than replaced: Stamp?) -> Bool {
        guard let replaced else { return true }
        return (configuration.format == .envelope || found.source == .memory) && found.entry.stamp != replaced
    }

    /// Looks in memory once more, and in the remote tier.
    ///
    /// - Parameter plants: Whether a load begins after this, unless something is found: then a token is planted for it.
    func look<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        flight: Flight<Value>,
        guard: MemoryShard.Guard,
        replacing: Stamp?,
        plants: Bool = true,
        budget: inout RemoteBudget
    ) async throws -> Look<Value> {
        let reads = options.readPolicy != .refresh
        let hasAskedMemory = asksMemoryFirst
        let isRequest = replacing == nil
        // Who comes later may come after what was removed meanwhile.
        let seats = flight.latestSeat
        // Where nothing but its tags keeps a copy from being served, they are read, and not the entry.
        if reads, hasAskedMemory { _ = await learnTags(of: key, &budget) }
        // Taken now, because the answer of the remote tier may take it out of memory.
        var ground = LoadGround(standIn: held(key, as: Value.self, now: timeSource.now()))
        // Another flight may have landed after this caller had looked.
        if reads, hasAskedMemory, let found = ground.standIn, isAnother(found, than: replacing),
            found.isFresh(at: timeSource.now(), maximumAge: options.maximumAge),
            mayServe(found.entry, of: key, now: timeSource.now())
        {
            if isRequest { counters.add(.memoryHits, for: key) }
            return .answer(found.result(at: timeSource.now()))
        }
        let readGuard = memory.openGuard(key)
        // An entry without an envelope has no token, which tells the time besides.
        let timed = configuration.format == .plain
        switch try await askRemote(key, as: Value.self, guard: readGuard, timed: timed, budget: &budget) {
        case .found(let found, let time):
            ground.stamp = time
            // What was to be loaded anew may have been by another node.
            if reads, isAnother(found, than: replacing),
                found.isFresh(at: timeSource.now(), maximumAge: options.maximumAge)
            {
                return .answer(found.result(at: timeSource.now()))
            }
            ground.standIn = found
            ground.hasAnswered = true
        case .absent(let time, let hasBytes):
            ground.stamp = time
            ground.isDying = hasBytes
            ground.hasAnswered = true
            // Removed elsewhere, perhaps; then it must not stand in either.
            if !(ground.standIn?.entry.isProvisional ?? false) { ground.standIn = nil }
        case .unusable:
            let now = timeSource.now()
            if reads, gate != nil, let found = heldDetached(key, as: Value.self, now: now),
                isAnother(found, than: replacing), found.isFresh(at: now, maximumAge: options.maximumAge)
            {
                if isRequest { counters.add(.memoryHits, for: key) }
                return .answer(found.result(at: now))
            }
            if gate != nil, !hasAskedMemory, reads, isRequest { counters.add(.memoryMisses, for: key) }
        }
        if reads, let result = throttled(ground, key, guard: `guard`) { return .answer(result) }
        offer(ground, to: flight, key, guard: `guard`, upTo: seats)
        let tags = try tagSet(options.tags)
        if ground.hasAnswered, let tags {
            let load = gate?.tokenLife(loadTimeout(options)) ?? .zero
            let life = lifetime(of: key, options)?.total ?? .zero
            // Before the stamp is taken, so that a record which is missing by then is not taken for one that the load has seen.
            await keepTags(tags.marks, for: load + life, &budget)
        }
        ground.floor = tags?.floors(clock).expired ?? .zero
        if ground.hasAnswered, plants { ground.token = try await plant(key, options, budget: &budget) }
        return .load(ground)
    }

    /// What was found, if the key's load has failed a moment ago.
    private func throttled<Value: Sendable>(
        _ ground: LoadGround<Value>,
        _ key: CacheKey,
        guard: MemoryShard.Guard
    ) -> CacheResult<Value>? {
        let now = timeSource.now()
        guard throttles.holds(key, now: now), let standIn = ground.standIn.flatMap({ judged($0, now: now) }),
            memory.isValid(`guard`, of: key), maySubstitute(standIn, ground.hasAnswered, now: now)
        else { return nil }
        return standIn.staleResult(at: now, reason: .throttled)
    }

    /// Lets those who do not wait for the load have what was found instead, for as long as nothing is written or removed under the key here. Who came after
    /// the look has to look again, unless memory may answer by itself.
    private func offer<Value: Sendable>(
        _ ground: LoadGround<Value>,
        to flight: Flight<Value>,
        _ key: CacheKey,
        guard: MemoryShard.Guard,
        upTo seats: UInt64
    ) {
        guard let standIn = ground.standIn else { return flight.offer(fromMemory(key, as: Value.self)) }
        let hasAnswered = ground.hasAnswered
        flight.offer { [self] seat in
            if let value = staleInMemory(key, as: Value.self, reason: .loadSlow) { return .value(value) }
            let now = timeSource.now()
            guard memory.isValid(`guard`, of: key), let standIn = judged(standIn, now: now),
                maySubstitute(standIn, hasAnswered, now: now)
            else { return .nothing }
            guard seat <= seats else { return .askAgain }
            return .value(standIn.staleResult(at: now, reason: .loadSlow))
        }
    }
}
