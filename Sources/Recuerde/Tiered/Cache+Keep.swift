/// What becomes of a value once it is loaded.
extension Cache {
    /// Keeps what was loaded, unless it must not be kept or something came in between.
    ///
    /// - Parameter yields: The stamp of what stands in the remote tier in a newer schema: then it is kept here alone, in the stead of that.
    func keep<Value: Codable & Sendable>(
        _ loaded: Loaded<Value>,
        _ key: CacheKey,
        _ options: EntryOptions,
        tags: TagSet?,
        stamp: Stamp,
        token: String?,
        yields: Stamp?,
        guard: MemoryShard.Guard,
        budget: inout RemoteBudget
    ) async throws -> CacheResult<Value> {
        let plan = plan(loaded, key, options)
        if let plan, let chosen = plan.tags {
            await keepTags(chosen, known: tags, for: plan.lifetime.total, stamp: stamp, &budget)
        }
        var (result, prepared) = keepHere(
            loaded,
            key,
            options,
            plan,
            stamp: stamp,
            yields: yields,
            guard: `guard`
        )
        if let gate, let prepared, prepared.write != nil, yields == nil {
            let fill = Fill(key: key, prepared: prepared, token: token)
            if let isStored = await self.fill([fill], gate: gate, budget: &budget).first ?? nil {
                result.provenance.stored = isStored
            }
        }
        return result
    }

    /// How something that was loaded is to be kept.
    struct KeepPlan {
        var lifetime: Lifetime
        var tags: TagSet?
        /// Whether its load has chosen something that is no tag.
        var isRefused: Bool
    }

    /// Nil for what must not be kept.
    func plan<Value: Sendable>(_ loaded: Loaded<Value>, _ key: CacheKey, _ options: EntryOptions) -> KeepPlan? {
        guard loaded.store, let whole = lifetime(of: key, options, loaded) else { return nil }
        let tags = loaded.tags ?? options.tags
        let chosen = try? tagSet(tags)
        return KeepPlan(
            lifetime: jittered(whole, of: key, options),
            tags: chosen,
            isRefused: !tags.isEmpty && carriesTags && chosen == nil
        )
    }

    /// Keeps in memory what was loaded, whose tags are seen to; what is returned besides the result is for the remote tier. The guard is
    /// closed.
    func keepHere<Value: Codable & Sendable>(
        _ loaded: Loaded<Value>,
        _ key: CacheKey,
        _ options: EntryOptions,
        _ plan: KeepPlan?,
        stamp: Stamp,
        yields: Stamp?,
        guard: MemoryShard.Guard
    ) -> (result: CacheResult<Value>, prepared: PreparedEntry?) {
        let provenance = Provenance(
            source: .load,
            stamp: stamp,
            cost: loaded.cost,
            confirmed: loaded.isConfirmation
        )
        var result = CacheResult(value: loaded.value, provenance: provenance)
        // A value that cannot be encoded is still an answer, and so is one whose load has chosen no proper tags.
        guard let plan, !plan.isRefused, !isVoid(stamp, plan.tags),
            let prepared = try? prepare(
                key,
                loaded.value,
                lifetime: plan.lifetime,
                // Void by what was invalidated since its own load began, whatever it stands beside.
                tags: yields == nil ? plan.tags : plan.tags.map { TagSet($0.marks, since: stamp) },
                cost: loaded.cost,
                validators: loaded.validators,
                stamp: yields ?? stamp,
                isFill: true
            )
        else {
            memory.closeGuard(`guard`, of: key)
            return (result, nil)
        }
        let stillValid = memory.isValid(`guard`, of: key)
        let isInMemory = memory.closeGuard(`guard`, of: key, filling: prepared.memory)
        result.provenance.stored = isInMemory
        guard stillValid else { return (result, nil) }
        result.provenance.remaining = plan.lifetime.fresh
        counters.add(.sets, for: key)
        if isInMemory { counters.add(.memorySets, for: key) }
        log.set(key, backend: backend)
        return (result, prepared)
    }

    private func isVoid(_ stamp: Stamp, _ tags: TagSet?) -> Bool {
        tags.map { clock.told(stamp) <= $0.floors(clock).expired } ?? false
    }

    /// Those that the load itself has chosen were not known when it began: their records, where missing, are made as if they had been there then, so
    /// that one which Redis has let go of during the load, after an invalidation, is not noticed.
    func keepTags(
        _ chosen: TagSet,
        known: TagSet?,
        for life: Duration,
        stamp: Stamp,
        _ budget: inout RemoteBudget
    ) async {
        let isKnown = { (mark: TagMark) in known?.marks.contains { $0 === mark } ?? false }
        let late = chosen.marks.filter { !isKnown($0) }
        if late.count < chosen.marks.count { await keepTags(chosen.marks.filter(isKnown), for: life, &budget) }
        if !late.isEmpty { await keepTags(late, for: life, missing: stamp.previous, &budget) }
    }

