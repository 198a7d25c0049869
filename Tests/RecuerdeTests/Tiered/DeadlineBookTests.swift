import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// One timer for all loads that have a deadline.
@Suite struct DeadlineBookTests {
    private var book = DeadlineBook<String>()

    private func at(_ milliseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test mutating func theFirstStartsATimerAndThoseAfterItDoNot() {
        let first = book.add(deadline: at(60_000), now: at(0), end: "a")
        #expect(first.start?.until == at(250))
        #expect(book.add(deadline: at(60_001), now: at(1), end: "b").start == nil)
        #expect(book.add(deadline: at(250), now: at(2), end: "c").start == nil)
        #expect(book.count == 3)
    }

    @Test mutating func aDeadlineBeforeTheTimerWakesStartsAnotherAndTheOldOneNoLongerCounts() throws {
        let old = try #require(book.add(deadline: at(60_000), now: at(0), end: "late").start)
        let new = try #require(book.add(deadline: at(10), now: at(1), end: "soon").start)
        #expect(new.until == at(10))
        // The old one was awake already when it was told to end.
        let stray = book.wake(generation: old.generation, now: at(300))
        #expect(stray.due.isEmpty && stray.next == nil)
        book.timerEnded(generation: old.generation)
        #expect(book.hasTimer)
        let woken = book.wake(generation: new.generation, now: at(10))
        #expect(woken.due == ["soon"])
        #expect(woken.next == at(260))
    }

    @Test mutating func whoIsDueIsToldOnceInTheOrderOfDeadlines() throws {
        let start = try #require(book.add(deadline: at(30), now: at(0), end: "30").start)
        _ = book.add(deadline: at(90), now: at(0), end: "90")
        _ = book.add(deadline: at(40), now: at(0), end: "40")
        _ = book.add(deadline: at(9_000), now: at(0), end: "9000")
        let first = book.wake(generation: start.generation, now: at(100))
        #expect(first.due == ["30", "40", "90"])
        #expect(first.next == at(350))
        #expect(book.wake(generation: start.generation, now: at(350)).due.isEmpty)
        let last = book.wake(generation: start.generation, now: at(9_000))
        #expect(last.due == ["9000"])
        #expect(last.next == nil)
        #expect(!book.hasTimer)
    }

    @Test mutating func aDeadlineIsMetToTheInstantAndNotBefore() throws {
        let start = try #require(book.add(deadline: at(400), now: at(0), end: "a").start)
        let slice = book.wake(generation: start.generation, now: at(250))
        #expect(slice.due.isEmpty)
        #expect(slice.next == at(400))
        let early = MonotonicInstant(nanoseconds: at(400).nanoseconds - 1)
        #expect(book.wake(generation: start.generation, now: early).due.isEmpty)
        #expect(book.wake(generation: start.generation, now: at(400)).due == ["a"])
    }

    @Test mutating func whatHasEndedIsForgottenAndTheTimerEndsAfterItsSlice() throws {
        let (number, start) = book.add(deadline: at(60_000), now: at(0), end: "a")
        #expect(book.remove(number) == "a")
        #expect(book.remove(number) == nil)
        #expect(book.count == 0)
        // What comes within the slice finds the timer still there.
        let second = book.add(deadline: at(60_100), now: at(100), end: "b")
        #expect(second.start == nil)
        let generation = try #require(start).generation
        #expect(book.wake(generation: generation, now: at(250)).next == at(500))
        #expect(book.remove(second.number) == "b")
        #expect(book.wake(generation: generation, now: at(500)).next == nil)
        #expect(book.add(deadline: at(60_600), now: at(600), end: "c").start != nil)
    }

    @Test mutating func aTimerThatEndsBeforeItsTimeIsReplacedByTheNext() throws {
        let start = try #require(book.add(deadline: at(60_000), now: at(0), end: "a").start)
        book.timerEnded(generation: start.generation)
        let next = try #require(book.add(deadline: at(60_000), now: at(1), end: "b").start)
        #expect(book.wake(generation: next.generation, now: at(60_000)).due.count == 2)
    }

    /// Against the plainest model: whoever is watched at its deadline is told at the first wake from then on, nobody else ever.
    @Test mutating func aLongRandomLifeLosesNoDeadline() {
        var random = Randomness(state: 7)
        var watched: [UInt64: Int64] = [:]
        var timer: (generation: UInt64, until: Int64)?
        var named = DeadlineBook<UInt64>()
        var told = 0
        var now: Int64 = 0
        for step in 0..<20_000 {
            now += Int64.random(in: 0...40, using: &random)
            while let (generation, until) = timer, until <= now {
                // Timers wake in time here; being late is what the other tests are about.
                let (due, next) = named.wake(generation: generation, now: at(until))
                #expect(Set(due) == Set(watched.filter { $0.value <= until }.keys))
                for number in due { watched[number] = nil }
                told += due.count
                timer = next.map { (generation, $0.nanoseconds / 1_000_000) }
                if timer == nil { #expect(watched.isEmpty) }
            }
            if step % 3 == 0, let number = watched.keys.min() {
                #expect(named.remove(number) != nil)
                watched[number] = nil
            } else if watched.count < 50 {
                let deadline = now + Int64.random(in: 0...2_000, using: &random)
                let (number, start) = named.add(deadline: at(deadline), now: at(now), end: UInt64(step))
                // The numbers are the book's own; the model goes by the name.
                _ = named.remove(number)
                let again = named.add(deadline: at(deadline), now: at(now), end: number + 1)
                if let start = again.start ?? start { timer = (start.generation, start.until.nanoseconds / 1_000_000) }
                watched[again.number] = deadline
            }
            #expect(named.count == watched.count)
        }
        #expect(told > 1_000)
    }

    private struct Randomness: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 31
        }
    }
}

