import NIOCore
import Synchronization
import Testing

@testable import RecuerdeRedis

/// A caller that only has a number, and can be told to have gone.
private final class Caller: QueuedCaller {
    let id: Int
    let deadline: Int64
    let replyCount: Int
    private let hasGone = Atomic<Bool>(false)

    init(_ id: Int, deadline: Int64 = 1000, replyCount: Int = 1) {
        self.id = id
        self.deadline = deadline
        self.replyCount = replyCount
    }

    var isFinished: Bool { hasGone.load(ordering: .relaxed) }

    func leave() { hasGone.store(true, ordering: .relaxed) }
}

extension CommandQueue where Caller: AnyObject {
    fileprivate mutating func enqueue(_ caller: Caller) {
        enqueue(Waiting(caller: caller, first: ByteBuffer()))
    }

    fileprivate mutating func write(now: Int64 = 0) -> Caller? {
        var freed = 0
        return takeForWriting(now: now, freed: &freed)?.caller
    }

    fileprivate mutating func replyGoesTo() -> Caller? {
        receivedReplies(1)?.caller
    }
}

@Suite struct CommandQueues {
    @Test func giveRepliesToCallersInTheOrderOfWriting() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        for id in 0..<3 { queue.enqueue(Caller(id)) }
        #expect(queue.replyGoesTo() == nil)
        #expect(queue.write()?.id == 0)
        #expect(queue.write()?.id == 1)
        #expect(queue.replyGoesTo()?.id == 0)
        #expect(queue.write()?.id == 2)
        #expect(queue.replyGoesTo()?.id == 1)
        #expect(queue.replyGoesTo()?.id == 2)
        #expect(queue.replyGoesTo() == nil)
        #expect(queue.isEmpty)
    }

    @Test func sendNothingWhoseDeadlineHasPassed() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        queue.enqueue(Caller(0, deadline: 10, replyCount: 2))
        queue.enqueue(Caller(1, deadline: 11))
        #expect(queue.write(now: 10)?.id == 1)
        #expect(queue.write(now: 10)?.id == nil)
        #expect(!queue.isEmpty)
        let expiry = queue.expire(now: 10)
        #expect(expiry.waiting.map(\.id) == [0] && expiry.written.isEmpty && expiry.freedPlaces == 2)
        #expect(queue.replyGoesTo()?.id == 1)
        #expect(queue.isEmpty)
    }

    @Test func handOnWhatIsTooLateWithAllThatIsNotWritten() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        queue.enqueue(Caller(0, deadline: 10))
        #expect(queue.write(now: 10)?.id == nil)
        queue.enqueue(Caller(1, deadline: 50))
        var copy = queue
        #expect(copy.takeWaiting(before: 20).map(\.caller.id) == [0])
        #expect(queue.takeAllWaiting().map(\.caller.id) == [0, 1])
        #expect(queue.isEmpty)
    }

    @Test func countTheRepliesOfAPipeline() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        queue.enqueue(Caller(0, replyCount: 3))
        queue.enqueue(Caller(1))
        while queue.write() != nil {}
        var last: [Bool] = []
        for _ in 0..<4 {
            guard let reply = queue.receivedReplies(1) else { continue }
            last.append(reply.isLast)
        }
        #expect(last == [false, false, true, true])
        #expect(queue.isEmpty)
    }

    @Test func dropUnsentWhoeverHasGoneAndFreeTheirPlaces() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        let gone = Caller(0, replyCount: 5)
        queue.enqueue(gone)
        queue.enqueue(Caller(1))
        gone.leave()
        var freed = 0
        #expect(queue.takeForWriting(now: 0, freed: &freed)?.caller.id == 1)
        #expect(freed == 5)
        let late = Caller(2, replyCount: 2)
        queue.enqueue(late)
        late.leave()
        #expect(queue.expire(now: 0).freedPlaces == 2)
        #expect(!queue.hasWaiting)
    }

    @Test func keepThePlaceOfAnExpiredCallerForItsLateReply() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        queue.enqueue(Caller(0, deadline: 10))
        queue.enqueue(Caller(1, deadline: 30))
        queue.enqueue(Caller(2, deadline: 20))
        #expect(queue.write()?.id == 0)
        #expect(queue.write()?.id == 1)
        let first = queue.expire(now: 9)
        #expect(first.written.isEmpty && first.waiting.isEmpty && first.nextLook == 10)
        let second = queue.expire(now: 10)
        #expect(second.written.map(\.id) == [0])
        #expect(second.nextLook == 20)
        let third = queue.expire(now: 25)
        #expect(third.written.isEmpty)
        #expect(third.waiting.map(\.id) == [2])
        #expect(third.freedPlaces == 1)
        #expect(third.nextLook == 30)
        #expect(queue.replyGoesTo()?.id == 0)
        #expect(queue.replyGoesTo()?.id == 1)
        #expect(queue.expire(now: 99).nextLook == nil)
    }

    @Test func callAPeerSilentAfterThreeDeadlinesAndTheLimitWithoutAByte() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        for id in 0..<3 { queue.enqueue(Caller(id, deadline: Int64(10 * (id + 1)))) }
        while queue.write(now: 0) != nil {}
        #expect(queue.expire(now: 20).nextLook == 30)
        let third = queue.expire(now: 30)
        #expect(!third.isSilent && third.nextLook == 100)
        #expect(queue.expire(now: 100).isSilent)
    }

    @Test func forgiveSilenceWithTheFirstByte() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        for id in 0..<4 { queue.enqueue(Caller(id, deadline: 10)) }
        while queue.write(now: 0) != nil {}
        _ = queue.expire(now: 50)
        queue.receivedBytes(now: 60)
        #expect(!queue.expire(now: 120).isSilent)
        #expect(!queue.expire(now: 1000).isSilent)
    }

    @Test func doNotHoldIdleTimeAgainstAPeer() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        for id in 0..<3 { queue.enqueue(Caller(id, deadline: 1010)) }
        while queue.write(now: 1000) != nil {}
        let expiry = queue.expire(now: 1010)
        #expect(expiry.written.count == 3)
        #expect(!expiry.isSilent && expiry.nextLook == 1100)
    }

    @Test func takeOutWhoeverCannotWait() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        for id in 0..<4 { queue.enqueue(Caller(id, deadline: Int64(id * 10))) }
        #expect(queue.takeWaiting(before: 20).map(\.caller.id) == [0, 1])
        #expect(queue.takeAllWaiting().map(\.caller.id) == [2, 3])
        #expect(queue.isEmpty)
    }

    /// Every caller leaves exactly once, every place is freed exactly once, and replies go to the right ones.
    @Test func letEveryCallerOutOnceInAnyOrderOfEvents() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<300 {
            var queue = CommandQueue<Caller>(silenceLimit: 50)
            var now: Int64 = 0
            var callers: [Caller] = []
            var places = 0
            var ended: [Int: Int] = [:]
            var expected: [(caller: Caller, remaining: Int)] = []
            for _ in 0..<200 {
                now += Int64.random(in: 0...5, using: &random)
                switch Int.random(in: 0..<8, using: &random) {
                case 0, 1:
                    let caller = Caller(
                        callers.count,
                        deadline: now + Int64.random(in: 0...40, using: &random),
                        replyCount: Int.random(in: 1...3, using: &random)
                    )
                    callers.append(caller)
                    places += caller.replyCount
                    queue.enqueue(caller)
                case 2, 3:
                    var freed = 0
                    if let item = queue.takeForWriting(now: now, freed: &freed) {
                        expected.append((item.caller, item.caller.replyCount))
                    }
                    places -= freed
                case 4, 5:
                    queue.receivedBytes(now: now)
                    guard let (caller, _, isLast) = queue.receivedReplies(1) else {
                        #expect(expected.isEmpty)
                        break
                    }
                    #expect(expected.first?.caller === caller)
                    expected[0].remaining -= 1
                    #expect(isLast == (expected[0].remaining == 0))
                    if isLast {
                        expected.removeFirst()
                        places -= caller.replyCount
                        if !caller.isFinished { ended[caller.id, default: 0] += 1 }
                        caller.leave()
                    }
                case 6:
                    let expiry = queue.expire(now: now)
                    places -= expiry.freedPlaces
                    for caller in expiry.written + expiry.waiting where !caller.isFinished {
                        ended[caller.id, default: 0] += 1
                        caller.leave()
                    }
                default:
                    guard let caller = callers.randomElement(using: &random), !caller.isFinished else { continue }
                    ended[caller.id, default: 0] += 1
                    caller.leave()
                }
            }
            let (written, freed) = queue.failWritten()
            let waiting = queue.takeAllWaiting().map(\.caller)
            places -= freed + waiting.reduce(0) { $0 + $1.replyCount }
            for caller in written + waiting where !caller.isFinished {
                ended[caller.id, default: 0] += 1
                caller.leave()
            }
            #expect(places == 0)
            #expect(callers.allSatisfy { ended[$0.id] == 1 })
            #expect(queue.isEmpty)
        }
    }
}
