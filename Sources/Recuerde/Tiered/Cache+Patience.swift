/// Looks that count against a caller's patience.
extension Cache {
    /// Looks in both tiers until a moment; nil where that has come first, or neither tier has anything for this caller.
    ///
    /// The exchange is given up then, and not cut short beforehand: one that had no time to be answered would count against the remote
    /// tier.
    func find<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        _ options: EntryOptions,
        until end: MonotonicInstant?
    ) async throws -> Found<Value>? {
        guard let end else { return try await find(key, as: type, options) }
        let left = timeSource.now().duration(to: end)
        guard left > .zero else { return nil }
        do {
            return try await LoadRace.run(timeout: left, timeSource: timeSource, watch: deadlines) {
                try await self.find(key, as: type, options)
            }
        } catch let error as CacheError where error.code == .loadTimedOut {
            return nil
        }
    }

    /// As ``resolveDoubt(_:_:as:_:)``, and no longer than the caller has patience: who has none left takes that flight for void.
    func resolveDoubt<Value: Sendable>(
        _ key: CacheKey,
        _ purpose: FlightTable.Purpose,
        as type: Value.Type,
        _ patience: Patience,
        _ budget: inout RemoteBudget
    ) async {
        await resolveDoubts([key], [purpose], as: type, patience, &budget)
    }

    /// The same for several keys and purposes, with one exchange for all of their flights.
    func resolveDoubts<Value: Sendable>(
        _ keys: [CacheKey],
        _ purposes: [FlightTable.Purpose],
        as type: Value.Type,
        _ patience: Patience,
        _ budget: inout RemoteBudget
    ) async {
        guard gate != nil else { return }
        var doubtful: [String: TagMark] = [:]
        for key in keys {
            for purpose in purposes {
                for mark in flights.doubtfulTags(key, purpose: purpose, as: type) { doubtful[mark.text] = mark }
            }
        }
        guard !doubtful.isEmpty else { return }
        let marks = Array(doubtful.values)
        let began = timeSource.now()
        let whole = budget
        do {
            guard let end = [patience.softEnd, patience.hardEnd].compactMap(\.self).min() else {
                return try await learn(marks, &budget)
            }
            budget = try await LoadRace.run(timeout: began.duration(to: end), timeSource: timeSource, watch: deadlines)
            {
                var budget = whole
                try await self.learn(marks, &budget)
                return budget
            }
        } catch {
            budget = whole
            budget.spend(began.duration(to: timeSource.now()))
            // Out of patience: the flights are taken for void. Or cancelled, which whoever asks sees next.
            if error is CancellationError || (error as? CacheError)?.code == .loadTimedOut { return }
            noteRemoteFailure(error, operation: "get", key: keys.first)
        }
    }
}
