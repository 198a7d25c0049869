import RecuerdeTesting
import Testing

@testable import Recuerde

@Suite struct TagBookTests {
    private let time = ManualTimeSource()

    @Test func whatNobodyRefersToIsForgottenAndWhatSomebodyDoesIsNot() throws {
        let book = TagBook(isBacked: true)
        let kept = try #require(book.set(of: ["kept", "too"]))
        for number in 0..<10_000 { _ = book.set(of: ["t\(number)"]) }
        #expect(book.count < 1_100)
        #expect(book.set(of: ["kept", "too"]) === kept)
        #expect(book.present("kept") === kept.marks[0])
    }

    @Test func aTagIsOneHoweverItIsWritten() throws {
        let book = TagBook(isBacked: true)
        let set = try #require(book.set(of: ["é", "e\u{301}", "", "a:b"]))
        #expect(set.marks.map(\.text) == ["é", "a%3Ab"])
        #expect(book.marks(of: ["e\u{301}"]).first === set.marks[0])
        #expect(book.set(of: []) == nil && book.set(of: [""]) == nil)
    }

    @Test(arguments: [true, false])
    func whatIsForgottenIsNotLostWhereNobodyElseKnowsIt(isBacked: Bool) throws {
        let book = TagBook(isBacked: isBacked)
        let clock = HybridClock(timeSource: time)
        let (expired, removed) = (Stamp(microseconds: 9), Stamp(microseconds: 5))
        book.marks(of: ["x"])[0].raise(expired: expired, removed: removed, clock)
        for number in 0..<5_000 { _ = book.set(of: ["t\(number)"]) }
        #expect(book.present("x") == nil)
        let floors = book.marks(of: ["x"])[0].floors
        #expect(floors.expired == (isBacked ? 0 : 9))
        #expect(floors.removed == (isBacked ? 0 : 5))
    }

    @Test func aLoadBesideAFloodOfTagsIsNotKeptAfterAnInvalidation() async throws {
        let cache = Cache(timeSource: time)
        let door = Door()
        let slow = Task {
            try await cache.result(for: "k") { _ in
                await door.pass()
                return Loaded(1, tags: ["x"])
            }
        }
        await door.someoneWaits()
        try await cache.invalidate(tags: ["x"])
        for number in 0..<5_000 { try await cache.invalidate(tags: ["t\(number)"]) }
        #expect(cache.tags.present("x") == nil)
        door.open()
        #expect(try await slow.value.value == 1)
        #expect(try await cache.get("k", as: Int.self) == nil)
    }

    @Test func aNoticeDuringAReadLeavesNothingVouchedFor() {
        let mark = TagMark(tag: "x", text: "x")
        let clock = HybridClock(timeSource: time)
        let notices = mark.notices
        mark.changed(before: Stamp(microseconds: 7))
        mark.learn(expired: Stamp(microseconds: 5), removed: .zero, witness: 3, since: notices, clock)
        #expect(mark.witness == 0 && mark.floors.expired == 5 && mark.floors.removed == 0)
        let set = TagSet([mark])
        #expect(set.isInDoubt(Stamp(microseconds: 7), clock) && !set.isInDoubt(Stamp(microseconds: 8), clock))
        mark.learn(expired: Stamp(microseconds: 6), removed: .zero, witness: 3, since: mark.notices, clock)
        #expect(mark.witness == 3 && !set.isInDoubt(Stamp(microseconds: 7), clock))
        #expect(!set.stands(stamp: 6, lines: nil, now: time.now()) && set.stands(stamp: 7, lines: nil, now: time.now()))
    }

    @Test func stampsFromBeforeTheFirstContactAreBroughtIntoRedisTime() {
        let clock = HybridClock(timeSource: time, isSetByRemote: true)
        let mark = TagMark(tag: "x", text: "x")
        time.advance(by: .seconds(5))
        let local = clock.next()
        mark.raise(expired: local, removed: .zero, clock)
        clock.calibrate(remoteTime: Stamp(microseconds: 1_800_000_000_000_000), since: time.now())
        // What Redis says is older than what was done here.
        let old = Stamp(microseconds: 1_700_000_000_000_000)
        mark.learn(expired: old, removed: old, witness: 0, since: mark.notices, clock)
        #expect(TagSet([mark]).floors(clock).expired == clock.told(local))
        #expect(TagSet([mark]).floors(clock).removed == old)
        // No floor is none, in whatever time.
        #expect(TagSet([TagMark(tag: "y", text: "y")]).floors(clock).expired == .zero)
    }
}
