import NIOCore
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeRedis

/// Where tasks wait until all may go on.
private final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    var waiting: Int { state.withLock { $0.waiters.count } }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            defer { state = (true, []) }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

@Suite struct UnderLoad {
    @Test func aServerThatIsBlockedByOneCommandAnswersTheRestLateAndInOrder() async throws {
        var options = RedisServerOptions()
        options.allowsDebug = true
        try await withRedisServer(options) { server in
            try await withClient(server.url) { client in
                try await withClient(server.url) { other in
                    try await client.ping()
                    try await other.ping()
                    async let blocked = other.send(RedisCommand("DEBUG", "SLEEP", "0.4", key: nil))
                    try await until { other.commandsInFlight == 1 }
                    try await withThrowingTaskGroup(of: Bool.self) { group in
                        for index in 0..<50 {
                            let isHasty = index.isMultiple(of: 5)
                            group.addTask {
                                do {
                                    let reply = try await client.send(
                                        RedisCommand("ECHO", index),
                                        timeout: isHasty ? .milliseconds(20) : .seconds(10)
                                    )
                                    return reply.int == index
                                } catch let error as RedisError {
                                    return isHasty && error.code == .deadlineExceeded
                                }
                            }
                        }
                        for try await isRight in group { #expect(isRight) }
                    }
                    let reply = try await blocked
                    #expect(reply == .simple("OK"))
                }
                for index in 0..<50 {
                    let reply = try await client.send(RedisCommand("ECHO", "new \(index)"))
                    #expect(reply.string == "new \(index)")
                }
            }
        }
    }

    @Test func tenThousandCallersOfAStalledServerAreRefusedPastTheCapAndRecoverWithoutAReconnect() async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.maximumCommandsInFlight = 1000
                    $0.silenceLimit = .seconds(100)
                    $0.commandTimeout = .seconds(60)
                }
            ) { client in
                let before = try await client.send(RedisCommand("CLIENT", "ID", key: nil))
                server.pause()
                let refused = Shared(0)
                let answered = Shared(0)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<10_000 {
                        group.addTask {
                            do {
                                let reply = try await client.send(RedisCommand("ECHO", index))
                                #expect(reply.int == index)
                                answered.change { $0 += 1 }
                            } catch let error as RedisError where error.code == .overloaded {
                                #expect(!error.mayHaveExecuted)
                                refused.change { $0 += 1 }
                            }
                        }
                    }
                    // While the server still stands still: nobody waits to be refused.
                    try await until { refused.value == 9000 }
                    #expect(client.commandsInFlight == 1000)
                    server.resume()
                    try await group.waitForAll()
                }
                #expect(answered.value == 1000)
                let after = try await client.send(RedisCommand("CLIENT", "ID", key: nil))
                #expect(after == before)
                #expect(client.commandsInFlight == 0)
            }
        }
    }

    /// The same with values, which are bounded by their bytes: memory follows what is in hand, not what is asked for.
    @Test func scenario57TenThousandCallersOfAStalledServerTakeNoMoreMemoryThanTheCap() async throws {
        try await withRedisServer { server in
            let cap = 128 << 20
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.maximumBytesInFlight = cap
                    $0.silenceLimit = .seconds(100)
                    $0.commandTimeout = .seconds(60)
                }
            ) { client in
                let before = try await client.send(RedisCommand("CLIENT", "ID", key: nil))
                let refused = Shared(0)
                let gate = Gate()
                // One for all: what counts is what the client makes of it.
                let value = ByteBuffer(repeating: 0x61, count: 60_000)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<10_000 {
                        group.addTask {
                            // What ten thousand tasks that wait for a reply take is theirs, and there before.
                            try await client.ping()
                            await gate.pass()
                            do {
                                _ = try await client.send(RedisCommand("SET", "k\(index % 10)", value))
                            } catch let error as RedisError where error.code == .overloaded {
                                refused.change { $0 += 1 }
                            }
                        }
                    }
                    try await until { gate.waiting == 10_000 }
                    server.pause()
                    let residentBefore = ProcessUse.residentBytes
                    gate.open()
                    // Each takes a little more than its value.
                    try await until { refused.value >= 10_000 - cap / 64_000 }
                    #expect(client.bytesInFlight <= cap && client.bytesInFlight > cap * 9 / 10)
                    let grown = ProcessUse.residentBytes - residentBefore
                    #expect(grown <= cap * 12 / 10, "\(grown >> 20) MiB")
                    server.resume()
                    try await group.waitForAll()
                }
                let after = try await client.send(RedisCommand("CLIENT", "ID", key: nil))
                #expect(after == before)
                #expect(client.bytesInFlight == 0 && client.commandsInFlight == 0)
            }
        }
    }

    @Test(arguments: [1, 10]) func fiftyCallersNeverHaveTooFewConnections(maximum: Int) async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.maximumConnections = maximum }) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<50 {
                        group.addTask {
                            for round in 0..<20 {
                                let reply = try await client.send(RedisCommand("ECHO", "\(task) \(round)"))
                                #expect(reply.string == "\(task) \(round)")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                // And that of this question.
                let connections = try server.command("CLIENT", "LIST").split(separator: "\n").count - 1
                #expect(connections <= maximum)
            }
        }
    }

    @Test func aShutdownWithFiftyInFlightLeavesNoDescriptorBehind() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { try await $0.ping() }
            let before = ProcessUse.openDescriptors
            var configuration = RedisConfiguration(url: try RedisURL(server.url))
            configuration.shutdownTimeout = .milliseconds(200)
            let client = RedisClient(configuration: configuration, logger: quiet)
            try await client.ping(timeout: .seconds(10))
            server.pause()
            let tasks = (0..<50).map { index in
                Task { await redisError { try await client.send(RedisCommand("GET", index), timeout: .seconds(60)) } }
            }
            try await until { client.commandsInFlight == 50 }
            // Within the limit none of them is answered.
            await client.shutdown()
            for task in tasks {
                let error = await task.value
                #expect(error?.code == .shutDown || error?.code == .connectionLost, "\(String(describing: error))")
            }
            let late = await redisError { try await client.send(RedisCommand("GET", "k")) }
            #expect(late?.code == .shutDown)
            server.resume()
            try await until { ProcessUse.openDescriptors <= before }
        }
    }
}

