/// What one load for several keys does: looks in the remote tier, loads, and keeps; each of them in one exchange.
extension Cache {
    /// Tells the outcome of a key.
    typealias Landing<Value: Sendable> = @Sendable (CacheKey, Flight<Value>.Outcome) -> Void

    /// One of the keys, on its way.
    private struct Part<Value: Sendable>: Sendable {
        var key: CacheKey
        var flight: Flight<Value>
        /// Laid before anything is read, and looked at before anything is kept.
        var loadGuard: MemoryShard.Guard
        var ground = LoadGround<Value>()
        var stamp = Stamp.zero
        var previous: Found<Value>?
        /// Whoever takes a later seat may come after an invalidation of tags that only the load knows.
        var seats: UInt64 = 0
        /// Whether a look that finds the remote tier with a dead entry still is to be followed by another one.
        var mayBeDying = true
    }

    /// - Parameters:
    ///   - budget: What is left of the time that all its exchanges may take.
    ///   - land: Called once for each key, as soon as it has its outcome.
    func fetchTogether<Value: Codable & Sendable>(
        _ own: [(key: CacheKey, flight: Flight<Value>)],
        _ options: EntryOptions,
        node: WaitGraph.Node,
        budget: RemoteBudget,
        _ load: @escaping BulkLoad<Value>,
        land: @escaping Landing<Value>
    ) async {
        var budget = budget
        var parts = own.map { Part(key: $0, flight: $1, loadGuard: memory.openGuard($0)) }
        do {
            try await lookTogether(&parts, options, &budget, land)
            try await lookAnewTogether(&parts, options, &budget, land)
            guard !parts.isEmpty else { return }
            // Nobody waits any more, and there was no place: the source is not to be asked.
            try Task.checkCancellation()
        } catch {
            for part in parts { end(part, .failure(error), land) }
            return
        }
        let tags = try? tagSet(options.tags)
        let start = timeSource.now()
        for index in parts.indices { begin(&parts[index], tags, start) }
        let context = BulkLoadContext(
            parts.map { ($0.key, LoadContext(stamp: $0.stamp, previous: $0.previous, begun: start)) }
        )
        let answers = await Self.answers(of: context) {
            try await WaitGraph.$current.withValue(node) { try await self.runLoad(options, context, load) }
        }
        var loaded: [(part: Part<Value>, loaded: Loaded<Value>)] = []
        var failed: [(part: Part<Value>, error: any Error)] = []
        let isTimed = (options.earlyRefresh ?? configuration.defaultEarlyRefresh) > 0
        let took = start.duration(to: timeSource.now())
        for part in parts {
            // What was found before has been overtaken.
            part.flight.offer(fromMemory(part.key, as: Value.self))
            switch answers[part.key] {
            case .success(var answer):
                noteLoaded(part.key, since: start)
                throttles.remove(part.key)
                if let chosen = answer.tags.flatMap({ try? tagSet($0) }) {
                    part.flight.brings(TagCargo(tags: chosen, stamp: part.stamp, clock: clock), upTo: part.seats)
                }
                if isTimed { answer.cost = Self.timed(answer.cost, start.duration(to: timeSource.now())) }
                loaded.append((part, answer))
            case .failure(let error):
                failed.append((part, error))
            case nil:
                noteLoaded(part.key, since: start)
                throttles.remove(part.key)
                end(part, .failure(NothingLoaded()), land)
            }
        }
        await keepTogether(loaded, options, tags, &budget, land)
        await substituteTogether(failed, took: took, options, &budget, land)
    }

    /// A key that nothing is filled in for.
    private func end<Value: Sendable>(_ part: Part<Value>, _ outcome: Flight<Value>.Outcome, _ land: Landing<Value>) {
        memory.closeGuard(part.loadGuard, of: part.key)
        land(part.key, outcome)
    }

    func runLoad<Value: Sendable>(
        _ options: EntryOptions,
        _ context: BulkLoadContext<Value>,
        _ load: @escaping BulkLoad<Value>
    ) async throws -> [CacheKey: Result<Loaded<Value>, any Error>] {
        try await LoadRace.run(
            timeout: options.loadTimeout ?? configuration.defaultLoadTimeout,
            timeSource: timeSource,
            watch: deadlines
        ) {
            try await load(context)
        }
    }

