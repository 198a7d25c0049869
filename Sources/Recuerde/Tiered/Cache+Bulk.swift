/// Several values at once.
extension Cache {
    /// The values kept under several keys; else those that `load` makes, all in one call of it, which are then kept.
    ///
    /// One pass over memory, one exchange for all that it does not have, one load with the keys that nobody has, and one exchange that
    /// writes what it brought (and one before it for tokens, as for each load). Each key is loaded once, however many ask for it at the
    /// same time, one by one or together: what is under way already is waited for and not loaded again, and who asks for one of the keys
    /// meanwhile joins. So of two calls that overlap, in whatever order, neither waits for the other's load before its own has begun. The
    /// order of the keys, and whether one is named twice, makes no difference.
    ///
    /// Keys that are missing from what `load` returns have no value: they are missing here as well, and nothing is kept of that. To keep
    /// that there is none, let the values be optional, and return nil for a key (``EntryOptions/negativeTimeToLive``). See
    /// ``results(for:options:load:)`` for loads in which each key may fail by itself.
    ///
    /// - Throws: The failure of the first key, in the order of `keys`, for whose load nothing stale stood in; else as
    /// ``results(for:options:load:)``.
    public func values<Value: Codable & Sendable>(
        for keys: [CacheKey],
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable ([CacheKey]) async throws -> [CacheKey: Value]
    ) async throws -> [CacheKey: Value] {
        let results = try await results(for: keys, options: options) { (context: BulkLoadContext<Value>) in
            try await load(context.keys).mapValues { .success(Loaded($0)) }
        }
        for key in keys {
            if case .failure(let error) = results.outcomes[key] { throw error }
        }
        return results.values
    }

    /// As ``values(for:options:load:)``, with what is known of each answer's origin; and the load says for each key what a load of its own
    /// could: a value with its lifetime, tags and so on, that it failed, or, by leaving it out, that there is none.
    ///
    /// A key whose load failed, or all of them where `load` throws, gets a stale value where one may stand in. What happens to one key
    /// meanwhile, such as a removal, concerns no other.
    ///
    /// Options hold for each key, time limits for the whole. Other than for single values, nothing is loaded before its time, loads take no
    /// lease (``EntryOptions/loadsOncePerCluster``), and more than 1 000 values are written in parts, each of which may wait
    /// ``CacheConfiguration/remoteDeadline`` for Redis. Each key counts as a request, and each that is loaded as a load.
    ///
    /// - Throws: ``CacheError`` for an invalid key, or a cache that is closed; `CancellationError`. What happens to single keys is told by
    ///   ``BulkResult/outcomes``.
    public func results<Value: Codable & Sendable>(
        for keys: [CacheKey],
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable (BulkLoadContext<Value>) async throws -> [CacheKey: Result<Loaded<Value>, any Error>]
    ) async throws -> BulkResult<Value> {
        try admit()
        var seen: Set<CacheKey> = []
        let keys = keys.filter { seen.insert($0).inserted }
        for key in keys { try admit(key) }
        // Who has been cancelled already must not start anything that costs.
        try Task.checkCancellation()
        guard !keys.isEmpty else { return BulkResult() }
        switch options.readPolicy {
        case .bypass: return try await bypass(keys, options, load)
        case .onlyIfCached: return try await cachedOnly(keys, options)
        case .normal, .refresh: return try await flyTogether(keys, options, load)
        }
    }

    typealias BulkLoad<Value: Sendable> =
        @Sendable (BulkLoadContext<Value>) async throws -> [CacheKey: Result<Loaded<Value>, any Error>]

