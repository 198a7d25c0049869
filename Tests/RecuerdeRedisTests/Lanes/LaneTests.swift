import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct LaneStateMachines {
    @Test func openConnectionsOnlyWhenAllOthersAreInUse() {
        var machine = LaneStateMachine(limit: 2, isExclusive: false)
        #expect(machine.take() == .open(0))
        machine.release(0)
        #expect(machine.take() == .use(0))
        #expect(machine.take() == .open(1))
        #expect(machine.load == 2)
    }

    @Test func shareTheLeastLoadedConnectionAtTheLimit() {
        var machine = LaneStateMachine(limit: 2, isExclusive: false)
        for _ in 0..<4 { _ = machine.take() }
        machine.release(1)
        #expect(machine.take() == .use(1))
    }

    @Test func neverShareWhatBlocks() {
        var machine = LaneStateMachine(limit: 2, isExclusive: true)
        #expect(machine.take() == .open(0))
        #expect(machine.take() == .open(1))
        #expect(machine.take() == .full)
        machine.release(0)
        #expect(machine.take() == .use(0))
        #expect(machine.take() == .full)
        #expect(machine.load == 2)
    }

    @Test func withstandReleasesThatNobodyOwes() {
        var machine = LaneStateMachine(limit: 0, isExclusive: false)
        machine.release(3)
        #expect(machine.take() == .full)
        #expect(machine.load == 0)
    }
}

@Suite struct BlockingCommands {
    @Test func areKnownHoweverManyStreamsTheyWaitFor() {
        let words = ["BLOCK", "0", "STREAMS"] + (0..<100).map { "s\($0)" } + Array(repeating: "0", count: 100)
        #expect(RedisCommand("XREAD", arguments: words, key: 3).isBlocking)
        #expect(!RedisCommand("XREAD", arguments: Array(words.dropFirst(2)), key: 1).isBlocking)
    }

    @Test(arguments: [
        ("BLPOP k 0", true), ("blmove a b LEFT RIGHT 0", true), ("BZPOPMIN k 1", true), ("BITCOUNT k", false),
        ("XREAD COUNT 5 BLOCK 100 STREAMS s 0", true), ("xread block 0 streams s 0", true),
        ("XREAD COUNT 5 STREAMS block 0", false), ("XREADGROUP GROUP g c BLOCK 5 STREAMS s >", true),
        ("XADD s * block 1", false), ("WAIT 1 100", false), ("GET BLOCK", false), ("LPOP k", false),
    ]) func areKnownByTheirNames(text: String, isBlocking: Bool) {
        let words = text.split(separator: " ").map(String.init)
        #expect(RedisCommand(words[0], arguments: Array(words.dropFirst())).isBlocking == isBlocking)
    }
}

@Suite struct Lanes {
    private static func oneConnection(_ configuration: inout RedisConfiguration) {
        configuration.maximumConnections = 1
    }

    private let id = RedisCommand("CLIENT", "ID", key: nil)

