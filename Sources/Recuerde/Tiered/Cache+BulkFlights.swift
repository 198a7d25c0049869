/// How calls for several keys share their loads with all others.
extension Cache {
    /// A seat in the flight of one key.
    private struct Boarding<Value: Sendable>: Sendable {
        var key: CacheKey
        var flight: Flight<Value>
        var seat: UInt64
        var isNew: Bool
    }

    func flyTogether<Value: Codable & Sendable>(
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
        var budget = RemoteBudget(configuration.remoteDeadline)
        for key in keys { await resolveDoubt(key, purpose, as: Value.self, &budget) }
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
            } catch is Overtaken {
                alone.append((one.key, false))
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
            if let result = throttled(key, as: Value.self, options) { return counted(result, key) }
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
}
