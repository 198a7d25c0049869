import Testing

@testable import Recuerde

/// What becomes of an expiry that meets something in the journal.
@Suite struct ExpiryJournalTests {
    private let now = MonotonicInstant(nanoseconds: 0)
    private var journal = RecoveryJournal(maximumIntents: 10, maximumBytes: 10_000)

    private func stamp(_ value: Int64) -> Stamp { Stamp(microseconds: value) }

    private func bytes(staleLife: Int64 = 5) throws -> [UInt8] {
        let envelope = Envelope(
            metadata: EntryMetadata(
                stamp: .zero,
                createdAt: UnixTime(microseconds: 1),
                logicalExpiry: UnixTime(microseconds: 2),
                physicalExpiry: UnixTime(microseconds: 2 + staleLife)
            ),
            fingerprint: TypeFingerprint(of: Int.self),
            payload: [1]
        )
        return try #require(envelope.encoded())
    }

    private func store(_ stamp: Int64, staleLife: Int64 = 5, isFill: Bool = false) throws -> RecoveryJournal.Intent {
        RecoveryJournal.Intent(
            operation: .store(bytes: try bytes(staleLife: staleLife), timeToLive: .seconds(10)),
            stamp: self.stamp(stamp),
            expiry: MonotonicInstant(nanoseconds: 1_000_000_000),
            isFill: isFill,
            wasGone: true
        )
    }

    private func intent(_ operation: RemoteWrite.Operation, _ stamp: Int64) -> RecoveryJournal.Intent {
        RecoveryJournal.Intent(operation: operation, stamp: self.stamp(stamp), expiry: nil)
    }

    private mutating func note(_ intent: RecoveryJournal.Intent) {
        journal.note(intent, for: "k", collapseStamp: { .zero })
    }

    private func due() throws -> RecoveryJournal.Lease {
        try #require(journal.due(limit: 10, now: now).first)
    }

    @Test mutating func aloneItIsItself() throws {
        note(intent(.expire, 3))
        let lease = try due()
        #expect(lease.intent.first == nil && lease.intent.operation(now: now) == .expire)
        #expect(journal.overrules("k") == stamp(3))
        // Memory may be believed if what it holds is stale.
        #expect(journal.overrulesMemory("k") == nil && journal.overrulesFreshness("k") == stamp(3))
        journal.settled(lease)
        #expect(journal.isEmpty)
    }

    /// The expiry was noted while the write was under way; only then it turned out that the write had failed.
    @Test(arguments: [false, true]) mutating func aWriteFromBeforeItThatFailsLaterGoesBeforeIt(isRemoval: Bool) throws {
        note(intent(.expire, 3))
        note(isRemoval ? intent(.remove, 2) : try store(2))
        // Older than that, and a load's: nothing that anybody meant.
        note(intent(.remove, 1))
        note(try store(2, isFill: true))
        #expect(journal.count == 1 && journal.overrules("k") == stamp(3) && journal.overrulesMemory("k") == stamp(2))
        let lease = try due()
        let next = lease.intent.next
        #expect(next.stamp == stamp(2))
        switch next.operation {
        case .remove: #expect(isRemoval)
        case .store(let bytes, _): #expect(!isRemoval && Envelope(decoding: bytes[...])?.metadata.isExpired == true)
        case .expire: Issue.record("the write is gone")
        }
        journal.settledFirst(lease)
        #expect(try due().intent.next.operation == .expire)
        journal.settled(try due())
        #expect(journal.isEmpty)
    }

    @Test mutating func aLoadFromBeforeItThatFailsLaterIsNoPartOfIt() throws {
        note(intent(.expire, 3))
        note(try store(2, isFill: true))
        #expect(try due().intent.first == nil)
    }

    @Test mutating func aClearStandsForAWriteFromBeforeBoth() throws {
        journal.noteClear(stamp(2))
        note(intent(.expire, 3))
        note(intent(.remove, 2))
        #expect(journal.count == 2 && journal.overrulesMemory("k") == stamp(2))
        journal.cleared(upTo: stamp(2))
        #expect(try due().intent.next.operation == .expire)
    }

