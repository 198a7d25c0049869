import NIOCore
import RecuerdeRedis

/// Tasks that each send one request, wait for its answer, and send the next.
struct SmallCommands: Sendable {
    let client: RedisClient
    let kind: Kind
    let valueBytes: Int
    let tasks: Int
    let pipeline: Int
    let onLoop: Bool

    enum Kind: Sendable {
        case reads, writes
        /// Each key is read and then written, so that the server has something to tell of each write.
        case both
    }

    /// What one task counted within the window.
    private struct Count: Sendable {
        var requests = 0
        var latencies: [Int64] = []
    }

    /// Thrown when a reply is not what was stored; a fast wrong answer is worth nothing.
    struct WrongReply: Error {}

    func measure(seconds: Double) async throws -> Measurement {
        let start = ProcessUsage.nanoseconds()
        let length = Int64(seconds * 1e9)
        let from = start + length / 3
        let until = from + length
        return try await withThrowingTaskGroup(of: Count.self) { group in
            for task in 0..<tasks {
                if onLoop {
                    // One key, because the loop is that of its connection.
                    let key = Keys.names[task & 1023]
                    group.addTask(executorPreference: client.executor(forKey: key)) {
                        try await requests(task: task, onlyKey: key, from: from, until: until)
                    }
                } else {
                    group.addTask { try await requests(task: task, onlyKey: nil, from: from, until: until) }
                }
            }
            try await Task.sleep(for: .nanoseconds(from - start))
            let cpuBefore = ProcessUsage.cpuMicroseconds()
            let begun = ProcessUsage.nanoseconds()
            try await Task.sleep(for: .nanoseconds(max(0, until - begun)))
            let cpu = ProcessUsage.cpuMicroseconds() - cpuBefore
            let ended = ProcessUsage.nanoseconds()
            var sum = Count()
            for try await count in group {
                sum.requests += count.requests
                sum.latencies += count.latencies
            }
            // The processor time was taken over a window that is longer than the count's by the delay of the timer.
            let share = Double(until - from) / Double(max(1, ended - begun))
            return Measurement(
                operations: sum.requests * pipeline,
                seconds: Double(until - from) / 1e9,
                latencies: sum.latencies,
                cpuMicroseconds: cpu * share
            )
        }
    }

    /// Sends requests until the window ends.
    private func requests(task: Int, onlyKey: String?, from: Int64, until: Int64) async throws -> Count {
        var count = Count()
        count.latencies.reserveCapacity(256)
        // Of thousands of tasks a part of the latencies says as much, and does not fill the caches with figures.
        let sampling = tasks >= 500 ? 8 : 1
        var walk = Keys.Walk(task: task)
        let value = kind == .reads ? ByteBuffer() : ByteBuffer(repeating: UInt8(ascii: "x"), count: valueBytes)
        var key = onlyKey ?? walk.next()
        var writes = kind == .writes
        var begin = ProcessUsage.nanoseconds()
        while true {
            if pipeline == 1 {
                let reply = try await client.send(command(key, value, writes))
                guard isRight(reply, writes) else { throw WrongReply() }
                if kind == .both { writes.toggle() }
                if onlyKey == nil, kind != .both || !writes { key = walk.next() }
            } else {
                var commands: [RedisCommand] = []
                commands.reserveCapacity(pipeline)
                for _ in 0..<pipeline { commands.append(command(onlyKey ?? walk.next(), value, writes)) }
                for result in try await client.pipeline(commands) {
                    guard isRight(try result.get(), writes) else { throw WrongReply() }
                }
            }
            let end = ProcessUsage.nanoseconds()
            if end > until { return count }
            if end >= from {
                count.requests += 1
                if sampling == 1 || count.requests % sampling == 1 { count.latencies.append(end - begin) }
            }
            begin = end
        }
    }

    private func command(_ key: String, _ value: ByteBuffer, _ isWrite: Bool) -> RedisCommand {
        isWrite ? RedisCommand("SET", key, value) : RedisCommand("GET", key)
    }

    private func isRight(_ reply: RESPValue, _ isWrite: Bool) -> Bool {
        switch reply {
        case .bulk(let bytes): bytes.readableBytes == valueBytes
        case .simple: isWrite
        default: false
        }
    }
}
