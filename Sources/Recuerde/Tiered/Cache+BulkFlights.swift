/// How calls for several keys share their loads with all others.
extension Cache {
    /// A seat in the flight of one key.
    private struct Boarding<Value: Sendable>: Sendable {
        var key: CacheKey
        var flight: Flight<Value>
        var seat: UInt64
        var isNew: Bool
    }

    /// Those keys of a call whose flights were of no use to it, or which must not begin one yet.
    struct Again<Value: Sendable>: Sendable {
        /// Whose flights had to end without an answer for this call, or brought something older than it accepts.
        var keys: Set<CacheKey> = []
        /// Whether it has waited for one of them for as long as it wanted to, and has to look by itself.
        var isImpatient = false
        /// Those that are being loaded before their time.
        var early: [EarlyBoarding<Value>] = []
    }

    /// A seat in a load that began before its time.
    struct EarlyBoarding<Value: Sendable>: Sendable {
        var key: CacheKey
        var flight: Flight<Value>
        var seat: UInt64
    }

    func flyTogether<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        _ options: EntryOptions,
        _ load: @escaping BulkLoad<Value>
    ) async throws -> BulkResult<Value> {
        var results = BulkResult<Value>()
        var patience = patience(options)
        var rest = keys
        // One early load is waited for, and what comes after it loaded.
        var heedsEarly = options.readPolicy != .refresh
        while !rest.isEmpty {
            let again = try await flyOnce(rest, options, patience, heedsEarly: heedsEarly, load, &results)
            var next = again.keys
            if !again.early.isEmpty { next.formUnion(try await wait(for: again.early, options, patience, &results)) }
            heedsEarly = false
            rest = rest.filter(next.contains)
            if rest.isEmpty { break }
            if let end = patience.hardEnd, timeSource.now() >= end {
                for key in rest { results.outcomes[key] = late(key, patience) }
                break
            }
            if again.isImpatient {
                rest = try await lookAgain(rest, options, patience, &results)
                patience.soft = nil
            }
        }
        return results
    }

    /// Each key joins the flight that there is, or is given one of those that one task carries out; those that have no outcome then are
    /// for the caller to ask for again.
    private func flyOnce<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        _ options: EntryOptions,
        _ patience: Patience,
        heedsEarly: Bool,
        _ load: @escaping BulkLoad<Value>,
        _ results: inout BulkResult<Value>
    ) async throws -> Again<Value> {
        let purpose = FlightTable.Purpose(
            type: ObjectIdentifier(Value.self),
            refreshes: options.readPolicy == .refresh
        )
        let earlyPurpose = FlightTable.Purpose(type: purpose.type, refreshes: false, isEarly: true)
        var again = Again<Value>()
        var missing: [CacheKey] = []
        for key in keys {
            if let result: CacheResult<Value> = atHand(key, options, patience) {
                results.outcomes[key] = .success(result)
            } else {
                missing.append(key)
            }
        }
        var budget = RemoteBudget(configuration.remoteDeadline)
        let purposes = heedsEarly ? [purpose, earlyPurpose] : [purpose]
        await resolveDoubts(missing, purposes, as: Value.self, patience, &budget)
        // Who has been cancelled already must not start anything that costs.
        try Task.checkCancellation()
        let bulk = BulkFlight<Value> { [flights] in flights.leave($0, purpose: purpose, flight: $1) }
        var boarded: [Boarding<Value>] = []
        for key in missing {
            if heedsEarly, let (flight, seat) = flights.joinPresent(key, purpose: earlyPurpose, as: Value.self) {
                again.early.append(EarlyBoarding(key: key, flight: flight, seat: seat))
                continue
            }
            let (flight, seat, isNew) = flights.join(key, purpose: purpose, as: Value.self, node: bulk.node)
            if let current = WaitGraph.current, !flight.isAwaited(by: current, in: seat) {
                flight.leave(seat)
                if isNew { abandon(flight, key, purpose) }
                countMiss(key)
                results.outcomes[key] = .failure(Self.reentrantLoad)
                continue
            }
            boarded.append(Boarding(key: key, flight: flight, seat: seat, isNew: isNew))
            if isNew { bulk.add(key, flight) }
        }
        let own = boarded.filter(\.isNew)
        if !own.isEmpty { start(bulk, own.map { ($0.key, $0.flight) }, purpose, options, budget, load) }
        do {
            try await wait(for: boarded, options, patience, &again, &results)
        } catch {
            for one in again.early { one.flight.leave(one.seat) }
            throw error
        }
        return again
    }

    /// Waits for those flights, one after the other.
    private func wait<Value: Codable & Sendable>(
        for boarded: [Boarding<Value>],
        _ options: EntryOptions,
        _ patience: Patience,
        _ again: inout Again<Value>,
        _ results: inout BulkResult<Value>
    ) async throws {
        var next = 0
        // Those that are not waited for any more, since this caller was cancelled.
        defer {
            for one in boarded.dropFirst(next) {
                one.flight.isAwaitedNoMore(in: one.seat)
                one.flight.leave(one.seat)
            }
        }
        while next < boarded.count {
            let one = boarded[next]
            next += 1
            defer { one.flight.isAwaitedNoMore(in: one.seat) }
            do {
                var result = try await one.flight.wait(
                    in: one.seat,
                    patience: patience,
                    watch: deadlines,
                    timeSource: timeSource
                )
                if !one.isNew, isTooOld(result, options) {
                    // The flight was started by somebody who accepts older answers.
                    again.keys.insert(one.key)
                    continue
                }
                result.provenance.shared = !one.isNew
                results.outcomes[one.key] = .success(counted(result, one.key))
            } catch is AskAgain {
                again.keys.insert(one.key)
                again.isImpatient = true
            } catch is Overtaken {
                again.keys.insert(one.key)
            } catch is NothingLoaded {
                countMiss(one.key)
                results.outcomes[one.key] = .success(nil)
            } catch {
                try Task.checkCancellation()
                countMiss(one.key)
                results.outcomes[one.key] = .failure(error)
            }
        }
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

    /// As ``start(_:_:_:_:replacing:_:)`` for several flights: one task of the cache carries them out.
    private func start<Value: Codable & Sendable>(
        _ bulk: BulkFlight<Value>,
        _ own: [(key: CacheKey, flight: Flight<Value>)],
        _ purpose: FlightTable.Purpose,
        _ options: EntryOptions,
        _ budget: RemoteBudget,
        _ load: @escaping BulkLoad<Value>
    ) {
        for (key, flight) in own { flight.offer(fromMemory(key, as: Value.self)) }
        let takePlace: @Sendable () -> UInt64? = { [background] in background.take { bulk.doom() } }
        let task = Task {
            // Begun within whatever load the first caller belongs to, and no part of it.
            await WaitGraph.$current.withValue(nil) {
                await self.fetchTogether(own, options, node: bulk.node, budget: budget, load) { key, outcome in
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