    /// A token for a load that begins now. Nil where there is none: then what is loaded goes by way of the journal, whose
    /// replay finds out whether it may still be stored.
    func plant(
        _ key: CacheKey,
        _ options: EntryOptions,
        budget: inout RemoteBudget
    ) async throws -> RemoteToken? {
        guard let gate, configuration.format == .envelope else { return nil }
        do {
            return try await gate.plant(
                keySpace.entryName(key),
                loadTimeout: loadTimeout(options),
                budget: &budget
            )
        } catch {
            noteRemoteFailure(error, operation: "set", key: key)
            try rethrowIfAsked(error)
            return nil
        }
    }

    /// How long a load may take; a day for one without an end.
    func loadTimeout(_ options: EntryOptions) -> Duration {
        options.loadTimeout ?? configuration.defaultLoadTimeout ?? .seconds(86_400)
    }

    /// An entry of a load that is in memory, on its way to the remote tier.
    struct Fill {
        var key: CacheKey
        var prepared: PreparedEntry
        var token: String?
    }

    /// Brings them to the remote tier in one exchange. Says of each whether it is kept; nil where nothing has changed about that.
    func fill(_ fills: [Fill], gate: RemoteGate, budget: inout RemoteBudget) async -> [Bool?] {
        var stored: [Bool?] = fills.map { _ in nil }
        /// One that is under way.
        struct Sent {
            var index: Int
            var write: RemoteWrite
            /// Void once another's write has been told of, which may have come after this one.
            var `guard`: MemoryShard.Guard
            var witness: RemoteWitness?
        }
        var sent: [Sent] = []
        for (index, fill) in fills.enumerated() {
            guard var write = fill.prepared.write else { continue }
            if configuration.format == .envelope {
                guard let token = fill.token else {
                    journal(write, fill.prepared, nil, gate: gate)
                    continue
                }
                write.condition = .ifToken(fill.prepared.stamp, token: token)
            }
            let `guard` = memory.openGuard(fill.key)
            sent.append(
                Sent(index: index, write: write, guard: `guard`, witness: beginWrite(fill.key, write.name))
            )
        }
        guard !sent.isEmpty else { return stored }
        let writes = sent.map(\.write)
        var outcomes: [Result<RemoteOutcome, RemoteTierError>] = []
        var failure: (any Error)?
        do {
            outcomes = try await gate.perform(&budget) { tier, timeout in
                try await tier.write(writes, timeout: timeout)
            }
        } catch {
            failure = error
        }
        for (number, one) in sent.enumerated() {
            let (key, prepared) = (fills[one.index].key, fills[one.index].prepared)
            var verified: (entry: MemoryEntry, witness: UInt32)?
            switch number < outcomes.count ? outcomes[number] : nil {
            case .success(let outcome):
                clock.observe(outcome.stamp)
                let line = endWrite(key, one.write.name, one.witness, outcome.applied ? .changed : .unchanged)
                stored[one.index] = outcome.applied
                if outcome.applied {
                    gate.settle(one.write.name, upTo: prepared.stamp)
                    counters.add(.remoteSets, for: key)
                    if line != 0, outcome.stamp == prepared.stamp { verified = (prepared.memory, line) }
                } else {
                    // Another node wrote or removed it after this load had started.
                    memory.removeIfSame(key, as: prepared.memory)
                }
            case .failure(let error):
                fail(key, one.write, prepared, one.witness, error, gate: gate)
            case nil:
                if let failure {
                    fail(key, one.write, prepared, one.witness, failure, gate: gate)
                } else {
                    _ = endWrite(key, one.write.name, one.witness, .unknown)
                }
            }
            memory.closeGuard(one.guard, of: key, filling: verified?.entry, witness: verified?.witness)
        }
        return stored
    }

    private func fail(
        _ key: CacheKey,
        _ write: RemoteWrite,
        _ prepared: PreparedEntry,
        _ witness: RemoteWitness?,
        _ error: any Error,
        gate: RemoteGate
    ) {
        _ = endWrite(key, write.name, witness, .unknown)
        noteRemoteFailure(error, operation: "set", key: key)
        journal(write, prepared, error, gate: gate)
    }

    private func journal(_ write: RemoteWrite, _ prepared: PreparedEntry, _ error: (any Error)?, gate: RemoteGate) {
        gate.note(
            write.operation,
            stamp: prepared.stamp,
            expiry: prepared.memory.physicalExpiry,
            isFill: true,
            for: write.name,
            because: error
        )
    }
}
