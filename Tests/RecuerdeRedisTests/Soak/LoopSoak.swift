import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// What is seen of a connection in the turns that its event loop has for others.
private final class Turns: Sendable {
    struct Seen {
        /// Turns before which something had been read since the one before.
        var afterReads = 0
        var lastByte: Int64 = 0
        var lastTurn: Int64 = 0
        /// The longest time between two turns, in nanoseconds.
        var longest: Int64 = 0
        var isOver = false
    }

    let seen = Shared(Seen())

    /// Asks for the next turn in each, until it is over: after a moment, since a loop does first what is to be done at once.
    func take(_ slot: ConnectionSlot) {
        slot.eventLoop.scheduleTask(in: .milliseconds(1)) {
            let (now, lastByte) = (ClientShared.now(), slot.onLoop.lastByte)
            self.seen.change { seen in
                if lastByte != seen.lastByte { seen.afterReads += 1 }
                if seen.lastTurn > 0 { seen.longest = max(seen.longest, now - seen.lastTurn) }
                (seen.lastByte, seen.lastTurn) = (lastByte, now)
            }
            if !self.seen.value.isOver { self.take(slot) }
        }
    }
}

extension Soaks {
    /// Scenario 34. `scripts/soak redis` prints for how long the loop was taken at most.
    @Test func scenario34TheLoopHasItsTurnsWhileItReadsAMillionElements() async throws {
        try await withRedisServer { server in
            let script =
                "for i = 1, 10000 do redis.call('RPUSH', KEYS[1], unpack(ARGV)) end return redis.call('LLEN', KEYS[1])"
            try server.command(["EVAL", script, "1", "list"] + (0..<100).map { "element \($0)" })
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.commandTimeout = .seconds(60)
                }
            ) { client in
                try await client.ping()
                let turns = Turns()
                turns.take(client.slot(for: nil))
                defer { turns.seen.change { $0.isOver = true } }
                let reply = try await client.send(RedisCommand("LRANGE", "list", 0, -1))
                #expect(reply.elements?.count == 1_000_000)
                // 16 million bytes, of which at most 16 reads of 64 KiB lie between two turns.
                #expect(turns.seen.value.afterReads >= 12, "\(turns.seen.value)")
                if TestAmount.number("RECUERDE_SOAK_SEED", otherwise: 0) > 0 {
                    let longest = Double(turns.seen.value.longest / 10_000) / 100
                    print(
                        "LRANGE of a million: the loop was taken for \(longest) ms at most, \(turns.seen.value.afterReads) turns"
                    )
                }
            }
        }
    }
}