    private func bypass<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        _ options: EntryOptions,
        _ load: @escaping BulkLoad<Value>
    ) async throws -> BulkResult<Value> {
        for key in keys {
            counters.add(.misses, for: key)
            counters.add(.loads, for: key)
        }
        let now = timeSource.now()
        let context = BulkLoadContext<Value>(keys.map { ($0, LoadContext(stamp: clock.next(), begun: now)) })
        let answers = await Self.answers(of: context) { try await self.runLoad(options, context, load) }
        try Task.checkCancellation()
        var results = BulkResult<Value>()
        for key in keys {
            results.outcomes[key] = Self.unwrapped(answers[key]).map { loaded in
                loaded.map { CacheResult(value: $0.value, provenance: Provenance(source: .load, cost: $0.cost)) }
            }
        }
        return results
    }

    /// What a load says of each key; its own failure for all of them.
    static func answers<Value: Sendable>(
        of context: BulkLoadContext<Value>,
        _ load: () async throws -> [CacheKey: Result<Loaded<Value>, any Error>]
    ) async -> [CacheKey: Result<Loaded<Value>, any Error>] {
        do {
            return try await load()
        } catch {
            return Dictionary(context.keys.map { ($0, .failure(error)) }, uniquingKeysWith: { first, _ in first })
        }
    }

    private static func unwrapped<Value: Sendable>(
        _ answer: Result<Loaded<Value>, any Error>?
    ) -> Result<Loaded<Value>?, any Error> {
        switch answer {
        case .success(let loaded): .success(loaded)
        case .failure(let error): .failure((error as? SourceFailure)?.underlying ?? error)
        case nil: .success(nil)
        }
    }

    private func cachedOnly<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        _ options: EntryOptions
    ) async throws -> BulkResult<Value> {
        let hasAskedMemory = asksMemoryFirst
        var found: [CacheKey: Found<Value>] = [:]
        var missing: [CacheKey] = []
        for key in keys {
            found[key] = hasAskedMemory ? fresh(key, as: Value.self, maximumAge: options.maximumAge) : nil
            if found[key] == nil { missing.append(key) }
        }
        if !missing.isEmpty {
            var budget = RemoteBudget(configuration.remoteDeadline)
            let answers: [RemoteAnswer<Value>] = try await answers(about: missing, budget: &budget)
            for (key, answer) in zip(missing, answers) {
                switch answer {
                case .found(let there, _): found[key] = there
                case .absent: break
                case .unusable:
                    if gate == nil {
                        found[key] = held(key, as: Value.self, now: timeSource.now())
                    } else {
                        found[key] = heldDetached(key, as: Value.self, now: timeSource.now())
                        if !hasAskedMemory { counters.add(found[key] == nil ? .memoryMisses : .memoryHits, for: key) }
                    }
                }
            }
        }
        var results = BulkResult<Value>()
        for key in keys {
            let now = timeSource.now()
            if let found = found[key], found.isFresh(at: now, maximumAge: options.maximumAge) {
                results.outcomes[key] = .success(counted(found.result(at: now), key))
            } else if options.acceptsStale, let found = found[key], now < found.entry.physicalExpiry {
                results.outcomes[key] = .success(counted(found.staleResult(at: now, reason: .notLoaded), key))
            } else {
                countMiss(key)
                results.outcomes[key] = .failure(
                    CacheError(.notCached, "the caller asked for cached answers only, and there is none")
                )
            }
        }
        return results
    }

    // MARK: Flying

    /// A seat in the flight of one key.
    private struct Boarding<Value: Sendable>: Sendable {
        var key: CacheKey
        var flight: Flight<Value>
        var seat: UInt64
        var isNew: Bool
    }

    private func flyTogether<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        _ options: EntryOptions,
        _ load: @escaping BulkLoad<Value>
    ) async throws -> BulkResult<Value> {
        var results = BulkResult<Value>()
        let patience = patience(options)
        let purpose = FlightTable.Purpose(
            type: ObjectIdentifier(Value.self),
            refreshes: options.readPolicy == .refresh
        )
        let bulk = BulkFlight<Value> { [flights] in flights.leave($0, purpose: purpose, flight: $1) }
        var boarded: [Boarding<Value>] = []
        // Those that are better off by themselves, and whether they have waited for as long as they wanted to.
        var alone: [(key: CacheKey, isImpatient: Bool)] = []
        for key in keys {
            if let result: CacheResult<Value> = atHand(key, options, patience) {
                results.outcomes[key] = .success(result)
            } else if !purpose.refreshes, isLoadedEarly(key, as: Value.self) {
                alone.append((key, false))
            } else {
                let (flight, seat, isNew) = flights.join(key, purpose: purpose, as: Value.self, node: bulk.node)
                if let current = WaitGraph.current, !WaitGraph.shared.begin(current, for: flight.node) {
                    flight.leave(seat)
                    if isNew { abandon(flight, key, purpose) }
                    countMiss(key)
                    results.outcomes[key] = .failure(Self.reentrantLoad)
                    continue
                }
                boarded.append(Boarding(key: key, flight: flight, seat: seat, isNew: isNew))
                if isNew { bulk.add(key, flight) }
            }
        }
        defer {
            if let current = WaitGraph.current {
                for one in boarded { WaitGraph.shared.end(current, for: one.flight.node) }
            }
        }
        let own = boarded.filter(\.isNew)
        if !own.isEmpty { start(bulk, own.map { ($0.key, $0.flight) }, purpose, options, load) }
        var next = 0
        // Those that are not waited for any more, since this caller was cancelled.
        defer { for one in boarded.dropFirst(next) { one.flight.leave(one.seat) } }
        while next < boarded.count {
            let one = boarded[next]
            next += 1
            do {
                var result = try await one.flight.wait(
                    in: one.seat,
                    patience: patience,
                    watch: deadlines,
                    timeSource: timeSource
                )
                if !one.isNew, isTooOld(result, options) {
                    // The flight was started by somebody who accepts older answers.
                    alone.append((one.key, false))
                    continue
                }
                result.provenance.shared = !one.isNew
                results.outcomes[one.key] = .success(counted(result, one.key))
            } catch is AskAgain {
                alone.append((one.key, true))
            } catch is NothingLoaded {
                countMiss(one.key)
                results.outcomes[one.key] = .success(nil)
            } catch {
                try Task.checkCancellation()
                countMiss(one.key)
                results.outcomes[one.key] = .failure(error)
            }
        }
        for (key, isImpatient) in alone {
            var options = options
            let spent = patience.since.duration(to: timeSource.now())
            options.softTimeout = patience.soft.map { isImpatient ? .zero : max(.zero, $0 - spent) }
            options.hardTimeout = patience.hard.map { max(.zero, $0 - spent) }
            results.outcomes[key] = try await byItself(key, options, load)
        }
        return results
    }

    /// A flight that is not to begin.
    private func abandon<Value: Sendable>(_ flight: Flight<Value>, _ key: CacheKey, _ purpose: FlightTable.Purpose) {
        flights.leave(key, purpose: purpose, flight: flight)
        flight.finish(.failure(CancellationError()))
        flights.landed()
    }

    /// What is served without a flight, and counted: what memory holds, and stale values whose loads must not begin.
    private func atHand<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        _ patience: Patience
    ) -> CacheResult<Value>? {
        if options.readPolicy == .normal, asksMemoryFirst {
            if let found = fresh(key, as: Value.self, maximumAge: options.maximumAge) {
                return counted(found.result(at: timeSource.now()), key)
            }
            if let result = throttled(key, as: Value.self) { return counted(result, key) }
        }
        guard let soft = patience.soft, soft <= .zero, background.isFull, !flights.contains(key) else { return nil }
        return staleInMemory(key, as: Value.self, reason: .loadSlow).map { counted($0, key) }
    }

    private func isLoadedEarly<Value: Sendable>(_ key: CacheKey, as type: Value.Type) -> Bool {
        let purpose = FlightTable.Purpose(type: ObjectIdentifier(type), refreshes: false, isEarly: true)
        return flights.contains(key, purpose: purpose)
    }

    private func isTooOld<Value: Sendable>(_ result: CacheResult<Value>, _ options: EntryOptions) -> Bool {
        guard options.readPolicy != .refresh, let limit = options.maximumAge else { return false }
        return result.provenance.age > limit && result.provenance.source != .stale
    }

    /// One key by the way of single ones, where it has to join an early load, or to look again.
    private func byItself<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        _ load: @escaping BulkLoad<Value>
    ) async throws -> Result<CacheResult<Value>?, any Error> {
        do {
            return .success(
                try await result(for: key, options: options) { (context: LoadContext<Value>) in
                    guard let answer = try await load(BulkLoadContext([(key, context)]))[key] else {
                        // An answer of the source, and no failure for which anything stands in.
                        throw SourceFailure(NothingLoaded(), allowsStale: false)
                    }
                    return try answer.get()
                }
            )
        } catch is NothingLoaded {
            return .success(nil)
        } catch {
            try Task.checkCancellation()
            return .failure(error)
        }
    }

    /// As ``start(_:_:_:_:replacing:_:)`` for several flights: one task of the cache carries them out.
    private func start<Value: Codable & Sendable>(
        _ bulk: BulkFlight<Value>,
        _ own: [(key: CacheKey, flight: Flight<Value>)],
        _ purpose: FlightTable.Purpose,
        _ options: EntryOptions,
        _ load: @escaping BulkLoad<Value>
    ) {
        for (key, flight) in own { flight.offer(fromMemory(key, as: Value.self)) }
        let takePlace: @Sendable () -> UInt64? = { [background] in background.take { bulk.doom() } }
        let task = Task {
            // Begun within whatever load the first caller belongs to, and no part of it.
            await WaitGraph.$current.withValue(nil) {
                await self.fetchTogether(own, options, node: bulk.node, load) { key, outcome in
                    guard let flight = bulk.land(key) else { return }
                    // Out of the table before anyone is told: who comes after the outcome finds the entry, or loads anew.
                    self.flights.leave(key, purpose: purpose, flight: flight)
                    flight.finish(outcome)
                    bulk.settle(takePlace)
                }
            }
            if let place = bulk.end() { self.background.free(place) }
            for _ in own { self.flights.landed() }
        }
        bulk.begin(task, takePlace: takePlace)
    }

    // MARK: Counting

    private func counted<Value: Sendable>(_ result: CacheResult<Value>, _ key: CacheKey) -> CacheResult<Value> {
        let source = result.provenance.source
        if source == .memory || source == .redis {
            counters.add(.hits, for: key)
            log.hit(key, backend: source.rawValue)
        } else {
            if source == .stale { counters.add(.staleServed, for: key) }
            countMiss(key)
        }
        return result
    }

    private func countMiss(_ key: CacheKey) {
        counters.add(.misses, for: key)
        log.miss(key, backend: backend)
    }
}
