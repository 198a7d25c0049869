extension Cache {
    /// Keeps a value in both tiers.
    ///
    /// Memory takes it at once; the call returns when Redis has taken it too, or when the journal has because Redis is
    /// away. A time to live of zero or less removes what was there. Costs one JSON encoding.
    ///
    /// - Throws: ``CacheError`` for an invalid key, or a value that cannot be encoded.
    @inlinable
    public func set<Value: Codable & Sendable>(
        _ key: CacheKey,
        to value: Value,
        options: EntryOptions = EntryOptions()
    ) async throws {
        if takesShortWay, let length = ValueCoding.knownLength(of: value) {
            let isKept = try withUnsafePointer(to: value) {
                try setInMemory(key, UnsafeRawPointer($0), kind: TypedValueKind<Value>(), length: length, options)
            }
            if isKept { return }
        }
        try await setEverywhere(key, to: value, options: options)
    }

    @usableFromInline
    var takesShortWay: Bool { gate == nil && configuration.weigh == nil }

    /// A value whose length is known goes into memory without an entry in hand. False where it must not be kept.
    @usableFromInline
    func setInMemory(
        _ key: CacheKey,
        _ value: UnsafeRawPointer,
        kind: any ValueKind,
        length: Int,
        _ options: EntryOptions
    ) throws -> Bool {
        let key = try admitted(key)
        guard length <= configuration.maximumEntryBytes, let whole = lifetime(of: key, options) else { return false }
        let lifetime = jittered(whole, of: key, options)
        let tags = try tagSet(options.tags)
        counters.add(.shortSets, for: key)
        log.set(key, backend: "memory")
        let now = timeSource.now()
        let logicalExpiry = now.advanced(by: lifetime.fresh)
        let metadata = MemoryMetadata(
            stamp: clock.next(),
            createdAt: now,
            logicalExpiry: logicalExpiry,
            // A division of 128 bits less, most of the time.
            physicalExpiry: lifetime.total == lifetime.fresh ? logicalExpiry : now.advanced(by: lifetime.total),
            marks: tags,
            weight: MemoryEntry.weight(key: key, bytes: length, tags: options.tags)
        )
        memory.put(key, MemorySource(value: value, kind: kind, metadata: metadata), now: now)
        flights.detach(key)
        return true
    }

    @usableFromInline
    func setEverywhere<Value: Codable & Sendable>(
        _ key: CacheKey,
        to value: Value,
        options: EntryOptions
    ) async throws {
        let key = try admitted(key)
        let tags = try tagSet(options.tags)
        counters.add(.sets, for: key)
        log.set(key, backend: backend)
        var budget = RemoteBudget(configuration.remoteDeadline)
        if let tags, let life = lifetime(of: key, options, for: value)?.total {
            await keepTags(tags.marks, for: life, &budget)
        }
        guard let prepared = try prepare(key, value, options, tags) else {
            _ = try await removeEverywhere(key, budget: &budget)
            return
        }
        let own = putLocally(key, prepared)
        guard let gate, let own, let write = prepared.write else { return }
        let witness = beginWrite(key, write.name)
        do {
            let outcome = try await send(write, stamp: prepared.stamp, gate: gate, budget: &budget)
            acknowledge(key, prepared, own, outcome, witness: witness, gate: gate)
        } catch {
            _ = endWrite(key, write.name, witness, .unknown)
            postpone(key, prepared, own, error, gate: gate)
            try rethrowIfAsked(error)
        }
    }

    /// Keeps several values, each as ``set(_:to:options:)`` does, with one exchange for up to 1 000 of them.
    ///
    /// More go in parts, each of which may wait ``CacheConfiguration/remoteDeadline`` for Redis.
    ///
    /// - Throws: ``CacheError`` for an invalid key, or a value that cannot be encoded; then nothing is kept.
    public func set<Value: Codable & Sendable>(
        _ values: [CacheKey: Value],
        options: EntryOptions = EntryOptions()
    ) async throws {
        let values = try admitted(values)
        let tags = try tagSet(options.tags)
        var budget = RemoteBudget(configuration.remoteDeadline)
        if let tags, let life = values.compactMap({ lifetime(of: $0, options, for: $1)?.total }).max() {
            await keepTags(tags.marks, for: life, &budget)
        }
        var prepared: [(key: CacheKey, entry: PreparedEntry)] = []
        var refused: [CacheKey] = []
        for (key, value) in values {
            if let entry = try prepare(key, value, options, tags) {
                prepared.append((key, entry))
            } else {
                refused.append(key)
            }
        }
        for key in values.keys {
            counters.add(.sets, for: key)
            log.set(key, backend: backend)
        }
        // One that fails does not hold back the others; the first failure is told at the end, where it is asked for.
        var failure: (any Error)?
        // All in memory before the first part sets out: what is removed from then on is not written by a later part.
        let local = prepared.map { (key: $0.key, entry: $0.entry, own: putLocally($0.key, $0.entry)) }
        var rest = local[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.bulkPart)
            rest = rest.dropFirst(Self.bulkPart)
            let partFailure = await sendTogether(part, &budget)
            failure = failure ?? partFailure
            budget = RemoteBudget(configuration.remoteDeadline)
        }
        for key in refused {
            do {
                _ = try await removeEverywhere(key, budget: &budget)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { try rethrowIfAsked(failure) }
    }

    /// As many writes as a client queues for one server without harm to the commands of others.
    static let bulkPart = 1_000

    private typealias LocalEntry = (key: CacheKey, entry: PreparedEntry, own: MemoryShard.Guard?)

    /// Brings entries of memory to the remote tier, in one exchange. Returns the first failure of the remote tier.
    private func sendTogether(_ part: ArraySlice<LocalEntry>, _ budget: inout RemoteBudget) async -> (any Error)? {
        guard let gate else { return nil }
        var sent: [(key: CacheKey, entry: PreparedEntry, own: MemoryShard.Guard)] = []
        for (key, entry, own) in part {
            guard let own, entry.write != nil else { continue }
            if memory.isNewest(own, of: key) {
                sent.append((key, entry, own))
            } else {
                // Written or removed by somebody else while an earlier part was under way.
                memory.closeGuard(own, of: key)
            }
        }
        guard !sent.isEmpty else { return nil }
        let witnesses = sent.map { beginWrite($0.key, keySpace.entryName($0.key)) }
        let writes = sent.compactMap(\.entry.write)
        let outcomes = await send(writes, stamps: sent.map(\.entry.stamp), gate: gate, budget: &budget)
        var failure: (any Error)?
        for (((key, entry, own), witness), outcome) in zip(zip(sent, witnesses), outcomes) {
            switch outcome {
            case .success(let outcome):
                acknowledge(key, entry, own, outcome, witness: witness, gate: gate)
            case .failure(let error):
                _ = endWrite(key, keySpace.entryName(key), witness, .unknown)
                postpone(key, entry, own, error, gate: gate)
                failure = failure ?? error
            }
        }
        return failure
    }

    /// Unconditional writes in one exchange: an outcome for each, whatever happens. Those that came too late, because the
    /// clocks had not been compared yet, are sent again.
    ///
    /// - Parameter stamps: Up to which stamp of this process each makes void what waits for its entry in the journal, once it is done; nil for nothing.
    private func send(
        _ writes: [RemoteWrite],
        stamps: [Stamp?],
        gate: RemoteGate,
        budget: inout RemoteBudget
    ) async -> [Result<RemoteOutcome, any Error>] {
        var writes = writes
        var outcomes: [Result<RemoteOutcome, any Error>] = writes.map { _ in
            .failure(RemoteTierError(.timedOut, "the write reached the remote tier too late"))
        }
        var pending = Array(writes.indices)
        if configuration.format == .envelope, !clock.isCalibrated {
            // Until when a write is valid is told in the remote tier's time.
            do { try await gate.probe(&budget) } catch { return writes.map { _ in .failure(error) } }
            for index in pending { writes[index].operation = aligned(writes[index]) }
        }
        for _ in 0..<2 where !pending.isEmpty {
            let asked = timeSource.now()
            let until = clock.present.microseconds.addingSaturated(budget.remaining.saturatedMicroseconds)
            let validUntil = Stamp(microseconds: until)
            let sent = pending.map { bounded(writes[$0], validUntil: validUntil, gate: gate) }
            gate.fence(sent.lazy.map(\.name), until: validUntil)
            do {
                let answers = try await gate.perform(&budget) { tier, timeout in
                    try await tier.write(sent, timeout: timeout)
                }
                var late: [Int] = []
                for (index, answer) in zip(pending, answers) {
                    var settled: Stamp?
                    switch answer {
                    case .success(let outcome) where outcome.isLate:
                        gate.clock.calibrate(remoteTime: outcome.stamp, since: asked)
                        writes[index].operation = aligned(writes[index])
                        late.append(index)
                    case .success(let outcome):
                        outcomes[index] = .success(outcome)
                        settled = stamps[index]
                    case .failure(let error): outcomes[index] = .failure(error)
                    }
                    if answer.isAnswer {
                        gate.unfence(writes[index].name, settling: settled)
                    } else if writes[index].operation.isStore {
                        gate.gaveUp(until: validUntil)
                    }
                }
                pending = late
            } catch {
                for index in pending { outcomes[index] = .failure(error) }
                if !RemoteGate.mayHaveSetOut(error) {
                    for index in pending { gate.unfence(writes[index].name) }
                } else if pending.contains(where: { writes[$0].operation.isStore }) {
                    gate.gaveUp(until: validUntil)
                }
                return outcomes
            }
        }
        return outcomes
    }

    private func aligned(_ write: RemoteWrite) -> RemoteWrite.Operation {
        write.operation.aligned(to: clock.presentTime, as: write.name, by: pipeline)
    }

    // MARK: Steps

    /// An entry, ready for both tiers.
    struct PreparedEntry {
        var memory: MemoryEntry
        /// Nil without a remote tier.
        var write: RemoteWrite?
        var stamp: Stamp { memory.stamp }
    }

    /// Nil where the value is not to be kept.
    func prepare<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ value: Value,
        _ options: EntryOptions,
        _ tags: TagSet?
    ) throws -> PreparedEntry? {
        guard let lifetime = lifetime(of: key, options, for: value) else { return nil }
        return try prepare(
            key,
            value,
            lifetime: jittered(lifetime, of: key, options),
            tags: tags,
            cost: nil,
            stamp: nextStamp(for: key),
            isFill: false
        )
    }

    /// A stamp later than any that was made here, and than what else of the key is under way or waits.
    func nextStamp(for key: CacheKey) -> Stamp {
        gate?.nextStamp(for: keySpace.entryName(key)) ?? clock.next()
    }

    func prepare<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ value: Value,
        lifetime: Lifetime,
        tags: TagSet?,
        cost: LoadCost?,
        validators: Validators? = nil,
        stamp: Stamp,
        isFill: Bool
    ) throws -> PreparedEntry? {
        let now = timeSource.now()
        var payload: [UInt8]?
        if gate != nil {
            payload = try configuration.format == .plain ? ValueCoding.encodePlain(value) : ValueCoding.encode(value)
        }
        let length = try payload?.count ?? ValueCoding.knownLength(of: value) ?? ValueCoding.encode(value).count
        guard length <= configuration.maximumEntryBytes else {
            log.tooLarge(key, bytes: length, limit: configuration.maximumEntryBytes, now: now)
            return nil
        }
        guard gate == nil || pipeline.admits(configuration.format) else { return nil }
        // Plain entries have no room for them there, and what is kept here alone would be gone with the next read.
        let validators = carriesTags ? KeptValidators(validators) : nil
        let entry = TypedMemoryEntry(
            value: value,
            as: MemoryMetadata(
                stamp: stamp,
                createdAt: now,
                logicalExpiry: now.advanced(by: lifetime.fresh),
                physicalExpiry: now.advanced(by: lifetime.total),
                marks: tags,
                cost: cost,
                validators: validators,
                weight: weight(of: key, value, bytes: length, tags: tags?.tags ?? [], validators: validators),
                isProvisional: gate != nil && !isFill
            ),
            // Without a remote tier nobody asks later for this very entry.
            identity: gate == nil ? 0 : EntryIdentity.next()
        )
        guard let payload else { return PreparedEntry(memory: entry) }
        let condition: RemoteWrite.Condition =
            // Later than what its tags make void.
            isFill ? .ifNewer(stamp) : .always(floor: tags?.floors(clock).expired ?? .zero, validUntil: .zero)
        let name = keySpace.entryName(key)
        guard
            let operation = remoteStore(
                key,
                name: name,
                payload: payload,
                type: Value.self,
                entry: entry,
                lifetime: lifetime
            )
        else { return nil }
        let write = RemoteWrite(
            name: name,
            operation: operation,
            condition: condition,
            format: configuration.format
        )
        return PreparedEntry(memory: entry, write: write)
    }

    private func remoteStore(
        _ key: CacheKey,
        name: String,
        payload: [UInt8],
        type: Any.Type,
        entry: MemoryEntry,
        lifetime: Lifetime
    ) -> RemoteWrite.Operation? {
        guard configuration.format == .envelope else {
            // A plain entry cannot say that it is stale, so it goes at its logical expiry.
            return .store(bytes: payload, timeToLive: lifetime.fresh)
        }
        let created = clock.presentTime
        let envelope = Envelope(
            metadata: EntryMetadata(
                stamp: entry.stamp,
                createdAt: created,
                logicalExpiry: created.advanced(by: lifetime.fresh),
                physicalExpiry: created.advanced(by: lifetime.total),
                tags: entry.tags,
                cost: entry.cost,
                validators: entry.validators
            ),
            fingerprint: TypeFingerprint(of: type),
            schemaVersion: SchemaVersion.of(type),
            payload: payload[...]
        )
        return encoded(envelope, key, as: name).map { .store(bytes: $0, timeToLive: lifetime.total) }
    }

    /// Puts an entry in memory. With a remote tier, a guard tells until the write has ended whether it is still the
    /// newest of this process.
    private func putLocally(_ key: CacheKey, _ prepared: PreparedEntry) -> MemoryShard.Guard? {
        defer {
            flights.detach(key)
            counters.add(.memorySets, for: key)
        }
        guard gate == nil else { return memory.putGuarded(key, prepared.memory) }
        memory.put(key, prepared.memory)
        return nil
    }

    /// One unconditional write.
    func send(
        _ write: RemoteWrite,
        stamp: Stamp?,
        gate: RemoteGate,
        budget: inout RemoteBudget
    ) async throws -> RemoteOutcome {
        guard let outcome = await send([write], stamps: [stamp], gate: gate, budget: &budget).first else {
            throw RemoteTierError(.refused, "the remote tier gave no outcome for a write")
        }
        return try outcome.get()
    }

    /// The write with the bounds that it has at this moment.
    private func bounded(_ write: RemoteWrite, validUntil: Stamp, gate: RemoteGate) -> RemoteWrite {
        guard case .always(let floor, _) = write.condition else { return write }
        var write = write
        write.condition = .always(floor: max(floor, gate.floorOfWrite(write.name)), validUntil: validUntil)
        return write
    }

    private func acknowledge(
        _ key: CacheKey,
        _ prepared: PreparedEntry,
        _ own: MemoryShard.Guard,
        _ outcome: RemoteOutcome,
        witness: RemoteWitness?,
        gate: RemoteGate
    ) {
        clock.observe(outcome.stamp)
        let name = keySpace.entryName(key)
        let line = endWrite(key, name, witness, outcome.applied ? .changed : .unchanged)
        // Without stamps in the remote tier, those of this process are all there is.
        let stamp = configuration.format == .envelope ? outcome.stamp : prepared.stamp
        memory.acknowledge(
            own,
            key,
            prepared.memory,
            stamp: stamp,
            // None for a plain entry: it is not read in the same step as it is written, so nothing would tell of its next change.
            witness: line,
            voidsFills: configuration.format == .plain
        )
        // Once more: a flight that began while the write was under way may have read what stood there before.
        flights.detach(key)
        counters.add(.remoteSets, for: key)
    }

    /// Redis has not taken it: the journal has it from now on, and memory again, should a read have brought back what
    /// Redis still holds.
    private func postpone(
        _ key: CacheKey,
        _ prepared: PreparedEntry,
        _ own: MemoryShard.Guard,
        _ error: any Error,
        gate: RemoteGate
    ) {
        noteRemoteFailure(error, operation: "set", key: key)
        var isNewest = true
        if let write = prepared.write {
            isNewest = gate.note(
                write.operation,
                stamp: prepared.stamp,
                expiry: prepared.memory.physicalExpiry,
                for: write.name,
                because: error
            )
        }
        // Something later waits already, perhaps evicted from here since.
        if !isNewest { memory.removeIfSame(key, as: prepared.memory) }
        memory.closeGuard(own, of: key, filling: isNewest ? prepared.memory : nil, despiteNotices: true)
        flights.detach(key)
    }

    func noteRemoteFailure(_ error: any Error, operation: StaticString, key: CacheKey?) {
        // Errors are failed exchanges: one that was not tried is none.
        guard !(error is CancellationError), (error as? RemoteTierError)?.code != .leftAlone else { return }
        counters.add(.errors, for: key ?? "all")
        counters.add(.remoteErrors, for: key ?? "all")
        if (error as? RemoteTierError)?.code == .refused {
            log.failed(operation, error: RemoteGate.describe(error), now: timeSource.now())
        }
    }

    /// An error of the remote tier reaches callers only where the configuration asks for it; cancellation always does.
    func rethrowIfAsked(_ error: any Error) throws {
        if error is CancellationError { throw error }
        if configuration.rethrowsRemoteErrors {
            throw error as? CacheError ?? CacheError(.remoteFailed, RemoteGate.describe(error))
        }
    }
}

extension Result<RemoteOutcome, RemoteTierError> {
    /// Whether the remote tier has said what it did: otherwise it may still do it.
    fileprivate var isAnswer: Bool {
        switch self {
        case .success: true
        case .failure(let error): error.code == .refused
        }
    }
}
