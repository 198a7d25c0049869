/// Looking again, where something was told of a key before its load had begun.
extension Cache {
    /// How often at most: the end of an entry's life may be told twice, and then somebody is writing.
    static let looksAnew = 3

    /// Looks once more, and lets the flight be joined again, where a notice has let go of it although nothing is loaded yet.
    ///
    /// Redis tells of an entry that it lets go of at the end of its time as of one that was removed, and most often with the answer to
    /// the very look that
    /// found it gone. Whoever comes after that notice would begin a second load beside the one that begins now. What is read once the
    /// flight can be joined
    /// again is as new as what they would read. The same where the entry is dead and Redis still has it, as in the moments between its
    /// time there and
    /// here: its end is about to be told.
    ///
    /// Costs a look, and nothing where nothing was told.
    func lookAnew<Value: Codable & Sendable>(
        _ ground: LoadGround<Value>,
        _ key: CacheKey,
        _ options: EntryOptions,
        flight: Flight<Value>,
        guard loadGuard: inout MemoryShard.Guard,
        plants: Bool,
        budget: inout RemoteBudget
    ) async throws -> Look<Value> {
        let purpose = FlightTable.Purpose(
            type: ObjectIdentifier(Value.self),
            refreshes: options.readPolicy == .refresh
        )
        var ground = ground
        var mayBeDying = true
        for _ in 0..<Self.looksAnew {
            // What this process has written or removed itself lets go of the flight for good.
            guard ground.hasAnswered, budget.remaining > .zero, memory.isNewest(loadGuard, of: key) else { break }
            let isDying = mayBeDying && ground.isDying
            let wasTold = !memory.isValid(loadGuard, of: key) || !flights.holds(flight, key, purpose: purpose)
            guard wasTold || isDying else { break }
            if isDying { mayBeDying = false }
            try Task.checkCancellation()
            if !flights.rejoin(flight, key, purpose: purpose),
                let result = try await result(ofThoseWhoCameAfter: flight, key, purpose, options)
            {
                return .answer(result)
            }
            layAnew(&loadGuard, of: key)
            switch try await look(
                key,
                options,
                flight: flight,
                guard: loadGuard,
                replacing: nil,
                plants: plants,
                budget: &budget
            ) {
            case .answer(let result): return .answer(result)
            case .load(let found): ground = found
            }
        }
        return .load(ground)
    }

    /// The outcome of the flight that has taken this one's place, as for anyone who joins it; nil where there is none any more, or it
    /// would wait for this
    /// one, or brings something older than is accepted here. Nothing is loaded after it: two loads, one after the other, would be more
    /// than anyone waits
    /// for.
    private func result<Value: Codable & Sendable>(
        ofThoseWhoCameAfter flight: Flight<Value>,
        _ key: CacheKey,
        _ purpose: FlightTable.Purpose,
        _ options: EntryOptions
    ) async throws -> CacheResult<Value>? {
        guard let (other, seat) = flights.joinPresent(key, purpose: purpose, as: Value.self) else { return nil }
        defer { other.leave(seat) }
        guard WaitGraph.shared.begin(flight.node, for: other.node) else { return nil }
        defer { WaitGraph.shared.end(flight.node, for: other.node) }
        let result: CacheResult<Value>
        do {
            result = try await other.wait(
                in: seat,
                patience: Patience(since: timeSource.now()),
                watch: deadlines,
                timeSource: timeSource
            )
        } catch is NothingLoaded {
            // A load for several keys, which has nothing for this one; this flight has a load of its own.
            return nil
        }
        return isTooOld(result, options) ? nil : result
    }
}
