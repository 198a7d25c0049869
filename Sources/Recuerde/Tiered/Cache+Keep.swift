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
        var provenance = Provenance(source: .load, stamp: stamp, cost: loaded.cost)
        var prepared: PreparedEntry?
        if loaded.store, let lifetime = lifetime(of: key, options, timeToLive: loaded.timeToLive) {
            // A value that cannot be encoded is still an answer, and so is one whose load has chosen no proper tags.
            let chosen = try? tagSet(loaded.tags ?? options.tags)
            if let chosen { await keepTags(chosen, known: tags, for: lifetime.total, stamp: stamp, &budget) }
            let isVoid = chosen.map { clock.told(stamp) <= $0.floors(clock).expired } ?? false
            let isTagged = !(loaded.tags ?? options.tags).isEmpty && carriesTags
            prepared =
                isVoid || isTagged && chosen == nil
                ? nil
                : try? prepare(
                    key,
                    loaded.value,
                    lifetime: lifetime,
                    tags: chosen,
                    cost: loaded.cost,
                    stamp: yields ?? stamp,
                    isFill: true
                )
            provenance.remaining = lifetime.fresh
        }
        guard let prepared else {
            memory.closeGuard(`guard`, of: key)
            provenance.remaining = nil
            return CacheResult(value: loaded.value, provenance: provenance)
        }
        let stillValid = memory.isValid(`guard`, of: key)
        let isInMemory = memory.closeGuard(`guard`, of: key, filling: prepared.memory)
        provenance.stored = isInMemory
        guard stillValid else {
            provenance.remaining = nil
            return CacheResult(value: loaded.value, provenance: provenance)
        }
        counters.add(.sets, for: key)
        if isInMemory { counters.add(.memorySets, for: key) }
        log.set(key, backend: backend)
        if let gate, let write = prepared.write, yields == nil {
            await fill(write, key, prepared, token: token, gate: gate, budget: &budget, provenance: &provenance)
        }
        return CacheResult(value: loaded.value, provenance: provenance)
    }

    /// Those that the load itself has chosen were not known when it began: their records, where missing, are made as if they had been there then, so
    /// that one which Redis has let go of during the load, after an invalidation, is not noticed.
    private func keepTags(
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

    private func fill(
        _ write: RemoteWrite,
        _ key: CacheKey,
        _ prepared: PreparedEntry,
        token: String?,
        gate: RemoteGate,
        budget: inout RemoteBudget,
        provenance: inout Provenance
    ) async {
        var write = write
        if configuration.format == .envelope {
            guard let token else { return journal(write, prepared, nil, gate: gate) }
            write.condition = .ifToken(prepared.stamp, token: token)
        }
        // Void once another's write has been told of, which may have come after this one.
        let `guard` = memory.openGuard(key)
        var verified: (entry: MemoryEntry, witness: UInt32)?
        defer { memory.closeGuard(`guard`, of: key, filling: verified?.entry, witness: verified?.witness) }
        let witness = beginWrite(key, write.name)
        var became = OwnWrites.Outcome.unknown
        do {
            let write = write
            let outcomes = try await gate.perform(&budget) { tier, timeout in
                try await tier.write([write], timeout: timeout)
            }
            guard let outcome = try outcomes.first?.get() else {
                _ = endWrite(key, write.name, witness, .unknown)
                return
            }
            clock.observe(outcome.stamp)
            became = outcome.applied ? .changed : .unchanged
            let line = endWrite(key, write.name, witness, became)
            if outcome.applied {
                gate.settle(write.name, upTo: prepared.stamp)
                counters.add(.remoteSets, for: key)
                provenance.stored = true
                if line != 0, outcome.stamp == prepared.stamp { verified = (prepared.memory, line) }
            } else {
                // Another node wrote or removed it after this load had started.
                memory.removeIfSame(key, as: prepared.memory)
                provenance.stored = false
            }
        } catch {
            if became == .unknown { _ = endWrite(key, write.name, witness, .unknown) }
            noteRemoteFailure(error, operation: "set", key: key)
            journal(write, prepared, error, gate: gate)
        }
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
