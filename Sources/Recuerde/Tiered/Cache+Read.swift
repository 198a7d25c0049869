extension Cache {
    /// The value kept under a key, if it is there, fresh, and of this type.
    ///
    /// A hit in memory decodes nothing, allocates nothing and does not suspend. A value of another type is a miss.
    ///
    /// - Throws: ``CacheError`` for an invalid key; `CancellationError`.
    @inlinable
    public func get<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type = Value.self
    ) async throws -> Value? {
        if let value = try hit(key, as: type) { return value }
        return try await getAfterAll(key, as: type)
    }

    /// A hit in memory, on the stack of the caller, who knows the type: no code of the runtime is asked what it is.
    @inlinable
    func hit<Value: Codable & Sendable>(_ key: CacheKey, as type: Value.Type) throws -> Value? {
        try withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { place throws -> Value? in
            // One element was asked for, and `copyHit` has initialised it where it says so.
            guard let place = place.baseAddress,
                try copyHit(key, ObjectIdentifier(type), to: UnsafeMutableRawPointer(place))
            else { return nil }
            return place.move()
        }
    }

    /// Whether memory is asked first and has a fresh value of this type that nothing overrules; then it is at `place`.
    @usableFromInline
    func copyHit(_ key: CacheKey, _ type: ObjectIdentifier, to place: UnsafeMutableRawPointer) throws -> Bool {
        try admit(key)
        // Apart, so that a key that is not hidden is not copied.
        return keySpace.hides
            ? copyKnownHit(keySpace.hidden(key), type, to: place) : copyKnownHit(key, type, to: place)
    }

    @inline(__always)
    private func copyKnownHit(_ key: CacheKey, _ type: ObjectIdentifier, to place: UnsafeMutableRawPointer) -> Bool {
        // While something waits for the remote tier, the longer way finds out what it is.
        guard asksMemoryFirst, gate?.hasWaiting != true, lines != nil || !isBoundWhenDetached,
            memory.copyFresh(key, type, to: place, now: timeSource.now(), lines: lines)
        else { return false }
        counters.add(.shortHits, for: key)
        log.hit(key, backend: "memory")
        return true
    }

    @usableFromInline
    func getAfterAll<Value: Codable & Sendable>(_ key: CacheKey, as type: Value.Type) async throws -> Value? {
        try await result(for: key, as: type, options: EntryOptions())?.value
    }

    /// The value kept under a key, and where it came from.
    ///
    /// Of the options, ``EntryOptions/maximumAge``, ``EntryOptions/readPolicy`` and ``EntryOptions/acceptsStale`` count. A stale value counts as a miss.
    ///
    /// - Throws: ``CacheError`` for an invalid key; `CancellationError`.
    public func result<Value: Codable & Sendable>(
        for key: CacheKey,
        as type: Value.Type = Value.self,
        options: EntryOptions = EntryOptions()
    ) async throws -> CacheResult<Value>? {
        let key = try admitted(key)
        if options.readPolicy == .refresh || options.readPolicy == .bypass { return nil }
        let found = try await find(key, as: type, options)
        let now = timeSource.now()
        guard let found, found.isFresh(at: now, maximumAge: options.maximumAge) else {
            counters.add(.misses, for: key)
            log.miss(key, backend: backend)
            guard options.acceptsStale, let found, now < found.entry.physicalExpiry else { return nil }
            counters.add(.staleServed, for: key)
            return found.staleResult(at: now, reason: .notLoaded)
        }
        counters.add(.hits, for: key)
        log.hit(key, backend: found.source.rawValue)
        return found.result(at: now)
    }

    /// Whether a fresh value is kept under a key, of whatever type. Counts as no request, and does not mark it as used.
    ///
    /// - Throws: ``CacheError`` for an invalid key; `CancellationError`.
    public func contains(_ key: CacheKey) async throws -> Bool {
        let key = try admitted(key)
        let now = timeSource.now()
        func isInMemory(_ now: MonotonicInstant) -> Bool {
            guard let entry = believed(memory.peek(key, now: now), of: key), now < entry.logicalExpiry else {
                return false
            }
            return mayServe(entry, of: key, now: now, isRequest: false)
        }
        if asksMemoryFirst, isInMemory(now) { return true }
        guard let gate else { return false }
        var budget = RemoteBudget(configuration.remoteDeadline)
        if asksMemoryFirst, await learnTags(of: key, &budget), isInMemory(timeSource.now()) { return true }
        let name = keySpace.entryName(key)
        let waiting = gate.overrules(name)
        do {
            let asked = timeSource.now()
            let read = try await gate.perform(&budget) { tier, timeout in
                try await tier.read([name], with: readDetails(timed: false), timeout: timeout)
            }
            if let time = read.time { clock.calibrate(remoteTime: time, since: asked) }
            let envelope =
                configuration.format == .envelope
                ? (read.entries.first ?? nil).flatMap { try? pipeline.opened($0[...], as: name) } : nil
            let tags = envelope.flatMap { self.tags.set(of: $0.metadata.tags) }
            if let envelope, let tags {
                clock.observe(envelope.metadata.stamp)
                try await learn(tags.marks, &budget)
            }
            let overruled = [waiting, gate.overrules(name)].compactMap(\.self).max().map(clock.told)
            let answer = contains(read.entries.first ?? nil, envelope, tags, overruled: overruled)
            if let answer { return answer }
        } catch {
            noteRemoteFailure(error, operation: "get", key: key)
            try rethrowIfAsked(error)
        }
        let later = timeSource.now()
        return believed(memory.peek(key, now: later), of: key).map {
            later < $0.logicalExpiry && mayServeDetached($0, now: later)
        } ?? false
    }

    private func contains(_ bytes: [UInt8]?, _ envelope: Envelope?, _ tags: TagSet?, overruled: Stamp?) -> Bool? {
        guard bytes != nil else { return overruled == nil ? false : nil }
        guard configuration.format == .envelope else { return overruled == nil ? pipeline.admits(.plain) : nil }
        guard let envelope else { return false }
        if let overruled, envelope.metadata.stamp <= overruled { return nil }
        if let tags, envelope.metadata.stamp <= tags.floors(clock).expired { return false }
        let present = clock.presentTime
        return present < envelope.metadata.freshUntil(present)
    }

    /// The fresh values among several keys, with one exchange for all that memory does not answer.
    ///
    /// - Throws: ``CacheError`` for an invalid key; `CancellationError`.
    public func get<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        as type: Value.Type = Value.self
    ) async throws -> [CacheKey: Value] {
        for key in keys { try admit(key) }
        guard let hasher = keySpace.hasher else { return try await getAll(keys, as: type) }
        let originals = Dictionary(keys.map { (hasher.hidden($0), $0) }, uniquingKeysWith: { first, _ in first })
        let values = try await getAll(Array(originals.keys), as: type)
        return Dictionary(
            uniqueKeysWithValues: values.compactMap { name, value in originals[name].map { ($0, value) } }
        )
    }

    private func getAll<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        as type: Value.Type
    ) async throws -> [CacheKey: Value] {
        var values: [CacheKey: Value] = [:]
        var missing: [CacheKey] = []
        for key in Set(keys) {
            if asksMemoryFirst, let found = fresh(key, as: type, maximumAge: nil) {
                values[key] = found.value
            } else {
                missing.append(key)
            }
        }
        if !missing.isEmpty, gate != nil {
            var budget = RemoteBudget(configuration.remoteDeadline)
            for (key, found) in try await askRemote(missing, as: type, budget: &budget) {
                values[key] = found.value
            }
        }
        for key in Set(keys) {
            if values[key] == nil {
                counters.add(.misses, for: key)
                log.miss(key, backend: backend)
            } else {
                counters.add(.hits, for: key)
                log.hit(key, backend: backend)
            }
        }
        return values
    }

    /// The value kept under a key, fresh or, marked as stale, past its logical life; nil where there is none. No load, and
    /// it counts as no request.
    package func lastKnown<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type = Value.self
    ) async throws -> CacheResult<Value>? {
        let key = try admitted(key)
        func result(_ found: Found<Value>?) -> CacheResult<Value>? {
            let now = timeSource.now()
            guard let found, now < found.entry.physicalExpiry else { return nil }
            return found.isFresh(at: now, maximumAge: nil)
                ? found.result(at: now) : found.staleResult(at: now, reason: .loadFailed)
        }
        let now = timeSource.now()
        if asksMemoryFirst, let found = held(key, as: type, now: now),
            mayServe(found.entry, of: key, now: now, isRequest: false), let found = result(found)
        {
            return found
        }
        guard gate != nil else { return nil }
        var budget = RemoteBudget(configuration.remoteDeadline)
        let `guard` = memory.openGuard(key)
        switch try await askRemote(key, as: type, guard: `guard`, timed: false, budget: &budget) {
        case .found(let found, _): return result(found)
        case .absent: return nil
        case .unusable: return result(heldDetached(key, as: type, now: timeSource.now()))
        }
    }

    // MARK: Memory

    /// Whether memory is asked before the remote tier: by choice, or because that does not answer.
    var asksMemoryFirst: Bool {
        guard let gate else { return true }
        switch configuration.readingOrder {
        case .memoryUnchecked: return true
        // A remote tier that tells of nothing is asked instead.
        case .memoryFirst where lines?.isUsed == true: return true
        case .memoryFirst, .remoteFirst: break
        }
        // Who wants to be told of failures must get to them.
        return !configuration.rethrowsRemoteErrors && !gate.admitsCallers
    }

    /// What memory holds and no waiting intent contradicts, fresh or stale.
    func held<Value: Sendable>(_ key: CacheKey, as type: Value.Type, now: MonotonicInstant) -> Found<Value>? {
        heldUnjudged(key, as: type, now: now).flatMap { judged($0, now: now) }
    }

    /// The same, whatever has become of its tags.
    private func heldUnjudged<Value: Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        now: MonotonicInstant
    ) -> Found<Value>? {
        guard let found = memory.lookup(key, as: type, now: now) else {
            return decodeRestored(key, as: type, now: now)
        }
        guard isBelieved(found.metadata, of: key) else { return nil }
        return Found(value: found.value, entry: found.metadata, source: .memory)
    }

    /// The same where the remote tier does not answer.
    func heldDetached<Value: Sendable>(_ key: CacheKey, as type: Value.Type, now: MonotonicInstant) -> Found<Value>? {
        held(key, as: type, now: now).flatMap { mayServeDetached($0.entry, now: now) ? $0 : nil }
    }

    /// What memory holds, if it is fresh and may be served without asking the remote tier first; counted.
    func fresh<Value: Sendable>(_ key: CacheKey, as type: Value.Type, maximumAge: Duration?) -> Found<Value>? {
        let now = timeSource.now()
        let held = heldUnjudged(key, as: type, now: now)
        guard let found = held.flatMap({ judged($0, now: now) }), found.isFresh(at: now, maximumAge: maximumAge),
            mayServe(found.entry, of: key, now: now)
        else {
            counters.add(.memoryMisses, for: key)
            if let held { countIfVoid(held.entry, of: key, as: .memoryVoids, now: now) }
            return nil
        }
        counters.add(.memoryHits, for: key)
        return found
    }

    /// What memory holds, if it is fresh, once the remote tier was asked in vain. Counted, unless memory was asked before.
    private func freshDetached<Value: Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        maximumAge: Duration?,
        hasAskedMemory: Bool
    ) -> Found<Value>? {
        let now = timeSource.now()
        let found = heldDetached(key, as: type, now: now).flatMap {
            $0.isFresh(at: now, maximumAge: maximumAge) ? $0 : nil
        }
        if !hasAskedMemory { counters.add(found == nil ? .memoryMisses : .memoryHits, for: key) }
        return found
    }

    /// What is known of an entry, unless a later write or removal of its key waits in the journal, or an expiry that it does not reflect; and as far as
    /// its tags leave it.
    private func believed(_ entry: MemoryEntry?, of key: CacheKey) -> MemoryMetadata? {
        entry.flatMap { isBelieved($0.metadata, of: key) ? judged($0.metadata, now: timeSource.now()) : nil }
    }

    func isBelieved(_ entry: MemoryMetadata, of key: CacheKey) -> Bool {
        guard let gate, gate.hasWaiting else { return true }
        let name = keySpace.entryName(key)
        let stamp = clock.told(entry.stamp)
        if let overruled = gate.overrulesMemory(name), stamp < clock.told(overruled) { return false }
        guard let expired = gate.overrulesFreshness(name), stamp < clock.told(expired) else { return true }
        // What was expired may stand in; it is no longer fresh here, unless it came in between.
        return entry.logicalExpiry <= timeSource.now()
    }

    // MARK: Both tiers

    /// What a read asks the remote tier for: its clock also where it has not been seen yet, since the times in envelopes
    /// are told in it; and what a plain entry does not say itself.
    private func readDetails(timed: Bool) -> RemoteReadDetails {
        var details: RemoteReadDetails = timed || !clock.isCalibrated ? .time : []
        if configuration.format == .plain { details.insert(.timesToLive) }
        return details
    }

    /// Looks in both tiers, in the configured order; nil where neither has a fresh value, or a stale one that the caller takes.
    func find<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        _ options: EntryOptions
    ) async throws -> Found<Value>? {
        let hasAskedMemory = asksMemoryFirst
        if hasAskedMemory {
            if let found = fresh(key, as: type, maximumAge: options.maximumAge) { return found }
            if gate == nil { return options.acceptsStale ? held(key, as: type, now: timeSource.now()) : nil }
        }
        var budget = RemoteBudget(configuration.remoteDeadline)
        if hasAskedMemory, await learnTags(of: key, &budget),
            let found = fresh(key, as: type, maximumAge: options.maximumAge)
        {
            return found
        }
        let `guard` = memory.openGuard(key)
        switch try await askRemote(key, as: type, guard: `guard`, timed: false, budget: &budget) {
        case .found(let found, _):
            return found
        case .absent:
            return nil
        case .unusable:
            if let found = freshDetached(
                key,
                as: type,
                maximumAge: options.maximumAge,
                hasAskedMemory: hasAskedMemory
            ) {
                return found
            }
            return options.acceptsStale ? heldDetached(key, as: type, now: timeSource.now()) : nil
        }
    }

    /// Asks the remote tier for one key. The guard is closed on every way out; what was found is in memory afterwards,
    /// unless something was written or removed meanwhile.
    func askRemote<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        guard: MemoryShard.Guard,
        timed: Bool,
        budget: inout RemoteBudget
    ) async throws -> RemoteAnswer<Value> {
        guard let gate else {
            memory.closeGuard(`guard`, of: key)
            return .unusable
        }
        let name = keySpace.entryName(key)
        // Asked before and after: an intent that is brought to Redis meanwhile is newer than what was read.
        let waiting = gate.overrules(name)
        let witness = witness(of: name)
        do {
            let asked = timeSource.now()
            let read = try await gate.perform(&budget) { tier, timeout in
                try await tier.read([name], with: readDetails(timed: timed), timeout: timeout)
            }
            if let time = read.time { clock.calibrate(remoteTime: time, since: asked) }
            let line = line(witness, of: name, reading: key)
            let bytes = read.entries.first ?? nil
            let decoded = bytes.map {
                decode($0, timeToLive: read.timesToLive.first ?? nil, key: key, name: name, as: type)
            }
            if let tags = decoded?.marks { try await learn(tags.marks, &budget) }
            return take(
                decoded,
                wasThere: bytes != nil,
                key: key,
                name: name,
                guard: `guard`,
                time: read.time,
                waiting: waiting,
                witness: line,
                gate: gate
            )
        } catch {
            memory.closeGuard(`guard`, of: key)
            if !(error is CancellationError), (error as? RemoteTierError)?.code != .leftAlone {
                counters.add(.remoteMisses, for: key)
            }
            noteRemoteFailure(error, operation: "get", key: key)
            try rethrowIfAsked(error)
            return .unusable
        }
    }

    private func askRemote<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        as type: Value.Type,
        budget: inout RemoteBudget
    ) async throws -> [(CacheKey, Found<Value>)] {
        // Memory that was asked before is not counted as asked again.
        let hasAskedMemory = asksMemoryFirst
        let answers: [RemoteAnswer<Value>] = try await answers(about: keys, budget: &budget)
        return zip(keys, answers).compactMap { key, answer in
            switch answer {
            case .found(let value, _):
                value.isFresh(at: timeSource.now(), maximumAge: nil) ? (key, value) : nil
            case .absent:
                nil
            case .unusable:
                freshDetached(key, as: type, maximumAge: nil, hasAskedMemory: hasAskedMemory).map { (key, $0) }
            }
        }
    }

    /// Asks the remote tier for several keys, with one exchange for their entries and one for what is not known of all their tags; an
    /// answer for each. What was found is in memory afterwards, unless something was written or removed meanwhile.
    func answers<Value: Codable & Sendable>(
        about keys: [CacheKey],
        budget: inout RemoteBudget
    ) async throws -> [RemoteAnswer<Value>] {
        guard let gate, !keys.isEmpty else { return keys.map { _ in .unusable } }
        let names = keys.map(keySpace.entryName)
        let guards = keys.map(memory.openGuard)
        let waiting = names.map(gate.overrules)
        let witnesses = names.map(witness)
        do {
            let asked = timeSource.now()
            let read = try await gate.perform(&budget) { tier, timeout in
                try await tier.read(names, with: readDetails(timed: false), timeout: timeout)
            }
            if let time = read.time { clock.calibrate(remoteTime: time, since: asked) }
            let lines = keys.indices.map { line(witnesses[$0], of: names[$0], reading: keys[$0]) }
            let bytes = keys.indices.map { $0 < read.entries.count ? read.entries[$0] : nil }
            let decoded = keys.indices.map { index in
                bytes[index].map {
                    let life = index < read.timesToLive.count ? read.timesToLive[index] : nil
                    return decode($0, timeToLive: life, key: keys[index], name: names[index], as: Value.self)
                }
            }
            // The tags of all of them in one exchange.
            let marks = decoded.compactMap { $0?.marks }.flatMap(\.marks)
            if !marks.isEmpty {
                let each = Dictionary(marks.map { ($0.text, $0) }, uniquingKeysWith: { first, _ in first })
                try await learn(each.values, &budget)
            }
            return keys.indices.map { index in
                take(
                    decoded[index],
                    wasThere: bytes[index] != nil,
                    key: keys[index],
                    name: names[index],
                    guard: guards[index],
                    time: read.time,
                    waiting: waiting[index],
                    witness: lines[index],
                    gate: gate
                )
            }
        } catch {
            let wasAsked = !(error is CancellationError) && (error as? RemoteTierError)?.code != .leftAlone
            for (key, `guard`) in zip(keys, guards) {
                memory.closeGuard(`guard`, of: key)
                if wasAsked { counters.add(.remoteMisses, for: key) }
            }
            noteRemoteFailure(error, operation: "get", key: keys.first)
            try rethrowIfAsked(error)
            return keys.map { _ in .unusable }
        }
    }

    /// Makes an answer of the entry that the remote tier holds, whose tags are known, and closes the guard.
    private func take<Value: Codable & Sendable>(
        _ entry: Decoded<Value>?,
        wasThere: Bool,
        key: CacheKey,
        name: String,
        guard: MemoryShard.Guard,
        time: Stamp?,
        waiting: Stamp?,
        witness: UInt32,
        gate: RemoteGate
    ) -> RemoteAnswer<Value> {
        let decoded = entry?.found
        let overruled = [waiting, gate.overrules(name)].compactMap(\.self).max().map(clock.told)
        // A plain entry has no stamp to compare: while an intent waits, it is not believed.
        if let overruled, decoded.map({ configuration.format == .plain || $0.entry.stamp <= overruled }) ?? true {
            memory.closeGuard(`guard`, of: key)
            return .unusable
        }
        guard let decoded else {
            memory.closeGuard(`guard`, of: key)
            counters.add(.remoteMisses, for: key)
            // Another node may have removed it; what memory still holds must not outlive that.
            if !wasThere { memory.removeUnlessProvisional(key) }
            return .absent(time: time, yields: standing(entry?.newer), hasBytes: wasThere)
        }
        counters.add(.remoteHits, for: key)
        // Redis may have lost what it had acknowledged, as in a restart on old data: what it wrote last is known here.
        let now = timeSource.now()
        if configuration.format == .envelope, let known = memory.peek(key, as: Value.self, now: now),
            !known.metadata.isProvisional, known.metadata.stamp > decoded.entry.stamp
        {
            memory.closeGuard(`guard`, of: key)
            var found = Found(value: known.value, entry: known.metadata, source: .memory)
            // What is known here may be the value of a load that is still on its way there, and began before what stands there was expired.
            if decoded.isExpired { found.entry.logicalExpiry = min(found.entry.logicalExpiry, now) }
            return judged(found, now: now).map { .found($0, time: time) } ?? .absent(time: time)
        }
        countIfVoid(decoded.entry, of: key, as: .remoteVoids, now: now)
        // Removed by a tag: nothing, for anyone. What memory holds is the same nothing, or older, and of other tags.
        guard let judged = judged(decoded, now: now, heedsDoubt: false) else {
            memory.closeGuard(`guard`, of: key)
            memory.removeUnlessProvisional(key)
            return .absent(time: time)
        }
        clock.observe(decoded.entry.stamp)
        var entry = decoded.entry
        entry.witness = witness
        memory.closeGuard(
            `guard`,
            of: key,
            filling: TypedMemoryEntry(value: decoded.value, as: entry, identity: entry.identity)
        )
        return .found(judged, time: time)
    }

    /// The entry that bytes stand for; none, and counted, where they do not stand for a live one of this type.
    private func decode<Value: Codable & Sendable>(
        _ bytes: [UInt8],
        timeToLive: Duration?,
        key: CacheKey,
        name: String,
        as type: Value.Type
    ) -> Decoded<Value> {
        let now = timeSource.now()
        guard configuration.format == .envelope else {
            guard pipeline.admits(.plain) else {
                refused(.unencrypted, key)
                return Decoded()
            }
            guard let value = ValueCoding.decodePlain(type, from: bytes[...]) else {
                counters.add(.decodeFailures, for: key)
                return Decoded()
            }
            // The copy in memory lives as long as the entry in Redis; of one that lives there without end, as one that is
            // written now. When it was written nothing tells: as long ago, as its key's usual life is spent.
            let usual = lifetime(of: key, EntryOptions())?.fresh ?? .zero
            let life = timeToLive ?? usual
            let metadata = MemoryMetadata(
                stamp: clock.present,
                createdAt: now.advanced(by: .zero - max(.zero, usual - life)),
                logicalExpiry: now.advanced(by: life),
                physicalExpiry: now.advanced(by: life),
                weight: weight(of: key, value, bytes: bytes.count, tags: [])
            )
            return Decoded(found: Found(value: value, entry: metadata, source: .redis))
        }
        guard let envelope = opened(bytes, key, as: name) else { return Decoded() }
        let metadata = envelope.metadata
        let present = clock.presentTime
        guard present < metadata.physicalExpiry else { return Decoded() }
        let tags = self.tags.set(of: metadata.tags)
        // Before its tags are asked for, which are then known up to a later moment.
        if tags != nil { clock.observe(metadata.stamp) }
        let isNewer = self.isNewer(envelope.schemaVersion, than: type)
        let yields = isNewer && present < metadata.freshUntil(present) ? metadata.stamp : nil
        // The very entry is in memory already, or what this process has in its stead: its value need not be decoded again.
        if let known = memory.lookup(key, as: type, now: now), known.metadata.stamp == metadata.stamp {
            var entry = known.metadata
            if metadata.isExpired { entry.logicalExpiry = min(entry.logicalExpiry, now) }
            if !isNewer { entry.marks = tags }
            return Decoded(
                found: Found(
                    value: known.value,
                    entry: entry,
                    source: isNewer ? .memory : .redis,
                    yields: yields,
                    isExpired: metadata.isExpired
                )
            )
        }
        guard envelope.fingerprint == TypeFingerprint(of: type) else {
            counters.add(.decodeFailures, for: key)
            return Decoded()
        }
        guard let payload = payload(of: envelope, key) else { return Decoded() }
        guard let value = value(type, of: payload, schema: envelope.schemaVersion, key) else {
            return Decoded(newer: yields.map { ($0, tags) })
        }
        let validators = KeptValidators(metadata.validators)
        let entry = MemoryMetadata(
            stamp: metadata.stamp,
            createdAt: now.advanced(by: present.duration(to: metadata.createdAt)),
            logicalExpiry: now.advanced(by: present.duration(to: metadata.freshUntil(present))),
            physicalExpiry: now.advanced(by: present.duration(to: metadata.physicalExpiry)),
            marks: tags,
            cost: metadata.cost,
            validators: validators,
            // As if it had not been compressed: in memory it is not.
            weight: weight(
                of: key,
                value,
                bytes: bytes.count - envelope.payload.count + payload.count,
                tags: metadata.tags,
                validators: validators
            )
        )
        return Decoded(
            found: Found(
                value: value,
                entry: entry,
                source: .redis,
                yields: yields,
                isExpired: metadata.isExpired
            )
        )
    }
}
