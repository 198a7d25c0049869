import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Repetition by class of failure, over connections. The names carry the number of the scenario that they show.
@Suite struct Retries {
    private static func oneConnection(_ configuration: inout RedisConfiguration) {
        configuration.maximumConnections = 1
    }

    /// A server that answers each command by an error for so many times, and then by its words.
    /// The last attempt sets out a pause before the end at the latest. Long ones leave a slow machine time for its answer:
    /// what was sent and not answered may have been executed, as the error would say.
    private static func longPauses(_ configuration: inout RedisConfiguration) {
        oneConnection(&configuration)
        configuration.retry.firstPause = .milliseconds(150)
        configuration.retry.longestPause = .milliseconds(150)
    }

    private static func refusing(_ text: String, times: Int) -> FakeServer.Script {
        let refusals = Shared(0)
        return FakeServer.greeted { _, words in
            var refuses = false
            refusals.change {
                refuses = $0 < times
                $0 += 1
            }
            return .bytes(refuses ? "-\(text)\r\n" : "+\(words.joined(separator: " "))\r\n")
        }
    }

    // MARK: Scenario 13

    @Test func scenario13ACommandWaitsUntilARealServerHasLoadedItsData() async throws {
        var options = RedisServerOptions()
        options.allowsDebug = true
        options.extraLines = ["key-load-delay 2000", "rdbcompression no"]
        let isSevenOrLater = try RedisServerVersion.of().isSevenOrLater
        if isSevenOrLater { options.extraLines.append("loading-process-events-interval-bytes 1024") }
        try await withRedisServer(options) { server in
            try await withClient(server.url) { client in
                // Older servers look after their clients only every 2 MiB while they load.
                let value = String(repeating: "v", count: isSevenOrLater ? 2000 : 40_000)
                for index in 0..<300 { _ = try await client.send(RedisCommand("SET", "k\(index)", value)) }
                let reload = Task.detached { try server.command("DEBUG", "RELOAD") }
                // An error here says LOADING: the server answers nothing else meanwhile.
                try await until { (try? server.command("DBSIZE")) == nil }
                async let pipeline = client.pipeline([RedisCommand("SET", "new", "1"), RedisCommand("GET", "k1")])
                let last = try await client.send(RedisCommand("GET", "k299"), timeout: .seconds(20))
                #expect(last.string == value)
                let results = try await pipeline
                #expect(results == [.success(.simple("OK")), .success(.bulk(ByteBuffer(string: value)))])
                #expect(try await reload.value == "OK")
                // It did refuse at least once what was sent to it.
                let gets = try server.command("INFO", "commandstats").split(whereSeparator: \.isNewline).filter {
                    $0.contains("cmdstat_get:")
                }
                #expect(gets.count == 1 && !gets[0].contains("rejected_calls=0"), "\(gets)")
            }
        }
    }