    @Test(arguments: [false, true]) mutating func aValueGoesBeforeItAndIsNotFresh(isFill: Bool) throws {
        note(try store(1, isFill: isFill))
        note(intent(.expire, 3))
        #expect(journal.count == 1 && journal.overrules("k") == stamp(3))
        #expect(journal.overrulesMemory("k") == stamp(1) && journal.overrulesFreshness("k") == stamp(3))
        let lease = try due()
        // It means something now.
        #expect(!lease.intent.isFill)
        let next = lease.intent.next
        #expect(next.stamp == stamp(1) && next.wasGone && next.expiry == MonotonicInstant(nanoseconds: 1_000_000_000))
        guard case .store(let stored, _) = next.operation else {
            Issue.record("the value is gone")
            return
        }
        #expect(Envelope(decoding: stored[...])?.metadata.isExpired == true)
        // Dead, it still takes away what it was to replace.
        #expect(lease.intent.operation(now: now.advanced(by: .seconds(1))) == .remove)
        journal.settledFirst(lease)
        #expect(journal.count == 1)
        #expect(try due().intent.next.operation == .expire)
        #expect(try due().intent.next.stamp == stamp(3))
        #expect(journal.overrulesMemory("k") == nil)
        journal.settled(try due())
        #expect(journal.isEmpty && journal.reasons.values.allSatisfy { $0 == 0 })
    }

    @Test mutating func aRemovalGoesBeforeIt() throws {
        note(intent(.remove, 1))
        note(intent(.expire, 3))
        note(intent(.expire, 5))
        #expect(try due().intent.next.operation == .remove)
        #expect(try due().intent.next.stamp == stamp(1))
        #expect(journal.overrules("k") == stamp(5))
    }

    @Test mutating func aValueThatMayNotStandInGoesBeforeItAsARemoval() throws {
        note(try store(1, staleLife: 0))
        note(intent(.expire, 3))
        #expect(try due().intent.next.operation == .remove)
    }

    @Test mutating func whatComesLaterTakesItsPlace() throws {
        note(try store(1))
        note(intent(.expire, 3))
        note(intent(.remove, 5))
        #expect(try due().intent.first == nil)
        #expect(try due().intent.operation(now: now) == .remove)
        // And one that comes late changes nothing.
        note(intent(.expire, 4))
        #expect(try due().intent.next.stamp == stamp(5))
    }

    @Test mutating func theBytesOfAValueBeforeItAreCounted() throws {
        journal = RecoveryJournal(maximumIntents: 10, maximumBytes: 200)
        for number in 0..<3 {
            journal.note(try store(1), for: "k\(number)", collapseStamp: { Stamp(microseconds: 9) })
            journal.note(intent(.expire, 3), for: "k\(number)", collapseStamp: { Stamp(microseconds: 9) })
        }
        // Of three times 69 bytes two had room.
        #expect(journal.overflows == 1 && journal.pendingClear == stamp(9) && !journal.keepsStale)
        journal = RecoveryJournal(maximumIntents: 10, maximumBytes: 200)
        for number in 0..<9 {
            journal.note(try store(1), for: "k\(number)", collapseStamp: { .zero })
            journal.note(intent(.expire, 3), for: "k\(number)", collapseStamp: { .zero })
            let lease = try #require(journal.due(limit: 1, now: now, after: UInt64(2 * number)).last)
            journal.settledFirst(lease)
        }
        #expect(journal.overflows == 0 && journal.count == 9)
    }

    @Test(arguments: [false, true]) mutating func ofAValueThatIsGivenUpARemovalIsLeft(isExpired: Bool) throws {
        note(try store(1))
        if isExpired { note(intent(.expire, 3)) }
        let lease = try due()
        journal.refused(lease, now: now)
        #expect(journal.due(limit: 10, now: now).isEmpty)
        journal.becomesRemoval(lease)
        // At once, under the stamp of the value.
        let next = try due().intent.next
        #expect(next.operation == .remove && next.stamp == stamp(1) && next.expiry == nil)
        #expect(journal.overrules("k") == stamp(isExpired ? 3 : 1) && journal.latest == stamp(isExpired ? 3 : 1))
        // Its bytes have gone with it.
        journal.note(
            RecoveryJournal.Intent(
                operation: .store(bytes: Array(repeating: 0, count: 10_000), timeToLive: .seconds(1)),
                stamp: stamp(4),
                expiry: nil
            ),
            for: "heavy",
            collapseStamp: { .zero }
        )
        #expect(journal.overflows == 0)
        journal.settle("heavy", upTo: stamp(4))
        if isExpired {
            journal.settledFirst(lease)
            #expect(try due().intent.next.operation == .expire)
        }
        // Of one that was overtaken nothing is left to give up.
        note(try store(5))
        journal.becomesRemoval(lease)
        #expect(journal.due(limit: 10, now: now).last?.intent.operation.isStore == true)
    }