    @Test func smallCommandsGoOnWhileALargeValueIsUnderWay() async throws {
        try await withRedisServer { server in
            let size = 100 * 1024 * 1024
            try server.command(
                "EVAL",
                "redis.call('set', KEYS[1], string.rep('x', tonumber(ARGV[1])))",
                "1",
                "big",
                "\(size)"
            )
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.maximumBulkConnections = 1
                    $0.commandTimeout = .seconds(60)
                }
            ) { client in
                let small = try await client.send(id).int
                let bulk = try await client.send(id, lane: .bulk).int
                #expect(small != nil && bulk != nil && small != bulk)
                let during = Shared(0)
                let isOver = Shared(false)
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        let value = try await client.send(RedisCommand("GET", "big"), lane: .bulk)
                        #expect(value.buffer?.readableBytes == size)
                        isOver.change { $0 = true }
                    }
                    tasks.addTask {
                        while !isOver.value {
                            try await client.ping()
                            if !isOver.value { during.change { $0 += 1 } }
                        }
                    }
                    try await tasks.waitForAll()
                }
                #expect(during.value >= 3)
                let lines = try server.command("CLIENT", "LIST").split(separator: "\n")
                #expect(lines.contains { $0.hasPrefix("id=\(bulk ?? 0) ") && $0.contains("cmd=get") })
                #expect(try await client.send(id).int == small)
            }
        }
    }

    @Test func largeCommandsGoToTheBulkLaneByThemselves() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                let small = try await client.send(id).int
                let value = [UInt8](repeating: 0x61, count: 300_000)
                _ = try await client.send(RedisCommand("SET", "large", value))
                _ = try await client.send(RedisCommand("SET", "bound", value), lane: .key)
                let lines = try server.command("CLIENT", "LIST").split(separator: "\n").filter {
                    $0.contains("cmd=set")
                }
                #expect(lines.count == 2)
                #expect(lines.filter { $0.hasPrefix("id=\(small ?? 0) ") }.count == 1)
                #expect(try await client.send(RedisCommand("GET", "large")).buffer?.readableBytes == 300_000)
            }
        }
    }

    @Test func largeCommandsStayWithTheirKeyWhereTrackingBindsIt() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url) { tracked in
                try await tracked.open()
                let value = [UInt8](repeating: 0x61, count: 300_000)
                _ = try await tracked.client.pipeline([RedisCommand("GET", "k")])
                _ = try await tracked.client.send(RedisCommand("SET", "k", value))
                // Over another connection it would come back as a notice.
                #expect(try await tracked.notices() == [])
            }
        }
    }

    @Test func withoutBulkConnectionsEverythingGoesTogether() async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.maximumBulkConnections = 0
                }
            ) { client in
                let small = try await client.send(id).int
                #expect(try await client.send(id, lane: .bulk).int == small)
            }
        }
    }

    @Test func aCommandThatBlocksHoldsUpNoOther() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                async let popped = client.send(RedisCommand("BLPOP", "list", 0), timeout: .seconds(30))
                try await until { try server.command("CLIENT", "LIST").contains("cmd=blpop") }
                for _ in 0..<10 { try await client.ping() }
                _ = try await client.send(RedisCommand("LPUSH", "list", "x"))
                #expect(try await popped.elements?.last?.string == "x")
            }
        }
    }

    @Test func anAbandonedBlockingCommandTakesNothing() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                let late = await redisError {
                    try await client.send(RedisCommand("BLPOP", "list", 0), timeout: .milliseconds(200))
                }
                #expect(late?.code == .deadlineExceeded)
                await withTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        _ = try? await client.send(RedisCommand("BLPOP", "list", 0), timeout: .seconds(30))
                    }
                    try? await until { try server.command("CLIENT", "LIST").contains("cmd=blpop") }
                    tasks.cancelAll()
                }
                try await until { try !server.command("CLIENT", "LIST").contains("cmd=blpop") }
                _ = try await client.send(RedisCommand("LPUSH", "list", "x"))
                #expect(try await client.send(RedisCommand("LLEN", "list")).int == 1)
                // The lane works after it.
                let popped = try await client.send(RedisCommand("BLPOP", "list", 1), timeout: .seconds(30))
                #expect(popped.elements?.last?.string == "x")
            }
        }
    }

    @Test func pastTheLimitABlockingCommandFailsAtOnce() async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.maximumBlockingConnections = 2
                }
            ) { client in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for index in 0..<2 {
                        tasks.addTask {
                            _ = try await client.send(RedisCommand("BLPOP", "l\(index)", 0), timeout: .seconds(30))
                        }
                    }
                    try await until {
                        try server.command("CLIENT", "LIST").split(separator: "\n").filter { $0.contains("cmd=blpop") }
                            .count == 2
                    }
                    let third = await redisError { try await client.send(RedisCommand("BLPOP", "l", 0)) }
                    #expect(third?.code == .overloaded)
                    #expect(third?.mayHaveExecuted == false)
                    for index in 0..<2 { try server.command("LPUSH", "l\(index)", "x") }
                    try await tasks.waitForAll()
                }
                // Places are free again.
                #expect(try await client.send(RedisCommand("BLPOP", "l", 0.01), timeout: .seconds(30)) == .null)
            }
        }
    }

    @Test func connectionsOfLanesThatNobodyUsesAreClosed() async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.keepAlive = .milliseconds(50)
                }
            ) { client in
                try await client.ping()
                let bulk = try await client.send(id, lane: .bulk).int
                try await until { try !server.command("CLIENT", "LIST").contains("id=\(bulk ?? 0) ") }
                let next = try await client.send(id, lane: .bulk).int
                #expect(next != nil && next != bulk)
                #expect(client.state.isConnected)
            }
        }
    }
}
