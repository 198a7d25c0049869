import Testing

@testable import Recuerde

@Suite struct RecoveryJournalTests {
    private let now = MonotonicInstant(nanoseconds: 0)

    private func stamp(_ value: Int64) -> Stamp { Stamp(microseconds: value) }

    private func store(_ stamp: Int64, bytes: Int = 10, expiry: MonotonicInstant? = nil) -> RecoveryJournal.Intent {
        RecoveryJournal.Intent(
            operation: .store(bytes: Array(repeating: 1, count: bytes), timeToLive: .seconds(10)),
            stamp: self.stamp(stamp),
            expiry: expiry
        )
    }

    private func removal(_ stamp: Int64) -> RecoveryJournal.Intent {
        RecoveryJournal.Intent(operation: .remove, stamp: self.stamp(stamp), expiry: nil)
    }

    private func journal(intents: Int = 10, bytes: Int = 1_000) -> RecoveryJournal {
        RecoveryJournal(maximumIntents: intents, maximumBytes: bytes)
    }

    @Test func theNewestIntentOfAKeyCounts() {
        var journal = journal()
        journal.note(store(1), for: "k", collapseStamp: { .zero })
        journal.note(removal(3), for: "k", collapseStamp: { .zero })
        journal.note(store(2), for: "k", collapseStamp: { .zero })
        let due = journal.due(limit: 10, now: now)
        #expect(due.count == 1)
        #expect(due.first?.intent.operation == .remove)
        #expect(journal.overrules("k") == stamp(3))
        #expect(journal.overrules("other") == nil)
    }

    @Test func intentsComeInTheOrderInWhichTheyWereNoted() {
        var journal = journal(intents: 100)
        for number in 0..<50 { journal.note(store(Int64(number)), for: "k\(number)", collapseStamp: { .zero }) }
        #expect(journal.due(limit: 3, now: now).map(\.name) == ["k0", "k1", "k2"])
        for lease in journal.due(limit: 49, now: now) { journal.settled(lease) }
        #expect(journal.due(limit: 10, now: now).map(\.name) == ["k49"])
        #expect(journal.count == 1)
    }

    @Test func tooManyCollapseIntoOneClear() {
        var journal = journal(intents: 3)
        for number in 0..<4 { journal.note(removal(Int64(number)), for: "k\(number)", collapseStamp: { stamp(99) }) }
        #expect(journal.pendingClear == stamp(99))
        #expect(journal.overflows == 1)
        #expect(journal.due(limit: 10, now: now).isEmpty)
        #expect(journal.overrules("anything") == stamp(99))
        journal.note(store(100), for: "k", collapseStamp: { .zero })
        #expect(journal.overrules("k") == stamp(100))
        journal.cleared(upTo: stamp(99))
        #expect(journal.overrules("anything") == nil)
        #expect(journal.count == 1)
    }

    @Test func tooManyBytesCollapseAsWell() {
        var journal = journal(bytes: 100)
        for _ in 0..<50 { journal.note(store(1, bytes: 60), for: "same", collapseStamp: { .zero }) }
        #expect(journal.overflows == 0)
        journal.note(store(2, bytes: 60), for: "other", collapseStamp: { stamp(9) })
        #expect(journal.overflows == 1)
    }

    @Test func aReplayDoesNotSettleWhatWasNotedSince() {
        var journal = journal()
        journal.note(store(1), for: "k", collapseStamp: { .zero })
        let lease = journal.due(limit: 1, now: now)
        journal.note(removal(2), for: "k", collapseStamp: { .zero })
        for one in lease { journal.settled(one) }
        #expect(journal.overrules("k") == stamp(2))
    }

    @Test func aLaterAcknowledgedWriteMakesAnIntentVoid() {
        var journal = journal()
        journal.note(removal(5), for: "k", collapseStamp: { .zero })
        journal.settle("k", upTo: stamp(4))
        #expect(!journal.isEmpty)
        journal.settle("k", upTo: stamp(6))
        #expect(journal.isEmpty)
    }

    @Test func aClearStandsOnlyForWhatIsNotLater() {
        var journal = journal()
        journal.note(store(1), for: "before", collapseStamp: { .zero })
        journal.note(removal(9), for: "after", collapseStamp: { .zero })
        journal.noteClear(stamp(5))
        #expect(journal.due(limit: 9, now: now).map(\.name) == ["after"])
        #expect(journal.overrules("before") == stamp(5))
        #expect(journal.overrules("after") == stamp(9))
    }

    @Test func whatIsRefusedWaitsAndLetsTheOthersPass() throws {
        var journal = journal()
        journal.note(store(1), for: "poison", collapseStamp: { .zero })
        journal.note(store(2), for: "good", collapseStamp: { .zero })
        journal.refused(try #require(journal.due(limit: 1, now: now).first), now: now)
        #expect(journal.due(limit: 9, now: now).map(\.name) == ["good"])
        #expect(Set(journal.due(limit: 9, now: now.advanced(by: .seconds(2))).map(\.name)) == ["poison", "good"])
    }

    @Test func aValueThatDiedMeanwhileStillTakesAwayWhatItReplaced() throws {
        var journal = journal()
        journal.note(store(1, expiry: now.advanced(by: .seconds(5))), for: "k", collapseStamp: { .zero })
        let intent = try #require(journal.due(limit: 1, now: now).first).intent
        #expect(intent.operation(now: now) == .store(bytes: Array(repeating: 1, count: 10), timeToLive: .seconds(5)))
        #expect(intent.operation(now: now.advanced(by: .seconds(5))) == .remove)
    }
}
