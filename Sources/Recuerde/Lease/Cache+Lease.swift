/// One load per cluster.
extension Cache {
    /// Past the time after which the store lets go of a lease, so that who comes then finds it free.
    static let leaseMargin = Duration.milliseconds(10)

    /// Whether loads of a call are to be one per cluster, as far as it can be.
    func isOncePerCluster(_ options: EntryOptions) -> Bool {
        (options.loadsOncePerCluster ?? configuration.defaultLoadsOncePerCluster) && gate?.tier.leases != nil
    }

    /// The lease that a flight has to ask for before it loads; nil for none. Nothing is asked for yet.
    func loadLease(_ key: CacheKey, _ options: EntryOptions, _ purpose: FlightTable.Purpose) -> LoadLease? {
        guard isOncePerCluster(options), let gate, let store = gate.tier.leases else { return nil }
        let loadTimeout = options.loadTimeout ?? configuration.defaultLoadTimeout
        return LoadLease(
            holder: LeaseHolder(
                keySpace.loadLease(key),
                in: store,
                timeToLive: configuration.leaseTimeToLive,
                gate: gate,
                watch: deadlines,
                timeSource: timeSource
            ),
            manner: purpose.isEarly ? .skips : purpose.refreshes ? .tries : .waits,
            limit: loadTimeout.map { min($0, configuration.leaseWait) } ?? configuration.leaseWait,
            book: leases
        )
    }

    /// Takes the lease of a key's load, waiting for it as long as may be, and looks once more: before that, another node may have kept what it has loaded. Where the lease
    /// cannot be had, since the remote tier is away or refuses it, or the time for that is over, the load goes on without it.
    ///
    /// - Parameter loadGuard: Laid anew, since what others have kept meanwhile makes the former void.
    /// - Throws: `CancellationError` where nobody waits any more, or another node refreshes the value already; ``CacheError`` as a look.
    func lookUnderLease<Value: Codable & Sendable>(
        _ lease: LoadLease,
        _ key: CacheKey,
        _ options: EntryOptions,
        flight: Flight<Value>,
        guard loadGuard: inout MemoryShard.Guard,
        replacing: Stamp?,
        budget: inout RemoteBudget
    ) async throws -> Look<Value> {
        let holder = lease.holder
        let end = timeSource.now().advanced(by: max(.zero, lease.limit))
        let signal = WakeSignal()
        var ear: LeaseEar?
        defer { ear?.end() }
        asking: while true {
            let answer: LeaseAnswer
            do {
                answer = try await holder.acquire(&budget)
            } catch {
                try Task.checkCancellation()
                noteRemoteFailure(error, operation: "lease", key: key)
                break asking
            }
            let now = timeSource.now()
            switch (answer, lease.manner) {
            case (.taken, _):
                leases.took(holder)
                break asking
            case (.held(let remaining), .skips):
                leases.rests.add(key, until: now.advanced(by: remaining), now: now)
                throw CancellationError()
            case (.held, .tries):
                break asking
            case (.held(let remaining), .waits):
                // A load of this node that asks for its own key would wait for itself.
                guard now < end, !leases.holds(holder.lease) else { break asking }
                guard ear != nil else {
                    ear = holder.store.heed(holder.lease) { signal.wake() }
                    counters.add(.leaseWaits, for: key)
                    // It may have been released in between.
                    continue
                }
                let expiry = now.advanced(by: remaining).advanced(by: Self.leaseMargin)
                try await signal.wait(until: min(end, expiry), watch: deadlines, timeSource: timeSource)
                layAnew(&loadGuard, of: key)
                let found = try await look(
                    key,
                    options,
                    flight: flight,
                    guard: loadGuard,
                    replacing: replacing,
                    plants: false,
                    budget: &budget
                )
                if case .answer = found { return found }
            }
        }
        layAnew(&loadGuard, of: key)
        return try await look(
            key,
            options,
            flight: flight,
            guard: loadGuard,
            replacing: replacing,
            budget: &budget
        )
    }

    func layAnew(_ loadGuard: inout MemoryShard.Guard, of key: CacheKey) {
        memory.closeGuard(loadGuard, of: key)
        loadGuard = memory.openGuard(key)
    }
}
