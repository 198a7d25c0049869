extension MemoryShard {
    /// Puts an entry in place of what was there; makes room first, so that no bound is passed even for a moment. False where it
    /// was refused; what was there is gone then too, since it has been overwritten.
    mutating func insert(_ key: CacheKey, _ entry: MemoryEntry, now: MonotonicInstant) -> Bool {
        entry.withSource { insert(key, $0, now: now) } ?? false
    }

    mutating func insert(_ key: CacheKey, _ source: MemorySource, now: MonotonicInstant) -> Bool {
        defer { settleSpare() }
        let weight = max(0, source.metadata.weight)
        // What the dead leave is for the newcomer.
        _ = takeOutDead(now: now, limit: 8)
        guard ledger.maximumEntries > 0, weight <= ledger.heaviest, now < source.metadata.physicalExpiry,
            let kind = slots.kinds.number(of: source.kind)
        else {
            if let old = find(key) { release(old, .replaced, now: now) }
            if now < source.metadata.physicalExpiry { noteRefusal(key, weight: weight) }
            return false
        }
        return key.withProbe { probe in
            if let slot = find(probe) {
                return replace(slot, key, source, weight: weight, kind: kind, now: now)
            }
            return add(probe, key, source, weight: weight, kind: kind, now: now)
        }
    }

    private mutating func replace(
        _ slot: UInt32,
        _ key: CacheKey,
        _ source: MemorySource,
        weight: Int,
        kind: Int,
        now: MonotonicInstant
    ) -> Bool {
        let growth = weight - slots.weight(slot)
        if growth > 0 {
            guard makeRoom(entries: 0, bytes: growth, for: slot, isProvisional: source.metadata.isProvisional, now: now)
            else {
                // What is there stays until the next attempt, a moment later.
                if isWaiting { return false }
                release(slot, .replaced, now: now)
                noteRefusal(key, weight: weight)
                return false
            }
        } else {
            spareBytes -= growth
        }
        bytes += growth
        note(slot, .replaced, now: now)
        insertions += 1
        rewrite(slot, source, weight: weight, kind: kind)
        if growth == 0, goal == .requests {
            // The policy would find nothing new, after a look at what it holds.
            policy.hit(slot)
        } else {
            policy.update(slot, weight: weighsBytes ? weight : 1, cost: source.metadata.cost?.microdollars ?? 0)
        }
        return true
    }

    /// Puts another value with all that is known of it in a slot; the key stays where it is.
    private mutating func rewrite(_ slot: UInt32, _ source: MemorySource, weight: Int, kind: Int) {
        let deadline = slots.hot(slot).pointee.physicalExpiry
        remains.add(slots.takeValue(slot))
        fill(slot, source, weight: weight, kind: kind)
        wheel.reschedule(slot, from: deadline, in: slots)
    }

    /// Puts the same value in another form in place of the one that stands in a slot. Nothing has come or gone, so nobody hears of it;
    /// false where it has become heavier and there is no room for that, and nothing has changed.
    mutating func recast(_ slot: UInt32, as source: MemorySource, now: MonotonicInstant) -> Bool {
        defer { settleSpare() }
        let weight = max(0, source.metadata.weight)
        guard weight <= ledger.heaviest, let kind = slots.kinds.number(of: source.kind) else { return false }
        let growth = weight - slots.weight(slot)
        if growth > 0 {
            guard ledger.reserve(entries: 0, bytes: growth) == nil else { return false }
        } else {
            spareBytes -= growth
        }
        bytes += growth
        rewrite(slot, source, weight: weight, kind: kind)
        if growth == 0, goal == .requests {
            // The policy would find nothing new, after a look at what it holds.
            policy.hit(slot)
        } else {
            policy.update(slot, weight: weighsBytes ? weight : 1, cost: source.metadata.cost?.microdollars ?? 0)
        }
        return true
    }

    private mutating func add(
        _ probe: borrowing KeyProbe,
        _ key: CacheKey,
        _ source: MemorySource,
        weight: Int,
        kind: Int,
        now: MonotonicInstant
    ) -> Bool {
        guard let slot = freeSlot(now: now) else {
            noteRefusal(key, weight: weight)
            return false
        }
        policy.insert(
            slot,
            hash: probe.tableHash,
            weight: weighsBytes ? weight : 1,
            cost: source.metadata.cost?.microdollars ?? 0
        )
        guard makeRoom(entries: 1, bytes: weight, for: slot, isProvisional: source.metadata.isProvisional, now: now)
        else {
            if isWaiting { policy.withdraw(slot) } else { policy.remove(slot) }
            slots.free(slot)
            if !isWaiting { noteRefusal(key, weight: weight) }
            return false
        }
        bytes += weight
        insertions += 1
        write(slot, probe.copy(), source, weight: weight, kind: kind)
        table.insert(probe.tableHash, slot: slot)
        return true
    }

    private mutating func write(
        _ slot: UInt32,
        _ key: SlotKey,
        _ source: MemorySource,
        weight: Int,
        kind: Int
    ) {
        slots.hot(slot).pointee.key = key
        fill(slot, source, weight: weight, kind: kind)
        wheel.schedule(slot, in: slots)
    }

    /// Puts a value with all that is known of it in a slot that has none.
    private func fill(_ slot: UInt32, _ source: MemorySource, weight: Int, kind: Int) {
        let metadata = source.metadata
        let hot = slots.hot(slot)
        hot.pointee.physicalExpiry = metadata.physicalExpiry.nanoseconds
        hot.pointee.logicalExpiry = metadata.logicalExpiry.nanoseconds
        slots.setWeight(slot, weight)
        hot.pointee.setKind(kind)
        hot.pointee.isProvisional = metadata.isProvisional
        hot.pointee.isTagged = metadata.marks != nil
        hot.pointee.witness = metadata.witness
        let cold = slots.cold(slot)
        cold.pointee.createdAt = metadata.createdAt.nanoseconds
        cold.pointee.stamp = metadata.stamp.microseconds
        cold.pointee.details = EntryDetails.encode(
            marks: metadata.marks,
            validators: metadata.validators,
            cost: metadata.cost
        )
        cold.pointee.identity = metadata.identity
        source.kind.initialize(slots.valuePlace(slot), from: source.value)
    }

    private mutating func freeSlot(now: MonotonicInstant) -> UInt32? {
        if let slot = slots.allocate() { return slot }
        // As many as a shard can number: somebody goes, whatever the bounds say.
        let victim = policy.victim()
        guard victim != EvictionPolicy.none else { return nil }
        release(victim, .size, now: now)
        return slots.allocate()
    }

    /// Lets one entry go for another shard; nil where it has none to give.
    mutating func giveOne(aboveShare: Bool, now: MonotonicInstant) -> MemoryRemains? {
        if aboveShare {
            guard count > ledger.maximumEntries / siblings || bytes > ledger.fairBytes / siblings else { return nil }
        }
        let victim = policy.victim()
        guard victim != EvictionPolicy.none else { return nil }
        release(victim, weighsBytes ? .weight : .size, now: now)
        settleSpare()
        var given = MemoryRemains()
        swap(&given, &remains)
        return given
    }

    /// Lets go of up to `limit` victims until the tier weighs no more than `target`; true where any went.
    mutating func giveSome(limit: Int, downTo target: Int, now: MonotonicInstant) -> Bool {
        defer { settleSpare() }
        var given = 0
        while given < limit, ledger.bytes - spareBytes > target {
            let victim = policy.victim()
            guard victim != EvictionPolicy.none else { break }
            release(victim, weighsBytes ? .weight : .size, now: now)
            given += 1
        }
        return given > 0
    }

    /// Lets go of victims until the ledger is within its bounds, at most `limit` of them; true where there may be more to do.
    mutating func trim(limit: Int, now: MonotonicInstant) -> Bool {
        defer { settleSpare() }
        for _ in 0..<limit {
            settleSpare()
            guard ledger.isOver else { return false }
            let victim = policy.victim()
            guard victim != EvictionPolicy.none else { return false }
            release(victim, weighsBytes ? .weight : .size, now: now)
        }
        settleSpare()
        return ledger.isOver && count > 0
    }

    // MARK: Leaving

    /// Empties a slot. What it took from the ledger is spare from then on; see ``settleSpare()``. With the time given, one that was dead
    /// already has expired, whatever else it would have gone for.
    mutating func release(_ slot: UInt32, _ reason: RemovalReason.Wrapped, now: MonotonicInstant? = nil) {
        note(slot, reason, now: now)
        let weight = slots.weight(slot)
        table.remove(policy.hash(of: slot), slot: slot)
        wheel.cancel(slot, in: slots)
        policy.remove(slot)
        remains.add(slots.takeOut(slot))
        slots.free(slot)
        bytes -= weight
        spareEntries += 1
        spareBytes += weight
    }

    /// Gives back to the ledger what nobody here took. Ends every operation that may have released something.
    mutating func settleSpare() {
        guard spareEntries > 0 || spareBytes > 0 else { return }
        ledger.release(entries: spareEntries, bytes: spareBytes)
        spareEntries = 0
        spareBytes = 0
        // Where entries come and go one at a time, the first chunk stays.
        if count == 0, slots.used > SlotStore.chunkSize { resetStorage() }
    }

    private mutating func note(_ slot: UInt32, _ reason: RemovalReason.Wrapped, now: MonotonicInstant?) {
        let isDead = now.map { !isLive(slot, now: $0) } ?? false
        let reason = isDead ? .expired : reason
        removals[reason.rawValue] += 1
        guard tellsRemovals else { return }
        let key = slots.hot(slot).pointee.key.text
        remains.add(
            MemoryRemoval(key: key, reason: RemovalReason(wrapped: reason), weight: slots.weight(slot))
        )
    }

    private mutating func noteRefusal(_ key: CacheKey, weight: Int) {
        removals[RemovalReason.Wrapped.refused.rawValue] += 1
        guard tellsRemovals else { return }
        remains.add(MemoryRemoval(key: key.text, reason: .refused, weight: weight))
    }

    /// Gives back the memory of what is dead, in at most `limit` small steps; true where there may be more.
    mutating func purge(now: MonotonicInstant, limit: Int) -> Bool {
        defer { settleSpare() }
        return takeOutDead(now: now, limit: limit)
    }

    private mutating func takeOutDead(now: MonotonicInstant, limit: Int) -> Bool {
        guard wheel.count > 0 else { return false }
        var dead: [UInt32] = []
        let more = wheel.advance(to: now, limit: limit, in: slots) { dead.append($0) }
        for slot in dead { release(slot, .expired) }
        return more
    }

    /// The same for what has expired a moment ago, so that no dead entry is counted: takes at most `limit` steps from `cursor` on, which is
    /// ``SlotStore/none`` at the start; returns where to go on, nil at the end.
    mutating func purgeWithinTick(now: MonotonicInstant, from cursor: UInt32, limit: Int) -> UInt32? {
        if cursor == SlotStore.none, wheel.sortInNextTick(after: now, limit: limit, in: slots) { return cursor }
        var dead: [UInt32] = []
        let next = wheel.walkNextTick(after: now, from: cursor, limit: limit, in: slots) { dead.append($0) }
        for slot in dead { release(slot, .expired) }
        settleSpare()
        return next
    }

    /// Gives the memory of empty slots back, when the lock is no longer held.
    private mutating func resetStorage() {
        var old = SlotStore(arena: arena)
        swap(&old, &slots)
        var oldTable = SlotTable(arena: arena)
        swap(&oldTable, &table)
        remains.add(EmptiedSlots(old, table: oldTable, order: policy.takeAll()))
    }
}