    // MARK: Looking

    /// Looks for all of them as ``look(_:_:flight:guard:replacing:plants:budget:)`` does for one; those that have to be loaded stay.
    private func lookTogether<Value: Codable & Sendable>(
        _ parts: inout [Part<Value>],
        _ options: EntryOptions,
        _ budget: inout RemoteBudget,
        _ land: Landing<Value>
    ) async throws {
        let reads = options.readPolicy != .refresh
        let hasAskedMemory = asksMemoryFirst
        // Who comes later may come after what was removed meanwhile.
        let seats = Dictionary(parts.map { ($0.key, $0.flight.latestSeat) }, uniquingKeysWith: max)
        let tags = try tagSet(options.tags)
        // Where nothing but their tags keeps copies from being served, those are read, and not the entries.
        if reads, hasAskedMemory { _ = await learnTags(of: parts.map(\.key), &budget) }
        keepOnly(&parts) { part in
            // Taken now, because the answer of the remote tier may take it out of memory.
            part.ground.standIn = held(part.key, as: Value.self, now: timeSource.now())
            // Another flight may have landed after this caller had looked.
            guard reads, hasAskedMemory, let found = part.ground.standIn,
                found.isFresh(at: timeSource.now(), maximumAge: options.maximumAge),
                mayServe(found.entry, of: part.key, now: timeSource.now())
            else { return true }
            counters.add(.memoryHits, for: part.key)
            end(part, .success(handed(found, part.flight, upTo: seats[part.key] ?? 0)), land)
            return false
        }
        let answers: [RemoteAnswer<Value>] = try await answers(about: parts.map(\.key), budget: &budget)
        var next = answers[...]
        keepOnly(&parts) { part in
            let answer = next.popFirst() ?? .unusable
            guard let found = taken(answer, &part, reads: reads, hasAskedMemory, options, upTo: seats[part.key] ?? 0)
            else { return true }
            end(part, .success(found), land)
            return false
        }
        keepOnly(&parts) { part in
            if reads, let result = throttled(part.ground, part.key, guard: part.loadGuard) {
                end(part, .success(result), land)
                return false
            }
            offer(part.ground, to: part.flight, part.key, guard: part.loadGuard, upTo: seats[part.key] ?? 0)
            return true
        }
        if let tags, parts.contains(where: \.ground.hasAnswered) {
            let load = gate?.tokenLife(loadTimeout(options)) ?? .zero
            let life = parts.map { longestLife(of: $0.key, options) }.max() ?? .zero
            // Before the stamps are taken, so that a record which is missing by then is not taken for one that the load has seen.
            await keepTags(tags.marks, for: load + life, &budget)
        }
        for index in parts.indices { parts[index].ground.floor = tagFloor(parts[index].ground, tags) }
        try await plantTogether(&parts, options, &budget)
    }

