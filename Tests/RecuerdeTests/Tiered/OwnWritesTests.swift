import Testing

@testable import Recuerde

/// Which notices are about own writes.
@Suite struct OwnWritesTests {
    private let key: CacheKey = "k"
    private let line = InvalidationLine(number: 7)

    /// Expectations call nothing that mutates.
    private final class Book {
        private var own = OwnWrites()
        var count: Int { own.count }

        func begin(_ key: CacheKey, on line: InvalidationLine) { own.begin(key, on: line) }
        func notice(_ key: CacheKey, on line: InvalidationLine) -> Bool { own.notice(key, on: line) }
        func end(
            _ key: CacheKey,
            on line: InvalidationLine,
            _ outcome: OwnWrites.Outcome,
            now: MonotonicInstant
        ) -> Bool { own.end(key, on: line, outcome, now: now) }
        func proved(_ line: InvalidationLine, at instant: MonotonicInstant) { own.proved(line, at: instant) }
        func closed(_ line: InvalidationLine) { own.closed(line) }
    }

    private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    @Test func theNoticeOfAnOwnWriteIsKnownBeforeAndBehindItsAnswer() {
        let own = Book()
        own.begin(key, on: line)
        #expect(!own.notice(key, on: line))
        #expect(!own.end(key, on: line, .changed, now: at(1)))
        #expect(own.count == 0)
        own.begin(key, on: line)
        #expect(!own.end(key, on: line, .changed, now: at(1)))
        #expect(!own.notice(key, on: line))
        #expect(own.count == 0)
        #expect(own.notice(key, on: line))
    }

    @Test func everyOtherNoticeIsAnothers() {
        let own = Book()
        #expect(own.notice(key, on: line))
        own.begin(key, on: line)
        #expect(own.notice("other", on: line))
        #expect(own.notice(key, on: InvalidationLine(number: 8)))
        #expect(!own.notice(key, on: line))
        #expect(own.notice(key, on: line))
        #expect(!own.end(key, on: line, .changed, now: at(1)))
        #expect(own.notice(key, on: line))
    }

    @Test(arguments: [OwnWrites.Outcome.unchanged, .unknown])
    func whatWasHeldBackForAWriteThatChangedNothingIsAnothers(outcome: OwnWrites.Outcome) {
        let own = Book()
        own.begin(key, on: line)
        #expect(!own.notice(key, on: line))
        #expect(own.end(key, on: line, outcome, now: at(1)))
        #expect(own.count == 0)
        own.begin(key, on: line)
        #expect(!own.end(key, on: line, outcome, now: at(1)))
        #expect(own.notice(key, on: line))
    }

    @Test func writesOfOneKeyAtTheSameTimeAreCounted() {
        let own = Book()
        own.begin(key, on: line)
        own.begin(key, on: line)
        #expect(!own.notice(key, on: line))
        #expect(!own.end(key, on: line, .unchanged, now: at(1)))
        #expect(!own.end(key, on: line, .changed, now: at(1)))
        #expect(own.count == 0)
        own.begin(key, on: line)
        own.begin(key, on: line)
        #expect(!own.notice(key, on: line))
        #expect(!own.notice(key, on: line))
        #expect(!own.end(key, on: line, .changed, now: at(1)))
        #expect(own.end(key, on: line, .unchanged, now: at(1)))
    }

    @Test func whatIsOwedEndsWithTheNextProofAndWithTheLine() {
        let own = Book()
        own.begin(key, on: line)
        _ = own.end(key, on: line, .changed, now: at(5))
        own.proved(line, at: at(5))
        #expect(own.count == 1)
        own.proved(line, at: at(6))
        #expect(own.count == 0 && own.notice(key, on: line))
        own.begin(key, on: line)
        own.closed(line)
        #expect(!own.end(key, on: line, .changed, now: at(7)))
        #expect(own.count == 0 && own.notice(key, on: line))
    }
}
