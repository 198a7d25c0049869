/// What may stand in for a load: for one that begins, to be confirmed by it; for one that is slow; and for one that has failed.
extension Cache {
    /// Whether a value may stand in for a load, as far as time and tiers go; its guard is another matter.
    func maySubstitute<Value: Sendable>(
        _ standIn: Found<Value>,
        _ hasAnswered: Bool,
        now: MonotonicInstant
    ) -> Bool {
        now < standIn.entry.physicalExpiry && (hasAnswered || mayServeDetached(standIn.entry, now: now))
    }

    /// What a load that begins now may replace, and confirm: what may stand in for it, and was not removed or written since it was looked
    /// at.
    func previous<Value: Sendable>(
        _ ground: LoadGround<Value>,
        _ key: CacheKey,
        guard: MemoryShard.Guard,
        now: MonotonicInstant
    ) -> Found<Value>? {
        guard let standIn = ground.standIn.flatMap({ judged($0, now: now) }),
            maySubstitute(standIn, ground.hasAnswered, now: now), memory.isValid(`guard`, of: key)
        else { return nil }
        return standIn
    }

    // MARK: Slow loads

    /// What was found, if the key's load has failed a moment ago.
    func throttled<Value: Sendable>(
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
    func offer<Value: Sendable>(
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

    // MARK: Failed loads

    /// What is handed out for a load that has failed, and the pause that its source has then.
    ///
    /// - Parameters:
    ///   - duration: How long it has taken to fail.
    ///   - guard: The load's, open still.
    /// - Throws: What the load failed with, where nothing stands in.
    func substitute<Value: Sendable>(
        _ standIn: Found<Value>?,
        _ key: CacheKey,
        _ options: EntryOptions,
        _ error: any Error,
        took duration: Duration,
        guard: MemoryShard.Guard
    ) throws -> CacheResult<Value> {
        let failure = error as? SourceFailure
        let error = failure?.underlying ?? error
        // Given up because nobody waits: that says nothing about the source.
        noteLoadFailure(key, error, took: duration, isCounted: !Task.isCancelled)
        if Task.isCancelled { throw error }
        guard let standIn else { throw error }
        let now = timeSource.now()
        let pause = failure?.pause ?? options.failureThrottle ?? configuration.defaultFailureThrottle
        if pause > .zero {
            throttles.add(key, until: now.advanced(by: pause), now: now)
            // Looked at after that: an expiry makes guards void first, and ends the pause then, so that it finds this one or is seen
            // here.
            if !memory.isNewest(`guard`, of: key) { throttles.remove(key) }
        }
        // One that was to be replaced before its time still is what it was; and another node may have been luckier.
        if options.readPolicy != .refresh, standIn.isFresh(at: now, maximumAge: options.maximumAge) {
            return standIn.result(at: now)
        }
        let timedOut = (error as? CacheError)?.code == .loadTimedOut
        return standIn.staleResult(at: now, reason: timedOut ? .loadTimedOut : .loadFailed)
    }

    /// What stands in for a load that has failed: what was found before it, unless it was written, removed or expired since, by anyone; then what stands
    /// there now. Where nobody would have told of that, the remote tier is asked once more.
    func confirmed<Value: Codable & Sendable>(
        _ ground: LoadGround<Value>,
        _ key: CacheKey,
        guard: MemoryShard.Guard,
        budget: inout RemoteBudget
    ) async -> Found<Value>? {
        let confirmation = confirmation(ground, key, guard: `guard`)
        guard confirmation.asks else { return confirmed(confirmation, nil, key, guard: `guard`) }
        let readGuard = memory.openGuard(key)
        let answer = try? await askRemote(key, as: Value.self, guard: readGuard, timed: false, budget: &budget)
        return confirmed(confirmation, answer, key, guard: `guard`)
    }

    /// What stands in for a load that has failed, as far as it is known without asking.
    enum Confirmation<Value: Sendable>: Sendable {
        case settled(Found<Value>?)
        /// What was found before the load, unless the remote tier says otherwise.
        case found(Found<Value>)
        /// Something has changed during the load: what stands there now.
        case changed

        var asks: Bool {
            if case .settled = self { false } else { true }
        }
    }

    func confirmation<Value: Codable & Sendable>(
        _ ground: LoadGround<Value>,
        _ key: CacheKey,
        guard: MemoryShard.Guard
    ) -> Confirmation<Value> {
        let mayAsk = gate?.admitsCallers == true && configuration.readingOrder != .memoryUnchecked
        guard memory.isValid(`guard`, of: key) else { return mayAsk ? .changed : .settled(live(key)) }
        let asks = ground.hasAnswered && mayAsk
        guard let found = ground.standIn.flatMap({ judged($0, now: timeSource.now(), heedsDoubt: !asks) }),
            maySubstitute(found, ground.hasAnswered, now: timeSource.now())
        else { return .settled(nil) }
        return asks ? .found(found) : .settled(found)
    }

    /// The same once the remote tier was asked.
    func confirmed<Value: Codable & Sendable>(
        _ confirmation: Confirmation<Value>,
        _ answer: RemoteAnswer<Value>?,
        _ key: CacheKey,
        guard: MemoryShard.Guard
    ) -> Found<Value>? {
        let now = timeSource.now()
        switch (confirmation, answer) {
        case (.settled(let found), _): return found
        case (_, .found(let present, _)): return now < present.entry.physicalExpiry ? present : nil
        case (.found(let found), .absent): return found.entry.isProvisional ? found : nil
        case (.found(let found), .unusable), (.found(let found), nil):
            guard memory.isValid(`guard`, of: key), let found = judged(found, now: now) else { return nil }
            return maySubstitute(found, false, now: now) ? found : nil
        case (.changed, .absent): return nil
        case (.changed, .unusable), (.changed, nil): return live(key)
        }
    }

    /// What memory holds under a key now, fresh or stale, and may be served without the remote tier.
    private func live<Value: Codable & Sendable>(_ key: CacheKey) -> Found<Value>? {
        let now = timeSource.now()
        return held(key, as: Value.self, now: now).flatMap {
            now < $0.entry.physicalExpiry && mayServeDetached($0.entry, now: now) ? $0 : nil
        }
    }
}
