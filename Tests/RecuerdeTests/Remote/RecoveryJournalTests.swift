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

    @Test func whatWasStampedBeforeAClearIsNotNotedAfterIt() {
        var journal = journal()
        journal.noteClear(stamp(5))
        journal.note(store(5), for: "k", collapseStamp: { .zero })
        #expect(journal.count == 1 && journal.overrules("k") == stamp(5))
        journal.note(store(6), for: "k", collapseStamp: { .zero })
        #expect(journal.count == 2 && journal.overrules("k") == stamp(6))
    }

    @Test func itSaysWhichLoadsItHasLetGoOf() {
        var journal = journal(intents: 2)
        func fill(_ stamp: Int64) -> RecoveryJournal.Intent {
            var intent = store(stamp)
            intent.isFill = true
            return intent
        }
        func note(_ intent: RecoveryJournal.Intent, _ name: String) -> [String] {
            journal.note(intent, for: name, collapseStamp: { stamp(99) }).map { "\($0.name) \($0.stamp.microseconds)" }
        }
        #expect(note(fill(1), "a") == [])
        #expect(note(removal(2), "b") == [])
        #expect(note(removal(3), "c") == ["a 1"])
        #expect(note(fill(4), "d") == ["d 4"])
        #expect(journal.overflows == 0)
    }

    @Test func aLoadThatStandsForASetThatFailedLaterIsNotLetGoOf() {
        var journal = journal(intents: 1)
        var load = store(20)
        load.isFill = true
        journal.note(load, for: "k", collapseStamp: { .zero })
        // Made before the load, and given up after it.
        journal.note(store(10), for: "k", collapseStamp: { .zero })
        let dropped = journal.note(removal(30), for: "other", collapseStamp: { stamp(40) })
        #expect(dropped.isEmpty && journal.overflows == 1)
        #expect(journal.overrules("k") == stamp(40))
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

    @Test func aKeyThatIsWrittenAgainAndAgainGoesBehindThoseWhoWait() {
        var journal = journal()
        journal.note(store(1), for: "restless", collapseStamp: { .zero })
        journal.note(store(2), for: "patient", collapseStamp: { .zero })
        journal.note(store(3), for: "restless", collapseStamp: { .zero })
        #expect(journal.due(limit: 1, now: now).map(\.name) == ["patient"])
        // And is not forgotten for that: it comes next, however many follow.
        for number in 4..<10 { journal.note(store(Int64(number)), for: "k\(number)", collapseStamp: { .zero }) }
        #expect(journal.due(limit: 2, now: now).map(\.name) == ["patient", "restless"])
    }

    @Test func aRefusedIntentWaitsTwiceAsLongEachTimeAndAtMostAMinute() throws {
        var journal = journal()
        journal.note(store(1), for: "k", collapseStamp: { .zero })
        var present = now
        for seconds in [2, 4, 8, 16, 32, 64, 64, 64] as [Int64] {
            journal.refused(try #require(journal.due(limit: 1, now: present).first), now: present)
            let due = present.advanced(by: .seconds(seconds))
            #expect(journal.due(limit: 1, now: due.advanced(by: .nanoseconds(-1))).isEmpty)
            #expect(journal.due(limit: 1, now: due).count == 1)
            present = due
        }
        // At the end of the process there is no later.
        journal.refused(try #require(journal.due(limit: 1, now: present).first), now: present)
        #expect(journal.due(limit: 1, now: present, regardless: true).count == 1)
        // What is written anew has not been refused yet.
        journal.note(store(2), for: "k", collapseStamp: { .zero })
        #expect(journal.due(limit: 1, now: present).count == 1)
    }

    @Test func theReasonsAddUpToTheDepthWhateverHappens() {
        var generator = SplitMix64(seed: 11)
        var journal = journal(intents: 12, bytes: 400)
        let reasons = JournalReason.allCases
        for step in 0..<20_000 {
            let name = "k\(Int.random(in: 0..<20, using: &generator))"
            let stamp = Int64(step)
            let lease = journal.due(limit: 20, now: now, regardless: true).randomElement(using: &generator)
            let reason = reasons[Int.random(in: 0..<reasons.count, using: &generator)]
            switch Int.random(in: 0..<9, using: &generator) {
            case 0...2:
                let intent = RecoveryJournal.Intent(
                    operation: .store(bytes: Array(repeating: 1, count: step % 60), timeToLive: .seconds(10)),
                    stamp: self.stamp(stamp),
                    expiry: nil,
                    isFill: Bool.random(using: &generator),
                    reason: reason
                )
                journal.note(intent, for: name, collapseStamp: { self.stamp(stamp) })
            case 3: journal.note(removal(stamp), for: name, collapseStamp: { self.stamp(stamp) })
            case 4: if let lease { journal.settled(lease) }
            case 5: if let lease { journal.refused(lease, now: now, reason: reason) }
            case 6: if let lease { journal.waits(lease, reason: reason) }
            case 7: journal.settle(name, upTo: self.stamp(stamp))
            default:
                if step % 7 == 0 { journal.noteClear(self.stamp(stamp), reason: reason) }
                journal.clearWaits(reason: reason)
                if step % 5 == 0 { journal.cleared(upTo: self.stamp(stamp)) }
            }
            let counts = journal.reasons
            #expect(counts.count == reasons.count && counts.values.allSatisfy { $0 >= 0 })
            #expect(counts.values.reduce(0, +) == journal.count)
        }
    }
}
