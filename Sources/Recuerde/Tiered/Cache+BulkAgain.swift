/// What becomes of the keys of a call for several values for which its first flights were of no use.
extension Cache {
    // MARK: Looking

    /// As ``find(_:as:_:until:)`` for several keys, with one exchange for all that memory does not answer.
    func find<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        _ options: EntryOptions,
        until end: MonotonicInstant? = nil
    ) async throws -> [CacheKey: Found<Value>] {
        let hasAskedMemory = asksMemoryFirst
        var found: [CacheKey: Found<Value>] = [:]
        var budget = RemoteBudget(configuration.remoteDeadline)
        var missing = keys
        if hasAskedMemory {
            for key in keys { found[key] = fresh(key, as: Value.self, maximumAge: options.maximumAge) }
            missing.removeAll { found[$0] != nil }
            // Where nothing but their tags keeps copies from being served, those are read, and not the entries.
            for key in await learnTags(of: missing, &budget) {
                found[key] = fresh(key, as: Value.self, maximumAge: options.maximumAge)
            }
            missing.removeAll { found[$0] != nil }
        }
        guard !missing.isEmpty else { return found }
        let answers: [RemoteAnswer<Value>] = try await answers(about: missing, budget: budget, until: end)
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
        return found
    }

    /// As ``answers(about:budget:)``, given up at a moment; then nobody knows.
    private func answers<Value: Codable & Sendable>(
        about keys: [CacheKey],
        budget: RemoteBudget,
        until end: MonotonicInstant?
    ) async throws -> [RemoteAnswer<Value>] {
        var budget = budget
        guard let end else { return try await answers(about: keys, budget: &budget) }
        let left = timeSource.now().duration(to: end)
        guard left > .zero else { return keys.map { _ in .unusable } }
        let whole = budget
        do {
            return try await LoadRace.run(timeout: left, timeSource: timeSource, watch: deadlines) {
                var budget = whole
                return try await self.answers(about: keys, budget: &budget)
            }
        } catch let error as CacheError where error.code == .loadTimedOut {
            return keys.map { _ in .unusable }
        }
    }

    /// For a caller whose soft limit is over: what is there now, stale or not, for all keys at once; those that have nothing are left.
    func lookAgain<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        _ options: EntryOptions,
        _ patience: Patience,
        _ results: inout BulkResult<Value>
    ) async throws -> [CacheKey] {
        let found: [CacheKey: Found<Value>]
        do {
            found = try await find(keys, options, until: patience.hardEnd)
        } catch {
            try Task.checkCancellation()
            for key in keys { results.outcomes[key] = failed(key, error) }
            return []
        }
        var rest: [CacheKey] = []
        let now = timeSource.now()
        for key in keys {
            guard let found = found[key], now < found.entry.physicalExpiry else {
                rest.append(key)
                continue
            }
            let isFresh = options.readPolicy != .refresh && found.isFresh(at: now, maximumAge: options.maximumAge)
            let result = isFresh ? found.result(at: now) : found.staleResult(at: now, reason: .loadSlow)
            results.outcomes[key] = .success(counted(result, key))
        }
        return rest
    }

    // MARK: Early loads

    /// Waits for loads that began before their time, unless what they are to replace is there already, such as by another node; those
    /// that bring nothing are left, for this call to load. Its caller waits, and no flight does.
    func wait<Value: Codable & Sendable>(
        for early: [EarlyBoarding<Value>],
        _ options: EntryOptions,
        _ patience: Patience,
        _ results: inout BulkResult<Value>
    ) async throws -> Set<CacheKey> {
        defer {
            for one in early {
                one.flight.isAwaitedNoMore(in: one.seat)
                one.flight.leave(one.seat)
            }
        }
        let keys = early.map(\.key)
        let end = [patience.softEnd, patience.hardEnd].compactMap(\.self).min()
        let answers: [RemoteAnswer<Value>]
        do {
            let budget = RemoteBudget(configuration.remoteDeadline)
            answers = try await self.answers(about: keys, budget: budget, until: end)
        } catch {
            try Task.checkCancellation()
            for key in keys { results.outcomes[key] = failed(key, error) }
            return []
        }
        var rest: Set<CacheKey> = []
        for (one, answer) in zip(early, answers) {
            let now = timeSource.now()
            if case .found(let found, _) = answer, found.isFresh(at: now, maximumAge: options.maximumAge) {
                results.outcomes[one.key] = .success(counted(found.result(at: now), one.key))
                continue
            }
            if let current = WaitGraph.current, !one.flight.isAwaited(by: current, in: one.seat) {
                rest.insert(one.key)
                continue
            }
            do {
                var result = try await one.flight.wait(
                    in: one.seat,
                    patience: patience,
                    watch: deadlines,
                    timeSource: timeSource
                )
                result.provenance.shared = true
                let isOfUse = result.provenance.source == .load || result.provenance.staleReason == .loadSlow
                if isOfUse, !isTooOld(result, options) {
                    results.outcomes[one.key] = .success(counted(result, one.key))
                } else {
                    rest.insert(one.key)
                }
            } catch let error as CacheError where error.code == .waitTimedOut {
                results.outcomes[one.key] = failed(one.key, error)
            } catch {
                try Task.checkCancellation()
                // It has failed, or was begun too soon.
                rest.insert(one.key)
            }
            one.flight.isAwaitedNoMore(in: one.seat)
        }
        return rest
    }

    // MARK: Ends

    /// The outcome of a key for which the caller's time is over before it could fly again.
    func late<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ patience: Patience
    ) -> Result<CacheResult<Value>?, any Error> {
        if let result = staleInMemory(key, as: Value.self, reason: .loadSlow) { return .success(counted(result, key)) }
        return failed(
            key,
            CacheError(
                .waitTimedOut,
                "no load of use to this call ended within \(patience.hard ?? .zero), and no stale value is at hand; ask again later"
            )
        )
    }

    private func failed<Value: Sendable>(
        _ key: CacheKey,
        _ error: any Error
    ) -> Result<CacheResult<Value>?, any Error> {
        countMiss(key)
        return .failure(error)
    }
}
