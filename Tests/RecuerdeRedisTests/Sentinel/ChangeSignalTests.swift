import NIOPosix
import Testing

@testable import RecuerdeRedis

@Suite struct Changes {
    private static let far = Int64.max
    private let signal = ChangeSignal(eventLoop: MultiThreadedEventLoopGroup.singleton.next())

    @Test func wakeEverybodyWhoWaits() async {
        let number = signal.number
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { await signal.wait(after: number, until: Self.far) } }
            signal.change()
            await group.waitForAll()
        }
    }

    @Test func thatCameBeforeTheWaitEndItAtOnce() async {
        let number = signal.number
        signal.change()
        await signal.wait(after: number, until: Self.far)
    }

    @Test func thatDoNotComeAreNotWaitedForAfterTheMoment() async {
        await signal.wait(after: signal.number, until: ClientShared.now() + 1_000_000)
        await signal.wait(after: signal.number, until: 0)
        await signal.wait(after: signal.number, until: .min)
    }

    @Test func areNotWaitedForByTasksThatAreCancelled() async {
        for _ in 0..<100 {
            let task = Task { await signal.wait(after: signal.number, until: Self.far) }
            if Bool.random() { await Task.yield() }
            task.cancel()
            await task.value
        }
    }
}