    /// Looks once more for all of which something was told before their load has begun, as
    /// ``lookAnew(_:_:_:flight:guard:plants:budget:)`` does for one. A look and tokens for all of them together, and nothing where
    /// nothing was told.
    private func lookAnewTogether<Value: Codable & Sendable>(
        _ parts: inout [Part<Value>],
        _ options: EntryOptions,
        _ budget: inout RemoteBudget,
        _ land: Landing<Value>
    ) async throws {
        let purpose = FlightTable.Purpose(
            type: ObjectIdentifier(Value.self),
            refreshes: options.readPolicy == .refresh
        )
        for _ in 0..<Self.looksAnew {
            guard budget.remaining > .zero else { return }
            var told = parts.filter { isToBeLookedForAnew($0, purpose) }
            guard !told.isEmpty else { return }
            try Task.checkCancellation()
            let order = parts.map(\.key)
            let names = Set(told.map(\.key))
            let others = parts.filter { !names.contains($0.key) }
            // Whatever comes of it, those that have not landed are to be loaded, or to be told that it failed.
            defer {
                let all = Dictionary((others + told).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
                parts = order.compactMap { all[$0] }
            }
            keepOnly(&told) { part in
                guard flights.rejoin(part.flight, part.key, purpose: purpose) else {
                    // Another has taken its place, and whoever waits here joins that; this task waits for no flight of others.
                    end(part, .failure(Overtaken()), land)
                    return false
                }
                if part.ground.isDying { part.mayBeDying = false }
                layAnew(&part.loadGuard, of: part.key)
                part.ground = LoadGround()
                return true
            }
            if !told.isEmpty { try await lookTogether(&told, options, &budget, land) }
        }
    }

    /// Whether a notice has let go of a flight whose load has not begun, or is about to. What this process has written or removed itself lets
    /// go of it for good.
    private func isToBeLookedForAnew<Value: Sendable>(_ part: Part<Value>, _ purpose: FlightTable.Purpose) -> Bool {
        guard part.ground.hasAnswered, memory.isNewest(part.loadGuard, of: part.key) else { return false }
        return !memory.isValid(part.loadGuard, of: part.key)
            || !flights.holds(part.flight, part.key, purpose: purpose)
            || part.mayBeDying && part.ground.isDying
    }

    /// Goes through them in their order; those for which `body` returns false have landed.
    private func keepOnly<Value: Sendable>(_ parts: inout [Part<Value>], _ body: (inout Part<Value>) -> Bool) {
        var kept: [Part<Value>] = []
        kept.reserveCapacity(parts.count)
        for var part in parts where body(&part) { kept.append(part) }
        parts = kept
    }

    /// What an answer of the remote tier makes of a key: a result, or ground for its load.
    private func taken<Value: Codable & Sendable>(
        _ answer: RemoteAnswer<Value>,
        _ part: inout Part<Value>,
        reads: Bool,
        _ hasAskedMemory: Bool,
        _ options: EntryOptions,
        upTo seats: UInt64
    ) -> CacheResult<Value>? {
        let now = timeSource.now()
        switch answer {
        case .found(let found, let time):
            part.ground.stamp = time
            if reads, found.isFresh(at: now, maximumAge: options.maximumAge) {
                return handed(found, part.flight, upTo: seats)
            }
            part.ground.standIn = found
            part.ground.yields = found.yields
            part.ground.hasAnswered = true
        case .absent(let time, let yields, let hasBytes):
            part.ground.stamp = time
            part.ground.isDying = hasBytes
            part.ground.yields = yields
            part.ground.hasAnswered = true
            // Removed elsewhere, perhaps; then it must not stand in either.
            if !(part.ground.standIn?.entry.isProvisional ?? false) { part.ground.standIn = nil }
        case .unusable:
            if reads, gate != nil, let found = heldDetached(part.key, as: Value.self, now: now),
                found.isFresh(at: now, maximumAge: options.maximumAge)
            {
                counters.add(.memoryHits, for: part.key)
                return handed(found, part.flight, upTo: seats)
            }
            if gate != nil, !hasAskedMemory, reads { counters.add(.memoryMisses, for: part.key) }
        }
        return nil
    }

    /// Tokens for all that are to be loaded.
    private func plantTogether<Value: Sendable>(
        _ parts: inout [Part<Value>],
        _ options: EntryOptions,
        _ budget: inout RemoteBudget
    ) async throws {
        guard let gate, configuration.format == .envelope else { return }
        var rest = parts.indices.filter { parts[$0].ground.hasAnswered }[...]
        while !rest.isEmpty {
            let some = rest.prefix(Self.bulkPart)
            rest = rest.dropFirst(Self.bulkPart)
            let names = some.map { keySpace.entryName(parts[$0].key) }
            var tokens: [Result<RemoteToken, RemoteTierError>] = []
            do {
                tokens = try await gate.plant(names, loadTimeout: loadTimeout(options), budget: &budget)
            } catch {
                // Without a token, what is loaded goes by way of the journal.
                noteRemoteFailure(error, operation: "set", key: some.first.map { parts[$0].key })
                try rethrowIfAsked(error)
            }
            for (index, token) in zip(some, tokens) {
                switch token {
                case .success(let token):
                    parts[index].ground.token = token
                case .failure(let error):
                    noteRemoteFailure(error, operation: "set", key: parts[index].key)
                    try rethrowIfAsked(error)
                }
            }
            if !rest.isEmpty { budget = RemoteBudget(configuration.remoteDeadline) }
        }
    }

    /// The load of a key begins now.
    private func begin<Value: Sendable>(_ part: inout Part<Value>, _ tags: TagSet?, _ now: MonotonicInstant) {
        noteLoad(part.key)
        part.previous = previous(part.ground, part.key, guard: part.loadGuard, now: now)
        part.stamp = beginLoad(part.ground, part.flight, tags, part.previous)
        part.seats = part.flight.latestSeat
    }

    // MARK: Keeping

    private func keepTogether<Value: Codable & Sendable>(
        _ loaded: [(part: Part<Value>, loaded: Loaded<Value>)],
        _ options: EntryOptions,
        _ tags: TagSet?,
        _ budget: inout RemoteBudget,
        _ land: @escaping Landing<Value>
    ) async {
        guard !loaded.isEmpty else { return }
        let plans = loaded.map { plan($0.loaded, $0.part.key, options) }
        // The tags of all of them in at most two exchanges.
        let life = plans.compactMap { $0?.lifetime.total }.max() ?? .zero
        let chosen = plans.compactMap { $0?.tags?.marks }.joined()
        if !chosen.isEmpty, let earliest = loaded.map(\.part.stamp).min() {
            let marks = Dictionary(chosen.map { ($0.text, $0) }, uniquingKeysWith: { first, _ in first })
            await keepTags(TagSet(Array(marks.values)), known: tags, for: life, stamp: earliest, &budget)
        }
        var fills: [(fill: Fill, result: CacheResult<Value>)] = []
        for ((part, loaded), plan) in zip(loaded, plans) {
            let (result, prepared) = keepHere(
                loaded,
                part.key,
                options,
                plan,
                stamp: part.stamp,
                yields: part.ground.yields,
                guard: part.loadGuard
            )
            if let prepared, prepared.write != nil, part.ground.yields == nil {
                fills.append((Fill(key: part.key, prepared: prepared, token: part.ground.token?.text), result))
            } else {
                land(part.key, .success(result))
            }
        }
        guard let gate else { return }
        var rest = fills[...]
        while !rest.isEmpty {
            let some = rest.prefix(Self.bulkPart)
            rest = rest.dropFirst(Self.bulkPart)
            let stored = await fill(some.map(\.fill), gate: gate, budget: &budget)
            for ((fill, result), isStored) in zip(some, stored) {
                var result = result
                if let isStored { result.provenance.stored = isStored }
                land(fill.key, .success(result))
            }
            budget = RemoteBudget(configuration.remoteDeadline)
        }
    }

    // MARK: Failures

    /// What stands in for those whose load has failed, found out with one exchange for all.
    private func substituteTogether<Value: Codable & Sendable>(
        _ failed: [(part: Part<Value>, error: any Error)],
        took: Duration,
        _ options: EntryOptions,
        _ budget: inout RemoteBudget,
        _ land: @escaping Landing<Value>
    ) async {
        guard !failed.isEmpty else { return }
        let first = failed.map { part, error in
            (error as? SourceFailure)?.allowsStale == false
                ? Confirmation<Value>.settled(nil) : confirmation(part.ground, part.key, guard: part.loadGuard)
        }
        let asked = zip(failed, first).filter(\.1.asks).map(\.0.part.key)
        let answers: [RemoteAnswer<Value>]? = asked.isEmpty ? [] : try? await answers(about: asked, budget: &budget)
        var next = (answers ?? [])[...]
        for ((part, error), confirmation) in zip(failed, first) {
            let answer = confirmation.asks ? next.popFirst() : nil
            let standIn = confirmed(confirmation, answer, part.key, guard: part.loadGuard)
            defer { memory.closeGuard(part.loadGuard, of: part.key) }
            let outcome: Flight<Value>.Outcome
            do {
                outcome = .success(
                    try substitute(standIn, part.key, options, error, took: took, guard: part.loadGuard)
                )
            } catch {
                outcome = .failure(error)
            }
            land(part.key, outcome)
        }
    }
}
