/// What was reserved in the ledger for an entry that is not in yet.
struct MemoryRoom {
    var entries = 0
    var bytes = 0
}

/// Room for newcomers: what the ledger has left, then what others let go of.
extension MemoryShard {
    /// How many entries go for one newcomer while a lock is held.
    static let mostVictims = 64

    /// Reserves, and evicts until it can; false if the newcomer is the one who has to stay outside. That does not become of what is on
    /// its way to the remote tier: it may be nowhere else.
    mutating func makeRoom(
        entries: Int,
        bytes: Int,
        for newcomer: UInt32,
        isProvisional: Bool,
        now: MonotonicInstant
    ) -> Bool {
        for step in 0...Self.mostVictims {
            let wantedEntries = max(0, entries - spareEntries)
            let wantedBytes = max(0, bytes - spareBytes)
            guard let shortage = ledger.reserve(entries: wantedEntries, bytes: wantedBytes) else {
                spareEntries -= entries - wantedEntries
                spareBytes -= bytes - wantedBytes
                return true
            }
            guard step < Self.mostVictims else { break }
            if isBelowShare(entries: entries, bytes: bytes, shortage), takeFromSiblings(aboveShare: true) == .given {
                continue
            }
            if shortage == .budget, self.ledger.bytes.addingReportingOverflow(bytes).partialValue <= ledger.fairBytes,
                takeFromOtherTiers(aboveShare: true) == .given
            {
                continue
            }
            var victim = policy.victim()
            if victim == newcomer, isProvisional { victim = policy.victim(besides: newcomer) ?? victim }
            if victim == EvictionPolicy.none || (victim == newcomer && count - (entries == 0 ? 1 : 0) == 0) {
                // Nobody else is here: others have what is missing.
                var giving = takeFromSiblings(aboveShare: false)
                if giving != .given, shortage == .budget {
                    let other = takeFromOtherTiers(aboveShare: false)
                    giving = other == .nobody ? giving : other
                }
                if giving == .given { continue }
                // Who is busy may have something to give: that is waited for without this lock.
                isWaiting = giving == .busy && mayWait
                return false
            }
            guard victim != newcomer else { return false }
            release(victim, shortage == .entries ? .size : .weight, now: now)
        }
        hasMoreToRelease = true
        return false
    }

    /// A part of the way for an entry so heavy that more may have to go for it than should while a lock is held. True where there is more
    /// to do; what was made so far is in `room`, reserved, so that nobody else takes it meanwhile.
    ///
    /// The newcomer competes as one that is put in, and is not there yet. Where it has lost, or there is nothing to be done, the room is given
    /// back, and the attempt to put it decides.
    mutating func makeWay(
        _ key: CacheKey,
        weight: Int,
        cost: UInt64,
        isProvisional: Bool,
        room: inout MemoryRoom,
        now: MonotonicInstant
    ) -> Bool {
        defer { settleSpare() }
        take(room)
        room = MemoryRoom()
        guard ledger.maximumEntries > 0, weight <= ledger.heaviest else { return false }
        let old = find(key)
        guard let slot = old ?? slots.allocate() else { return false }
        let entries = old == nil ? 1 : 0
        let growth = weight - (old.map { slots.weight($0) } ?? 0)
        if old == nil {
            let hash = key.withProbe { $0.tableHash }
            policy.insert(slot, hash: hash, weight: weighsBytes ? weight : 1, cost: cost, isRehearsal: true)
        }
        hasMoreToRelease = false
        mayWait = true
        let isMade =
            growth > 0 && makeRoom(entries: entries, bytes: growth, for: slot, isProvisional: isProvisional, now: now)
        let goesOn = hasMoreToRelease || isWaiting
        hasMoreToRelease = false
        mayWait = false
        if old == nil {
            policy.withdraw(slot)
            slots.free(slot)
        }
        if isMade {
            room = MemoryRoom(entries: entries, bytes: growth)
        } else if goesOn {
            room = MemoryRoom(entries: spareEntries, bytes: spareBytes)
            (spareEntries, spareBytes) = (0, 0)
        }
        return goesOn
    }

    /// Room that was made before is there for the next that comes in; what that does not need goes back with ``settleSpare()``.
    mutating func take(_ room: MemoryRoom) {
        spareEntries += room.entries
        spareBytes += room.bytes
    }

    /// Whether this shard has notably less than its share, so that others should give.
    private func isBelowShare(entries: Int, bytes: Int, _ shortage: MemoryLedger.Shortage) -> Bool {
        guard siblings > 1 else { return false }
        switch shortage {
        case .entries:
            let share = ledger.maximumEntries / siblings
            return count + entries < share - share / 16
        case .bytes, .budget:
            let share = (shortage == .budget ? ledger.fairBytes : ledger.maximumBytes) / siblings
            return self.bytes.addingReportingOverflow(bytes).partialValue < share - share / 16
        }
    }

    enum Giving {
        case given, nobody
        /// Nobody whose lock was free; others may have something.
        case busy
    }

    private mutating func takeFromSiblings(aboveShare: Bool) -> Giving {
        guard siblings > 1, let tier else { return .nobody }
        return tier.takeOne(besides: number, aboveShare: aboveShare, into: &remains)
    }

    private mutating func takeFromOtherTiers(aboveShare: Bool) -> Giving {
        guard let tier else { return .nobody }
        return tier.takeOneFromOthers(aboveShare: aboveShare, into: &remains)
    }
}