/// The timer itself, on a clock that the test moves.
@Suite(.timeLimit(.minutes(1))) struct DeadlineWatchTests {
    private let time = ManualTimeSource()

    @Test func manyThatRunShareOneSleep() async {
        let watch = DeadlineWatch(timeSource: time)
        let now = time.now()
        let numbers = (0..<1_000).map { _ in
            watch.add(deadline: now.advanced(by: .seconds(60)), now: now) { Issue.record("told after its end") }
        }
        await time.waitForSleepers(atLeast: 1)
        #expect(time.sleepers == 1)
        for number in numbers { watch.remove(number) }
        #expect(watch.count == 0)
        time.advance(by: .milliseconds(250))
        while watch.hasTimer { await Task.yield() }
        #expect(time.sleepers == 0)
        time.advance(by: .seconds(60))
    }

    @Test func anEarlierDeadlineIsNotHeldUpByTheSleepForALaterOne() async {
        let watch = DeadlineWatch(timeSource: time)
        let now = time.now()
        let told = Atomic(0)
        let late = watch.add(deadline: now.advanced(by: .seconds(60)), now: now) {
            told.wrappingAdd(1, ordering: .relaxed)
        }
        await withCheckedContinuation { continuation in
            _ = watch.add(deadline: now.advanced(by: .milliseconds(5)), now: now) { continuation.resume() }
            time.advance(by: .milliseconds(5))
        }
        #expect(told.load(ordering: .relaxed) == 0)
        #expect(watch.count == 1)
        watch.remove(late)
        time.advance(by: .milliseconds(250))
        while watch.hasTimer { await Task.yield() }
    }

    @Test func theTimerForALaterDeadlineIsToldToEnd() async {
        let watch = DeadlineWatch(timeSource: time)
        let now = time.now()
        for milliseconds in [200, 150, 100] {
            _ = watch.add(deadline: now.advanced(by: .milliseconds(milliseconds)), now: now) {}
            await time.waitForSleepers(atLeast: 1)
            // Long enough for one that was not told to be seen beside the new one.
            for _ in 0..<5_000 { await Task.yield() }
        }
        await time.waitForSleepers(atLeast: 1)
        #expect(time.sleepers == 1)
        time.advance(by: .milliseconds(200))
        while watch.hasTimer { await Task.yield() }
        #expect(watch.count == 0)
    }

    /// A time source whose first sleep ends at once, as when its task is cancelled.
    private final class Interrupted: TimeSource {
        let base: ManualTimeSource
        private let sleeps = Atomic(0)

        init(_ base: ManualTimeSource) {
            self.base = base
        }

        func now() -> MonotonicInstant { base.now() }
        func unixTime() -> UnixTime { base.unixTime() }

        func sleep(until deadline: MonotonicInstant) async throws {
            if sleeps.wrappingAdd(1, ordering: .relaxed).oldValue == 0 { throw CancellationError() }
            try await base.sleep(until: deadline)
        }
    }

    @Test func aTimerThatEndsBeforeItsTimeIsReplacedByTheNextDeadlines() async {
        let watch = DeadlineWatch(timeSource: Interrupted(time))
        let now = time.now()
        let told = Atomic(0)
        _ = watch.add(deadline: now.advanced(by: .milliseconds(100)), now: now) {
            told.wrappingAdd(1, ordering: .relaxed)
        }
        while watch.hasTimer { await Task.yield() }
        await withCheckedContinuation { continuation in
            _ = watch.add(deadline: now.advanced(by: .milliseconds(200)), now: now) { continuation.resume() }
            time.advance(by: .milliseconds(200))
        }
        #expect(told.load(ordering: .relaxed) == 1)
        #expect(watch.count == 0)
    }

    @Test func loadsOfACacheLeaveNothingBehind() async throws {
        let cache = Cache(timeSource: time)
        for number in 0..<2_000 {
            #expect(try await cache.value(for: "k:\(number)") { number } == number)
        }
        #expect(cache.deadlines.count == 0)
        #expect(time.sleepers <= 1)
    }

    @Test func aLoadOfAClosedCacheIsStillEndedAtItsDeadline() async throws {
        let cache = Cache(timeSource: time)
        var options = EntryOptions()
        options.loadTimeout = .seconds(5)
        let slow = Task { [options, time] in
            try await cache.value(for: "k", options: options) {
                try await time.sleep(until: .distantFuture)
                return 1
            }
        }
        await time.waitForSleepers(atLeast: 2)
        cache.close()
        time.advance(by: .seconds(5))
        let error = await #expect(throws: CacheError.self) { try await slow.value }
        #expect(error?.code == .loadTimedOut)
        #expect(cache.deadlines.count == 0)
    }
}
