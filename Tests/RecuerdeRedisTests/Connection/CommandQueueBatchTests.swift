import NIOCore
import Testing

@testable import RecuerdeRedis

private final class Caller: QueuedCaller {
    let id: Int
    let deadline: Int64
    let replyCount: Int
    let isFinished: Bool

    init(_ id: Int, deadline: Int64 = 1000, replyCount: Int = 1, isFinished: Bool = false) {
        self.id = id
        self.deadline = deadline
        self.replyCount = replyCount
        self.isFinished = isFinished
    }
}

@Suite struct CommandQueueBatches {
    private func queue(_ items: [CommandQueue<Caller>.Waiting]) -> CommandQueue<Caller> {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        var items = items
        _ = queue.enqueue(contentsOf: &items)
        return queue
    }

    @Test func areTakenWholeAndTellTheirEarliestDeadline() {
        var queue = CommandQueue<Caller>(silenceLimit: 100)
        var items = [30, 10, 20].map {
            CommandQueue<Caller>.Waiting(caller: Caller($0, deadline: Int64($0)), first: .init())
        }
        let earliest = queue.enqueue(contentsOf: &items)
        #expect(earliest == 10)
        #expect(items.isEmpty)
        #expect(queue.takeAllWaiting().map(\.caller.id) == [30, 10, 20])
    }

    @Test func areJoinedInOrderUpToTheLimitWithoutThoseWhoHaveGone() {
        var queue = queue([
            .init(caller: Caller(0), first: ByteBuffer(string: "aa")),
            .init(caller: Caller(1, replyCount: 4, isFinished: true), first: ByteBuffer(string: "xx")),
            .init(caller: Caller(2), first: ByteBuffer(string: "bb")),
            .init(caller: Caller(3), first: ByteBuffer(string: "cc")),
        ])
        var output = ByteBuffer()
        var freed = 0
        let large = queue.takeForWriting(now: 0, into: &output, limit: 4, freed: &freed)
        #expect(large == nil)
        #expect(String(buffer: output) == "aabb")
        #expect(freed == 4)
        #expect(queue.writtenCount == 2 && queue.hasWaiting)
    }

    @Test func stopAtACommandThatIsNotToBeCopied() {
        var queue = queue([
            .init(caller: Caller(0), first: ByteBuffer(string: "aa")),
            .init(caller: Caller(1), first: ByteBuffer(string: "large")),
            .init(caller: Caller(2), first: ByteBuffer(string: "b"), rest: [ByteBuffer(string: "c")]),
        ])
        var output = ByteBuffer()
        var freed = 0
        let large = queue.takeForWriting(now: 0, into: &output, limit: 4, freed: &freed)
        #expect(large?.caller.id == 1)
        #expect(String(buffer: output) == "aa")
        // Commands in several pieces are the caller's business too.
        let pieces = queue.takeForWriting(now: 0, into: &output, limit: 4, freed: &freed)
        #expect(pieces?.caller.id == 2)
        #expect(queue.writtenCount == 3 && !queue.hasWaiting)
    }

    @Test func giveSeveralRepliesToTheCallersWhoseTheyAre() {
        var queue = queue([
            .init(caller: Caller(0, replyCount: 3), first: .init()), .init(caller: Caller(1), first: .init()),
        ])
        var freed = 0
        while queue.takeForWriting(now: 0, freed: &freed) != nil {}
        let first = queue.receivedReplies(2)
        #expect(first?.caller.id == 0 && first?.count == 2 && first?.isLast == false)
        let second = queue.receivedReplies(5)
        #expect(second?.caller.id == 0 && second?.count == 1 && second?.isLast == true)
        let third = queue.receivedReplies(4)
        #expect(third?.caller.id == 1 && third?.count == 1 && third?.isLast == true)
        let fourth = queue.receivedReplies(3)
        #expect(fourth == nil)
    }
}
