import NIOCore
import Testing

@testable import RecuerdeRedis

private let lost = RedisError(.connectionLost, phase: .reply, mayHaveExecuted: true, message: "lost")
private let refused = RedisError(.connectFailed, phase: .connecting, message: "refused")

@Suite struct PendingReplies {
    /// Waits for one reply while something is done to the waiting.
    private func wait(_ pending: PendingReply, _ body: (PendingReply) -> Void) async -> Result<RESPValue, any Error> {
        do {
            let value = try await withUnsafeThrowingContinuation { (continuation: PendingReply.Single) in
                if pending.attach(continuation) {
                    body(pending)
                } else {
                    continuation.resume(throwing: CancellationError())
                }
            }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    private func single() -> PendingReply { PendingReply(name: "GET", replyCount: 1, deadline: 0) }

    @Test func areResumedByTheFirstEventOnly() async {
        let value = await wait(single()) { pending in
            let completion = pending.receive(.integer(1))
            #expect(pending.isFinished)
            #expect(pending.receive(.integer(2)) == nil)
            #expect(pending.fail(lost) == nil)
            pending.cancel()
            completion?.resume()
        }
        #expect((try? value.get()) == .integer(1))
        let cancelled = await wait(single()) { pending in
            pending.cancel()
            pending.cancel()
            #expect(pending.receive(.integer(2)) == nil)
            #expect(pending.fail(lost) == nil)
        }
        #expect(throws: CancellationError.self) { try cancelled.get() }
        let failed = await wait(single()) { pending in
            let completion = pending.fail(lost)
            #expect(pending.fail(refused) == nil)
            completion?.resume()
        }
        #expect(throws: lost) { try failed.get() }
    }

    @Test func doNotWaitIfTheirCallerWasCancelledBefore() async {
        let pending = single()
        pending.cancel()
        #expect(pending.isFinished)
        let result = await wait(pending) { _ in Issue.record("attached") }
        #expect(throws: CancellationError.self) { try result.get() }
    }

    @Test func keepTheRepliesOfAPipelineThatBreaksHalfWay() async throws {
        let pending = PendingReply(name: "GET", replyCount: 3, deadline: 0)
        let results = try await withUnsafeThrowingContinuation { (continuation: PendingReply.Many) in
            #expect(pending.attach(continuation))
            #expect(pending.receive(.integer(1)) == nil)
            pending.fail(lost)?.resume()
        }
        #expect(results == [.success(.integer(1)), .failure(lost), .failure(lost)])
    }

    @Test func throwForAPipelineThatWasNeverSent() async {
        let pending = PendingReply(name: "GET", replyCount: 3, deadline: 0)
        await #expect(throws: refused) {
            try await withUnsafeThrowingContinuation { (continuation: PendingReply.Many) in
                #expect(pending.attach(continuation))
                pending.fail(refused)?.resume()
            }
        }
    }

    /// A race of all events from many threads; the continuation traps, or never ends, if the count is not one.
    @Test func surviveARaceOfAllEvents() async {
        for round in 0..<300 {
            let pending = single()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = await self.wait(pending) { _ in }
                    #expect(pending.isFinished)
                }
                group.addTask { pending.receive(.integer(round))?.resume() }
                group.addTask { pending.fail(lost)?.resume() }
                group.addTask { pending.cancel() }
            }
            // If all three came before the wait began, only the cancellation counts, and it did: the group has ended.
            #expect(pending.isFinished)
        }
    }
}
