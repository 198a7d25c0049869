import Testing

@testable import RecuerdeTesting

@Suite struct FaultStreams {
    private func stream(_ flow: FaultFlow, _ count: Int = 10, now: Int64 = 0) -> FaultStream {
        var stream = FaultStream()
        stream.use(flow, generation: 1, now: now)
        if count > 0 { stream.receive(Array(repeating: 7, count: count)[...], now: now) }
        return stream
    }

    @Test func forwardWhatTheyHoldAndThenEnd() {
        var stream = stream(.forward)
        #expect(stream.step(now: 0) == .send(10))
        stream.sent(4, now: 0)
        #expect(stream.step(now: 0) == .send(6))
        stream.sent(6, now: 0)
        #expect(stream.step(now: 0) == .wait(until: nil))
        stream.hasEnded = true
        #expect(stream.step(now: 0) == .end)
    }

    @Test func holdEverythingWhileStoppedAndGoOnAfterIt() {
        var stream = stream(.stop)
        #expect(stream.step(now: 100) == .wait(until: nil))
        #expect(stream.room == 0)
        stream.use(.forward, generation: 2, now: 100)
        #expect(stream.step(now: 100) == .send(10))
    }

    @Test func delayEachByteByTheSame() {
        var stream = stream(.delay(.nanoseconds(50)), 3)
        stream.receive([1, 2], now: 20)
        #expect(stream.step(now: 49) == .wait(until: 50))
        #expect(stream.step(now: 50) == .send(3))
        stream.sent(3, now: 50)
        #expect(stream.step(now: 60) == .wait(until: 70))
        #expect(stream.step(now: 70) == .send(2))
    }

    @Test func dripAndThrottle() {
        var drip = stream(.drip(every: .nanoseconds(5)))
        #expect(drip.step(now: 0) == .send(1))
        drip.sent(1, now: 0)
        #expect(drip.step(now: 4) == .wait(until: 5))
        #expect(drip.step(now: 5) == .send(1))
        let throttle = stream(.throttle(bytesPerSecond: 300))
        #expect(throttle.step(now: 0) == .send(3))
    }

    @Test func cutAfterTheirBytes() {
        var stream = stream(.cut(afterBytes: 4, reset: true))
        #expect(stream.step(now: 0) == .send(4))
        stream.sent(4, now: 0)
        #expect(stream.step(now: 0) == .cut(reset: true))
        stream.use(.cut(afterBytes: 2, reset: false), generation: 2, now: 0)
        #expect(stream.step(now: 0) == .send(2))
    }

    @Test func takeNoMoreThanTheirBound() {
        let stream = stream(.delay(.seconds(1)), FaultStream.capacity - 1)
        #expect(stream.room == 1)
    }
}
