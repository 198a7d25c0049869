import NIOCore
import RecuerdeRedis
import Synchronization

/// One command with a great reply, repeated; and what it does to small commands of the same client.
///
/// Beside small commands it goes over the bulk lane, as the documentation of `RedisLane` tells whoever reads what is known
/// to be large; alone, it goes over the connection of its key.
struct GreatReplies: Sendable {
    let client: RedisClient
    let command: RedisCommand
    let repetitions: Int
    let valueBytes: Int
    let beside: Bool
    /// A great reply is asked for so many milliseconds after the one before, if that has come by then.
    let pace: Int

    private var lane: RedisLane { beside ? .bulk : .key }

    private final class Flag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    func measure(seconds: Double) async throws -> Measurement {
        let done = Flag()
        return try await withThrowingTaskGroup(of: [Int64].self) { group in
            if beside {
                for task in 0..<50 {
                    group.addTask { try await smallCommands(task: task, until: done) }
                }
            }
            let cpuBefore = ProcessUsage.cpuMicroseconds()
            let restBytes = ProcessUsage.peakBytes()
            var latencies: [Int64] = []
            for _ in 0..<repetitions {
                let begin = ProcessUsage.nanoseconds()
                let reply = try await client.send(command, timeout: .seconds(60), lane: lane)
                latencies.append(ProcessUsage.nanoseconds() - begin)
                let left = Int64(pace) * 1_000_000 - (ProcessUsage.nanoseconds() - begin)
                if left > 0 { try await Task.sleep(for: .nanoseconds(left)) }
                guard (reply.elements?.count ?? reply.buffer?.readableBytes) == valueBytes else {
                    throw SmallCommands.WrongReply()
                }
            }
            let cpu = ProcessUsage.cpuMicroseconds() - cpuBefore
            done.isSet.store(true, ordering: .relaxed)
            var small: [Int64] = []
            for try await some in group { small += some }
            return Measurement(
                operations: repetitions,
                seconds: Double(latencies.reduce(0, +)) / 1e9,
                latencies: latencies,
                cpuMicroseconds: cpu,
                peakBytes: ProcessUsage.peakBytes() - restBytes,
                beside: small,
                lane: lane
            )
        }
    }

    private func smallCommands(task: Int, until done: Flag) async throws -> [Int64] {
        var latencies: [Int64] = []
        var walk = Keys.Walk(task: task)
        while !done.isSet.load(ordering: .relaxed) {
            let begin = ProcessUsage.nanoseconds()
            _ = try await client.send(RedisCommand("GET", walk.next()), timeout: .seconds(60))
            latencies.append(ProcessUsage.nanoseconds() - begin)
        }
        return latencies
    }
}
