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
        /// The stamp of a fresh entry of a newer schema that stands in the remote tier, and is not to give way.
        var yields: Stamp?
    }

    /// - Parameters:
    ///   - replacing: The stamp of an entry that is to be loaded anew although it is fresh, unless another one stands there meanwhile.
    ///   - lease: To be taken before the load begins; the caller gives it back.
    ///   - budget: What is left of the time that all its exchanges may take.
    func fetch<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        flight: Flight<Value>,
        replacing: Stamp?,
        lease: LoadLease?,
        budget: RemoteBudget,
        _ load: @escaping @Sendable (LoadContext<Value>) async throws -> Loaded<Value>
    ) async throws -> CacheResult<Value> {
        var budget = budget
        // Laid before anything is read, and looked at before anything is kept.
        var loadGuard = memory.openGuard(key)
        // Before anything is looked at, so that it cannot land unseen in between.
        var early: EarlySeat<Value>?
        if replacing == nil, options.readPolicy != .refresh {
            early = await joinEarly(key, as: Value.self, &budget)
        }
        defer { early?.flight.leave(early?.seat ?? 0) }
        if let early { flight.waits(for: early.flight) }
        var ground: LoadGround<Value>
        do {
            switch try await lookOnTheWay(
                key,
                options,
                flight: flight,
                guard: &loadGuard,
                early: early,
                replacing: replacing,
                lease: lease,
                budget: &budget
            ) {
            case .answer(let result):
                memory.closeGuard(loadGuard, of: key)
                return result
            case .load(let found):
                ground = found
            }
            // Nobody waits any more, and there was no place: the source is not to be asked.
            try Task.checkCancellation()
        } catch {
            memory.closeGuard(loadGuard, of: key)
            throw error
        }
        if let lease, lease.manner == .skips { noteEarlyRefresh(key) }
        noteLoad(key)
        let tags = try? tagSet(options.tags)
        // Whoever comes from now on may come after an invalidation of tags that only the load knows.
        let seats = flight.latestSeat
        let start = timeSource.now()
        let previous = previous(ground, key, guard: loadGuard, now: start)
        let stamp = beginLoad(ground, flight, tags, previous)
        let isTimed = (options.earlyRefresh ?? configuration.defaultEarlyRefresh) > 0
        do {
            var loaded = try await WaitGraph.$current.withValue(flight.node) {
                try await runLoad(options, stamp: stamp, replacing: previous, load)
            }
            noteLoaded(key, since: start)
            throttles.remove(key)
            if isTimed { loaded.cost = Self.timed(loaded.cost, start.duration(to: timeSource.now())) }
            // What was found before has been overtaken.
            flight.offer(fromMemory(key, as: Value.self))
            if let chosen = loaded.tags.flatMap({ try? tagSet($0) }) {
                flight.brings(TagCargo(tags: chosen, stamp: stamp, clock: clock), upTo: seats)
            }
            return try await keep(
                loaded,
                key,
                options,
                tags: tags,
                stamp: stamp,
                token: ground.token?.text,
                yields: ground.yields,
                guard: loadGuard,
                budget: &budget
            )
        } catch {
            let took = start.duration(to: timeSource.now())
            flight.offer(fromMemory(key, as: Value.self))
            let standIn =
                (error as? SourceFailure)?.allowsStale == false
                ? nil : await confirmed(ground, key, guard: loadGuard, budget: &budget)
            defer { memory.closeGuard(loadGuard, of: key) }
            return try substitute(standIn, key, options, error, took: took, guard: loadGuard)
        }
    }

    /// All that comes before a load: it looks, waits for one that began before its time, and takes the lease.
    private func lookOnTheWay<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        flight: Flight<Value>,
        guard loadGuard: inout MemoryShard.Guard,
        early: EarlySeat<Value>?,
        replacing: Stamp?,
        lease: LoadLease?,
        budget: inout RemoteBudget
    ) async throws -> Look<Value> {
        var look = try await look(
            key,
            options,
            flight: flight,
            guard: loadGuard,
            replacing: replacing,
            plants: lease == nil && early == nil,
            budget: &budget
        )
        if let early, case .load(var ground) = look {
            if let result = try await result(of: early, for: flight, options) { return .answer(result) }
            flight.loads(nil)
            // It has failed, so that the source has a pause now.
            if let result = throttled(ground, key, guard: loadGuard) { return .answer(result) }
            // Not before, since a token lives for as long as one load may take.
            if lease == nil, ground.hasAnswered { ground.token = try await plant(key, options, budget: &budget) }
            look = .load(ground)
        }
        if replacing == nil, case .load(let ground) = look {
            look = try await lookAnew(
                ground,
                key,
                options,
                flight: flight,
                guard: &loadGuard,
                plants: lease == nil,
                budget: &budget
            )
        }
        // Where Redis is away, nobody is asked for leave.
        guard let lease, case .load(let ground) = look, ground.hasAnswered else { return look }
        look = try await lookUnderLease(
            lease,
            key,
            options,
            flight: flight,
            guard: &loadGuard,
            replacing: replacing,
            budget: &budget
        )
        // What the former holder's value had replaced, or its end, may have been told meanwhile.
        if replacing == nil, case .load(let ground) = look {
            look = try await lookAnew(
                ground,
                key,
                options,
                flight: flight,
                guard: &loadGuard,
                plants: true,
                budget: &budget
            )
        }
        return look
    }

    /// The load of a key begins now; returns its stamp.
    func beginLoad<Value: Sendable>(
        _ ground: LoadGround<Value>,
        _ flight: Flight<Value>,
        _ tags: TagSet?,
        _ previous: Found<Value>?
    ) -> Stamp {
        // Without stamps in the remote tier it orders what this process does, and what was read there a moment ago bears the present time.
        var stamp =
            configuration.format == .plain ? clock.next() : ground.token?.stamp ?? ground.stamp ?? clock.next()
        // Those of the value that it may confirm, too.
        let concerned = [tags, previous?.entry.marks === tags ? nil : previous?.entry.marks].compactMap(\.self)
        if !concerned.isEmpty {
            stamp = max(stamp, ground.floor.next)
            clock.observe(stamp)
            flight.loads(TagCargo(sets: concerned, stamp: stamp, clock: clock))
        }
        return stamp
    }

    /// A seat in a load that began before its time, and is under way now that its value may be needed.
    private struct EarlySeat<Value: Sendable>: Sendable {
        var flight: Flight<Value>
        var seat: UInt64
    }

    private func joinEarly<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        _ budget: inout RemoteBudget
    ) async -> EarlySeat<Value>? {
        let purpose = FlightTable.Purpose(type: ObjectIdentifier(type), refreshes: false, isEarly: true)
        await resolveDoubt(key, purpose, as: type, &budget)
        return flights.joinPresent(key, purpose: purpose, as: type).map { EarlySeat(flight: $0, seat: $1) }
    }

    /// What that load brings; nil where it brings nothing new. It is waited for no longer than a load of one's own, and than it may look
    /// for the entry before it begins.
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
                    hard: (options.loadTimeout ?? configuration.defaultLoadTimeout).map {
                        $0 + configuration.remoteDeadline
                    },
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
    static func timed(_ cost: LoadCost?, _ duration: Duration) -> LoadCost {
        var cost = cost ?? LoadCost()
        if cost.microseconds == 0 { cost.microseconds = LoadCost(duration: duration).microseconds }
        return cost
    }

    func runLoad<Value: Sendable>(
        _ options: EntryOptions,
        stamp: Stamp,
        replacing previous: Found<Value>? = nil,
        _ load: @escaping @Sendable (LoadContext<Value>) async throws -> Loaded<Value>
    ) async throws -> Loaded<Value> {
        let context = LoadContext(stamp: stamp, previous: previous, begun: timeSource.now())
        return try await LoadRace.run(
            timeout: options.loadTimeout ?? configuration.defaultLoadTimeout,
            timeSource: timeSource,
            watch: deadlines
        ) {
            try await load(context)
        }
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
            return answer(found, flight, upTo: seats)
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
                return answer(found, flight, upTo: seats)
            }
            ground.standIn = found
            ground.yields = found.yields
            ground.hasAnswered = true
        case .absent(let time, let yields, let hasBytes):
            ground.stamp = time
            ground.yields = yields
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
                return answer(found, flight, upTo: seats)
            }
            if gate != nil, !hasAskedMemory, reads, isRequest { counters.add(.memoryMisses, for: key) }
        }
        if reads, let result = throttled(ground, key, guard: `guard`) { return .answer(result) }
        offer(ground, to: flight, key, guard: `guard`, upTo: seats)
        let tags = try tagSet(options.tags)
        if ground.hasAnswered, let tags {
            let load = gate?.tokenLife(loadTimeout(options)) ?? .zero
            let life = longestLife(of: key, options)
            // Before the stamp is taken, so that a record which is missing by then is not taken for one that the load has seen.
            await keepTags(tags.marks, for: load + life, &budget)
        }
        ground.floor = tagFloor(ground, tags)
        if ground.hasAnswered, plants { ground.token = try await plant(key, options, budget: &budget) }
        return .load(ground)
    }

    /// What was found is fresh, and nothing has to be loaded. Who has come since it was looked for may have come after what its tags have
    /// made void since.
    private func answer<Value: Sendable>(
        _ found: Found<Value>,
        _ flight: Flight<Value>,
        upTo seats: UInt64
    ) -> Look<Value> {
        .answer(handed(found, flight, upTo: seats))
    }

    func handed<Value: Sendable>(
        _ found: Found<Value>,
        _ flight: Flight<Value>,
        upTo seats: UInt64
    ) -> CacheResult<Value> {
        if let tags = found.entry.marks {
            flight.brings(TagCargo(tags: tags, stamp: found.entry.stamp, clock: clock), upTo: seats)
        }
        return found.result(at: timeSource.now())
    }

    /// Up to which stamp the tags of what is to be loaded, and of what it may confirm, make entries void.
    func tagFloor<Value: Sendable>(_ ground: LoadGround<Value>, _ tags: TagSet?) -> Stamp {
        max(tags?.floors(clock).expired ?? .zero, ground.standIn?.entry.marks?.floors(clock).expired ?? .zero)
    }
}
