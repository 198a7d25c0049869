/// Looks in both tiers.
extension Cache {
    /// What a read asks the remote tier for: its clock also where it has not been seen yet, since the times in envelopes
    /// are told in it; and what a plain entry does not say itself.
    func readDetails(timed: Bool) -> RemoteReadDetails {
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
            if let marks = decoded?.marks, !marks.isEmpty { try await learn(marks, &budget) }
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

    func askRemote<Value: Codable & Sendable>(
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
            let marks = decoded.flatMap { $0?.marks ?? [] }
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
}
