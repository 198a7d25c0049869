import Foundation
import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct LargeReplies {
    @Test func ofAMillionElementsHarmNoNeighbour() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.commandTimeout = .seconds(60) }) { client in
                let script = RedisScript(
                    "for i = 1, 10000 do redis.call('RPUSH', KEYS[1], unpack(ARGV)) end return redis.call('LLEN', KEYS[1])"
                )
                let length = try await client.evaluate(
                    script,
                    keys: ["list"],
                    arguments: (0..<100).map { $0 as any RedisArgument }
                )
                #expect(length.int == 1_000_000)
                let isRead = Shared(false)
                try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask {
                        let list = try await client.send(RedisCommand("LRANGE", "list", 0, -1))
                        isRead.change { $0 = true }
                        let elements = try #require(list.elements)
                        #expect(elements.count == 1_000_000)
                        #expect(elements.indices.allSatisfy { elements[$0].int == $0 % 100 })
                        return 0
                    }
                    group.addTask {
                        var small = 0
                        while !isRead.value {
                            let reply = try await client.send(RedisCommand("ECHO", small))
                            #expect(reply.int == small)
                            small += 1
                        }
                        return small
                    }
                    let small = try await group.reduce(0, +)
                    #expect(small > 0)
                }
            }
        }
    }

    #if os(Linux)
        /// The highest memory use while something is done, beyond that before it.
        private func peak(_ body: () async throws -> Void) async throws -> Int {
            // Lets the kernel begin a new peak: https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
            try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
            let before = ProcessUse.residentBytes
            try await body()
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            let kibibytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap {
                Int($0)
            }
            return (try #require(kibibytes)) * 1024 - before
        }

        @Test func ofAHundredMebibytesTakeLittleMoreThanTwiceTheirSizeInBothDirections() async throws {
            let size = 100 << 20
            try await withRedisServer { server in
                try await withClient(
                    server.url,
                    change: {
                        $0.maximumConnections = 1
                        $0.commandTimeout = .seconds(60)
                    }
                ) { client in
                    try await client.ping()
                    let written = try await peak {
                        var value = ByteBufferAllocator().buffer(capacity: size)
                        value.writeRepeatingByte(0x61, count: size)
                        _ = try await client.send(RedisCommand("SET", "large", value))
                    }
                    #expect(written <= size * 22 / 10, "\(written >> 20) MiB")
                    let read = try await peak {
                        let found = try await client.send(RedisCommand("GET", "large"))
                        #expect(found.buffer?.readableBytes == size)
                    }
                    #expect(read <= size * 22 / 10, "\(read >> 20) MiB")
                }
            }
        }
    #endif

    /// `RECUERDE_PIPELINE_COMMANDS=1000000` makes it the million of the list of scenarios; a tenth says the same.
    @Test func aVeryLongPipelineKeepsItsOrderAndItsBound() async throws {
        let count = TestAmount.number("RECUERDE_PIPELINE_COMMANDS", otherwise: 100_000)
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.commandTimeout = .seconds(60) }) { client in
                let highest = Shared(0)
                let isDone = Shared(false)
                async let watcher: Void = {
                    while !isDone.value, !Task.isCancelled {
                        let now = client.commandsInFlight
                        highest.change { $0 = max($0, now) }
                        await Task.yield()
                    }
                }()
                let results = try await client.pipeline((0..<count).map { RedisCommand("ECHO", $0, key: nil) })
                isDone.change { $0 = true }
                await watcher
                #expect(results.count == count)
                #expect(results.indices.allSatisfy { (try? results[$0].get().int) == $0 })
                #expect(highest.value <= client.configuration.maximumCommandsInFlight)
            }
        }
    }
}