    @Test mutating func whatIsToBecomeOfAnEntry() throws {
        #expect(journal.ruling("k") == nil)
        note(intent(.expire, 3))
        #expect(journal.ruling("k") == .expiry)
        note(intent(.remove, 4))
        #expect(journal.ruling("k") == .removal)
        // Nothing stands in for what was removed before it was expired.
        note(intent(.expire, 5))
        #expect(journal.ruling("k") == .removal)
        note(try store(6))
        #expect(journal.ruling("k") == .write && journal.ruling("other") == nil)
        journal.noteClear(stamp(7), keepingStale: true)
        #expect(journal.ruling("other") == .expiry && journal.latest == stamp(7))
        journal.noteClear(stamp(8))
        #expect(journal.ruling("k") == .removal && journal.ruling("other") == .removal)
    }

    @Test mutating func aReplayThatWasOvertakenSettlesNothing() throws {
        note(try store(1))
        note(intent(.expire, 3))
        let lease = try due()
        note(intent(.expire, 5))
        journal.settledFirst(lease)
        #expect(try due().intent.first != nil)
    }

    // MARK: Clears that keep stale values

    @Test mutating func aSoftClearLeavesOfWritesWhatMustNotStandIn() throws {
        let intents = [
            "set": try store(1), "fill": try store(1, isFill: true), "removal": intent(.remove, 1),
            "expiry": intent(.expire, 1), "later": try store(9),
        ]
        for (name, intent) in intents { journal.note(intent, for: name, collapseStamp: { .zero }) }
        journal.note(intent(.expire, 3), for: "set", collapseStamp: { .zero })
        journal.noteClear(stamp(5), keepingStale: true)
        let left = Dictionary(uniqueKeysWithValues: journal.due(limit: 10, now: now).map { ($0.name, $0.intent) })
        #expect(Set(left.keys) == ["set", "removal", "later"])
        #expect(left["set"]?.operation == .remove && left["set"]?.stamp == stamp(1))
        #expect(left["removal"]?.stamp == stamp(1))
        #expect(left["later"]?.operation.isStore == true)
        // Memory reflects it, and is to be believed where it is stale.
        #expect(journal.overrules("other") == stamp(5) && journal.overrulesMemory("other") == nil)
        #expect(journal.overrulesFreshness("other") == stamp(5))
        // The same for what comes to its end later.
        journal.note(try store(4), for: "late", collapseStamp: { .zero })
        journal.note(intent(.expire, 4), for: "nothing", collapseStamp: { .zero })
        #expect(journal.note(try store(4, isFill: true), for: "fill", collapseStamp: { .zero }).count == 1)
        #expect(journal.overrulesMemory("late") == stamp(4) && journal.count == 5)
        journal.cleared(upTo: stamp(5))
        #expect(!journal.keepsStale && journal.overrules("other") == nil)
    }

    @Test mutating func whateverTheirStampsWhereItIsToldSo() throws {
        note(try store(9))
        journal.noteClear(stamp(5), whateverStamp: true, keepingStale: true)
        #expect(try due().intent.operation == .remove)
        #expect(try due().intent.stamp == stamp(9))
    }

    @Test(arguments: [false, true]) mutating func withAHardOneItIsAHardOne(isSoftFirst: Bool) throws {
        journal.noteClear(stamp(5), keepingStale: isSoftFirst)
        journal.noteClear(stamp(6), keepingStale: !isSoftFirst)
        #expect(!journal.keepsStale && journal.overrulesMemory("k") == stamp(6))
        note(try store(4))
        #expect(journal.count == 1)
    }
}
