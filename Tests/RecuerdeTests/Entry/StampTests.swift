import RecuerdeTesting
import Testing

@testable import Recuerde

@Suite struct StampTests {
    @Test(arguments: [0, 1, 1_784_550_000_000_000, Int64.max])
    func wireTextHasAFixedWidthAndComesBack(value: Int64) {
        let stamp = Stamp(microseconds: value)
        #expect(stamp.wireText.utf8.count == 20)
        #expect(Stamp(wireBytes: Array(stamp.wireText.utf8)) == stamp)
    }

    @Test(arguments: [
        "", "1", "0000000000000000000a", "99999999999999999999", "-0000000000000000001", "+0000000000000000001",
    ])
    func otherTextIsNoStamp(text: String) {
        #expect(Stamp(wireBytes: Array(text.utf8)) == nil)
    }

    @Test func textOrdersAsNumbersDo() {
        let stamps = [0, 9, 10, 99, 100, 1_784_550_000_000_000, 9_007_199_254_740_993].map(Stamp.init(microseconds:))
        #expect(stamps.map(\.wireText) == stamps.map(\.wireText).sorted())
    }

    @Test func theClockOnlyGoesForward() {
        let time = ManualTimeSource()
        let clock = HybridClock(timeSource: time)
        let first = clock.next()
        #expect(clock.next() > first)
        time.setUnixTime(UnixTime(microseconds: 1_000))
        let second = clock.next()
        #expect(second > first)
        clock.observe(Stamp(microseconds: 10_000_000))
        #expect(clock.next() > second)
    }

    @Test func theClockFollowsWhatItSeesButNotWhatIsCorrupt() {
        let time = ManualTimeSource()
        let clock = HybridClock(timeSource: time)
        let present = time.unixTime().microseconds
        clock.observe(Stamp(microseconds: present + 30_000_000))
        #expect(clock.next() == Stamp(microseconds: present + 30_000_001))
        clock.observe(Stamp(microseconds: present + 3_600_000_000))
        #expect(clock.next() == Stamp(microseconds: present + 30_000_002))
    }

    @Test func aWrongClockIsSetByTheRemoteOne() {
        let time = ManualTimeSource()
        let clock = HybridClock(timeSource: time)
        let remote = Stamp(microseconds: time.unixTime().microseconds - 5_000_000)
        clock.calibrate(remoteTime: remote, since: time.now())
        #expect(clock.present == remote)
        time.advance(by: .seconds(1))
        #expect(clock.present == Stamp(microseconds: remote.microseconds + 1_000_000))
    }

    /// A process that was stopped finds an answer before its door when it goes on.
    @Test func anAnswerThatCameLateDoesNotPutTheClockBack() {
        let time = ManualTimeSource()
        let clock = HybridClock(timeSource: time)
        let begin = time.unixTime().microseconds
        clock.calibrate(remoteTime: Stamp(microseconds: begin), since: time.now())
        let asked = time.now()
        time.advance(by: .seconds(4))
        clock.calibrate(remoteTime: Stamp(microseconds: begin), since: asked)
        #expect(clock.present == Stamp(microseconds: begin + 4_000_000))
        // Of what it tells as much is taken as must be true: the clock there has gone back, at least so far,
        let next = time.now()
        time.advance(by: .seconds(1))
        clock.calibrate(remoteTime: Stamp(microseconds: begin + 3_000_000), since: next)
        #expect(clock.present == Stamp(microseconds: begin + 4_000_000))
        // or forward.
        clock.calibrate(remoteTime: Stamp(microseconds: begin + 9_000_000), since: next)
        #expect(clock.present == Stamp(microseconds: begin + 9_000_000))
    }

    @Test func lifetimesAreClampedAndNeverOverflow() throws {
        #expect(Lifetime(timeToLive: .zero, maximumStaleness: .seconds(9)) == nil)
        #expect(Lifetime(timeToLive: .seconds(-1), maximumStaleness: .zero) == nil)
        let longest = try #require(Lifetime(timeToLive: .seconds(Int64.max), maximumStaleness: .seconds(Int64.max)))
        #expect(longest.fresh == Lifetime.longest && longest.total == Lifetime.longest)
        let month = try #require(Lifetime(timeToLive: .seconds(30 * 86_400), maximumStaleness: .seconds(-4)))
        #expect(month.fresh == .seconds(30 * 86_400) && month.total == month.fresh)
    }

    @Test func instantsSaturate() {
        let end = MonotonicInstant(nanoseconds: .max)
        #expect(end.advanced(by: .seconds(Int64.max)) == .distantFuture)
        #expect(end.duration(to: MonotonicInstant(nanoseconds: .min)) < .zero)
        #expect(UnixTime(microseconds: .min).advanced(by: .seconds(Int64.min)).microseconds == .min)
        #expect(Duration.seconds(Int64.max).saturatedNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).saturatedNanoseconds == .min)
    }
}