@Suite struct Transactions {
    @Test func giveTheirRepliesAndErrorsAsTypedValues() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.maximumConnections = 1 }) { client in
                let mixed = try await client.pipeline([
                    RedisCommand("MULTI", key: nil), RedisCommand("SET", "k", "v"), RedisCommand("LPUSH", "k", "x"),
                    RedisCommand("GET", "k"), RedisCommand("EXEC", key: nil),
                ])
                let replies = try #require(try mixed[4].get().elements)
                #expect(replies.count == 3)
                #expect(replies[0] == .simple("OK"))
                #expect(replies[1].serverError?.code == "WRONGTYPE")
                #expect(replies[2].string == "v")

                let watched = try await client.pipeline([
                    RedisCommand("WATCH", "k"), RedisCommand("SET", "k", "other"), RedisCommand("MULTI", key: nil),
                    RedisCommand("GET", "k"), RedisCommand("EXEC", key: nil),
                ])
                #expect(try watched[4].get() == .null)

                let discarded = try await client.pipeline([
                    RedisCommand("MULTI", key: nil), RedisCommand("SET", "k", "never"),
                    RedisCommand("DISCARD", key: nil),
                    RedisCommand("GET", "k"),
                ])
                #expect(try discarded[2].get() == .simple("OK"))
                #expect(try discarded[3].get().string == "other")

                let aborted = try await client.pipeline([
                    RedisCommand("MULTI", key: nil), RedisCommand("NOSUCH", key: nil), RedisCommand("EXEC", key: nil),
                ])
                guard case .failure(let error) = aborted[2] else {
                    Issue.record("executed")
                    return
                }
                #expect(error.code == .server)
                #expect(error.serverCode == "EXECABORT")
                try await client.ping()
            }
        }
    }
}