    @Test func scenario13AServerThatGoesOnLoadingIsNamedAtTheDeadline() async throws {
        try await FakeServer.with(Self.refusing("LOADING Redis is loading the dataset in memory", times: .max)) {
            server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                let error = await redisError {
                    try await client.send(RedisCommand("INCR", "n"), timeout: .milliseconds(300))
                }
                #expect(error?.code == .server)
                #expect(error?.serverCode == "LOADING")
                #expect(error?.mayHaveExecuted == false)
                // Pauses of at least 10 ms leave room for thirty attempts at the very most.
                #expect((2...30).contains(server.commands.count))
            }
        }
    }

    /// Real servers let clients in while they load, and refuse what they send then.
    @Test func scenario13AClientThatConnectsWhileARealServerLoadsWaitsToo() async throws {
        var options = RedisServerOptions()
        options.allowsDebug = true
        options.extraLines = ["key-load-delay 2000", "rdbcompression no"]
        let isSevenOrLater = try RedisServerVersion.of().isSevenOrLater
        if isSevenOrLater { options.extraLines.append("loading-process-events-interval-bytes 1024") }
        try await withRedisServer(options) { server in
            // Older servers look after their clients only every 2 MiB while they load.
            let value = String(repeating: "v", count: isSevenOrLater ? 2000 : 40_000)
            for index in 0..<300 { try server.command("SET", "k\(index)", value) }
            let reload = Task.detached { try server.command("DEBUG", "RELOAD") }
            try await until { (try? server.command("DBSIZE")) == nil }
            try await withClient(server.url) { client in
                let last = try await client.send(RedisCommand("GET", "k299"), timeout: .seconds(20))
                #expect(last.string == value)
            }
            #expect(try await reload.value == "OK")
        }
    }

    /// Some proxies answer HELLO itself by LOADING.
    @Test func scenario13AServerThatLetsNobodyInWhileItLoadsIsDialedInShortSteps() async throws {
        let hellos = Shared(0)
        let times = Shared(3)
        let script: FakeServer.Script = { _, words in
            guard words[0] == "HELLO" else { return .bytes("+OK\r\n") }
            hellos.change { $0 += 1 }
            return .bytes(hellos.value > times.value ? FakeServer.greeting : "-LOADING the data set\r\n")
        }
        try await FakeServer.with(script) { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    // By the usual backoff, even the second attempt would come after more than the deadline.
                    $0.backoff = RedisBackoff(base: .seconds(100), cap: .seconds(100))
                    $0.random = { 1 }
                }
            ) { client in
                let reply = try await client.send(RedisCommand("SET", "k", "v"), timeout: .seconds(30))
                #expect(reply.string == "OK")
                #expect(hellos.value == 4)
            }
            times.change { $0 = .max }
            try await withClient(server.url, change: Self.oneConnection) { client in
                let error = await redisError {
                    try await client.send(RedisCommand("SET", "k", "v"), timeout: .milliseconds(300))
                }
                #expect(error?.serverCode == "LOADING")
                #expect(error?.mayHaveExecuted == false)
            }
        }
    }

    // MARK: Scenarios 14, 24, 25

    @Test func scenario14ReadsOutliveAKilledServerAndWritesSayThatTheyMayHaveBeenExecuted() async throws {
        var options = RedisServerOptions()
        options.keepsData = true
        let lost = Shared(0)
        try await withRedisServer(options) { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.commandTimeout = .seconds(30)
                    $0.silenceLimit = .seconds(100)
                }
            ) { client in
                for index in 0..<50 { _ = try await client.send(RedisCommand("SET", "k\(index)", "v\(index)")) }
                server.pause()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<50 {
                        group.addTask {
                            let reply = try await client.send(RedisCommand("GET", "k\(index)"))
                            #expect(reply.string == "v\(index)")
                        }
                        group.addTask {
                            let error = await redisError { try await client.send(RedisCommand("INCR", "n\(index)")) }
                            // One that had not been written when the server died is written to the next one.
                            guard let error else { return }
                            lost.change { $0 += 1 }
                            #expect(error.code == .connectionLost)
                            #expect(error.mayHaveExecuted)
                        }
                    }
                    try await until { client.commandsInFlight == 100 }
                    try server.restart()
                    try await group.waitForAll()
                }
                #expect(lost.value > 0)
                for index in 0..<50 {
                    let count = try await client.send(RedisCommand("GET", "n\(index)"))
                    #expect(count.isNull || count.int == 1)
                }
            }
        }
    }

    @Test func scenario24ALostReplyOfAWriteIsAnErrorAndNoSecondExecution() async throws {
        let counter = Shared(0)
        let script = FakeServer.greeted { _, words in
            guard words[0] == "INCR" else { return .bytes("+PONG\r\n") }
            counter.change { $0 += 1 }
            return .last("")
        }
        try await FakeServer.with(script) { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                let error = await redisError { try await client.send(RedisCommand("INCR", "n")) }
                #expect(error?.code == .connectionLost)
                #expect(error?.mayHaveExecuted == true)
                try await client.ping()
                #expect(counter.value == 1)
            }
        }
    }

    @Test func scenario25ALostReplyOfAReadIsReadAgain() async throws {
        let script = FakeServer.greeted { connection, _ in
            connection < 2 ? .last("$100\r\nhalf") : .bytes("+whole\r\n")
        }
        try await FakeServer.with(script) { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                let value = try await client.send(RedisCommand("GET", "k"))
                #expect(value == .simple("whole"))
                #expect(server.commands.count == 3)
            }
        }
    }

    @Test func scenario25AnIdempotentWriteIsWrittenAgainAndAReadingPipelineIsSentAgain() async throws {
        let script = FakeServer.greeted { connection, words in
            connection == 0 ? .last("") : connection == 1 && words[0] == "GET" ? .last("+a\r\n") : .bytes("+b\r\n")
        }
        try await FakeServer.with(script) { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                let set = try await client.send(RedisCommand("SET", "k", "v").idempotent())
                #expect(set == .simple("b"))
                let results = try await client.pipeline([RedisCommand("GET", "k"), RedisCommand("GET", "k")])
                #expect(results == [.success(.simple("b")), .success(.simple("b"))])
            }
        }
    }

    // MARK: Scenarios 39, 41, 43

    @Test(arguments: ["OOM command not allowed", "NOPERM no", "WRONGTYPE Operation", "READONLY You can't write"])
    func scenario39WhatIsFinalIsToldAtOnceAndSentOnce(text: String) async throws {
        try await FakeServer.with(Self.refusing(text, times: .max)) { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                let error = await redisError { try await client.send(RedisCommand("SET", "k", "v")) }
                #expect(error?.code == .server)
                #expect(error?.serverCode == text.split(separator: " ").first.map(String.init))
                #expect(error?.mayHaveExecuted == false)
                #expect(server.commands.count == 1)
                try await client.connect()
                #expect(server.connections == 1)
            }
        }
    }

    @Test(arguments: ["MISCONF", "NOREPLICAS", "MASTERDOWN", "BUSY", "TRYAGAIN", "LOADING"])
    func scenario41WhatPassesIsWaitedForAndOnlyUntilTheDeadline(code: String) async throws {
        try await FakeServer.with(Self.refusing("\(code) for now", times: 3)) { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                let reply = try await client.send(RedisCommand("INCR", "n"))
                #expect(reply == .simple("INCR n"))
                #expect(server.commands.count == 4)
            }
        }
        try await FakeServer.with(Self.refusing("\(code) for ever", times: .max)) { server in
            try await withClient(server.url, change: Self.longPauses) { client in
                let error = await redisError {
                    try await client.send(RedisCommand("INCR", "n"), timeout: .milliseconds(500))
                }
                #expect(error?.serverCode == code)
                #expect(error?.mayHaveExecuted == false)
            }
        }
    }

    @Test func scenario41ABusyRealServerIsWaitedFor() async throws {
        var options = RedisServerOptions()
        options.extraLines = ["lua-time-limit 1"]
        try await withRedisServer(options) { server in
            try await withClient(server.url) { client in
                let script = "local n = 0 while n >= 0 do n = n + 1 end return n"
                let endless = Task.detached { try? server.command("EVAL", script, "0") }
                try await until { (try? server.command("DBSIZE")) == nil }
                async let write = client.send(RedisCommand("INCR", "n"))
                try await until { client.commandsInFlight == 0 }
                try server.command("SCRIPT", "KILL")
                #expect(try await write.int == 1)
                _ = await endless.value
            }
        }
    }

    @Test func scenario41ARealServerWithoutItsReplicasIsWaitedFor() async throws {
        var options = RedisServerOptions()
        options.extraLines = ["min-replicas-to-write 1"]
        try await withRedisServer(options) { server in
            try await withClient(server.url, change: Self.longPauses) { client in
                let early = await redisError {
                    try await client.send(RedisCommand("INCR", "n"), timeout: .milliseconds(500))
                }
                #expect(early?.serverCode == "NOREPLICAS")
                #expect(early?.mayHaveExecuted == false)
                async let write = client.send(RedisCommand("INCR", "n"))
                try await until { try server.command("INFO", "commandstats").contains("cmdstat_incr:") }
                try server.command("CONFIG", "SET", "min-replicas-to-write", "0")
                #expect(try await write.int == 1)
            }
        }
    }

    @Test func scenario43AnUnknownScriptIsSentWithItsTextOnce() async throws {
        let script = FakeServer.greeted { _, words in
            .bytes(words[0] == "EVALSHA" ? "-NOSCRIPT No matching script.\r\n" : ":7\r\n")
        }
        try await FakeServer.with(script) { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                let reply = try await client.evaluate(RedisScript("return 7"), keys: ["k"])
                #expect(reply.int == 7)
                #expect(server.commands.map(\.first) == ["EVALSHA", "EVAL"])
            }
        }
    }

    // MARK: Budget and cancellation

    @Test func theBudgetKeepsRepetitionsFromDoublingTheLoad() async throws {
        let script = FakeServer.greeted { _, _ in .last("") }
        try await FakeServer.with(script) { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.retry.reserve = 5
                    $0.commandTimeout = .seconds(30)
                    $0.backoff = RedisBackoff(base: .milliseconds(1), cap: .milliseconds(1))
                    $0.random = { 0 }
                }
            ) { client in
                var lost = 0
                for _ in 0..<50 {
                    let error = await redisError { try await client.send(RedisCommand("GET", "k")) }
                    if error?.mayHaveExecuted == true { lost += 1 }
                }
                #expect(lost == 50)
                // 50 commands, a fifth of that, the reserve, and what of it comes back in half a minute at most.
                #expect(server.commands.count > 50)
                #expect(server.commands.count <= 50 + 10 + 5 + 30)
            }
        }
    }

    @Test func aCallerThatIsCancelledInAPauseGoesAtOnce() async throws {
        try await FakeServer.with(Self.refusing("LOADING for ever", times: .max)) { server in
            try await withClient(server.url, change: { $0.retry.longestPause = .seconds(60) }) { client in
                let task = Task { try await client.send(RedisCommand("GET", "k"), timeout: .seconds(3600)) }
                try await until { server.commands.count >= 2 }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test func nothingIsRepeatedByTheClientThatIsToldSo() async throws {
        try await FakeServer.with(Self.refusing("LOADING for ever", times: .max)) { server in
            try await withClient(server.url, change: { $0.retry = .never }) { client in
                let error = await redisError { try await client.send(RedisCommand("GET", "k")) }
                #expect(error?.serverCode == "LOADING")
                #expect(server.commands.count == 1)
            }
        }
    }

    @Test func whatAPipelineHasBroughtIsNotLostWithItsRepetition() async throws {
        // The first connection answers one of three and ends; every later one ends at once.
        try await FakeServer.with { connection, words in
            if words[0] == "HELLO" { return connection == 0 ? .bytes(FakeServer.greeting) : .last("") }
            guard words[0] == "GET" else { return .bytes("+OK\r\n") }
            return words[1] == "a" ? .bytes("+a\r\n") : .last("")
        } _: { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                let commands = ["a", "b", "c"].map { RedisCommand("GET", $0) }
                let results = try await client.pipeline(commands, timeout: .milliseconds(500))
                #expect(try results.first?.get() == .simple("a"))
                #expect(results.count == 3)
                for result in results.dropFirst() { #expect(throws: RedisError.self) { try result.get() } }
            }
        }
    }
}
