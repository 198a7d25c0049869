import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct ThroughAFaultProxy {
    private static func oneConnection(_ configuration: inout RedisConfiguration) {
        configuration.maximumConnections = 1
        configuration.backoff = RedisBackoff(base: .milliseconds(1), cap: .milliseconds(20))
    }

    private func withProxy<Result>(
        change: (inout RedisConfiguration) -> Void = { _ in },
        onStateChange: (@Sendable (RedisClientState) -> Void)? = nil,
        _ body: (RedisServerProcess, FaultProxy, RedisClient) async throws -> Result
    ) async throws -> Result {
        try await withRedisServer { server in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            return try await withClient(
                proxy.url,
                change: {
                    Self.oneConnection(&$0)
                    // What a fault does to a command is to be seen, and not what a repetition makes of it.
                    $0.retry = .never
                    change(&$0)
                },
                onStateChange: onStateChange
            ) { try await body(server, proxy, $0) }
        }
    }

    /// A reply of about 300 bytes with values of many kinds in it.
    private static let mixed = RedisScript(
        """
        redis.setresp(3)
        redis.call('HSET', 'h', 'field', 'value')
        redis.call('SADD', 's', 'a', 'b')
        return {1, -7, 'text\\r\\nwith lines', string.rep('x', 150), {}, {{'deep', {2, 3}}}, redis.call('HGETALL', 'h'),
            redis.call('SMEMBERS', 's'), {double = 1.5}, {big_number = '3492890328409238509324850943850943825024385'},
            false, true, {err = 'ERR inside'}, {ok = 'fine'}, {verbatim_string = {format = 'txt', string = 'some'}}}
        """
    )

    @Test func repliesThatDripInByteByByteAreReadLikeWholeOnes() async throws {
        try await withProxy { _, proxy, client in
            let whole = try await client.evaluate(Self.mixed, keys: [])
            #expect(whole.elements?.count == 15)
            proxy.toClients(.drip(every: .microseconds(500)))
            let dripped = try await client.evaluate(Self.mixed, keys: [], timeout: .seconds(60))
            #expect(dripped == whole)
            proxy.toClients(.throttle(bytesPerSecond: 10_000))
            let throttled = try await client.evaluate(Self.mixed, keys: [], timeout: .seconds(60))
            #expect(throttled == whole)
            #expect(proxy.accepted == 1)
        }
    }

    @Test(arguments: [true, false]) func aConnectionCutInTheMiddleOfAValueDeliversNothingOfIt(reset: Bool) async throws
    {
        try await withProxy { server, proxy, client in
            let value = String(repeating: "v", count: 1000)
            _ = try await client.send(RedisCommand("SET", "k", value))
            for bytes in [1, 5, 6, 7, 500, 1006, 1007, 1008, 2013, 2500] {
                proxy.toClients(.cut(afterBytes: bytes, reset: reset))
                let results = try await client.pipeline((0..<5).map { _ in RedisCommand("GET", "k") })
                for (index, result) in results.enumerated() {
                    switch result {
                    case .success(let reply):
                        #expect(reply.string == value)
                        // A whole reply takes 1009 bytes: what it gives back has come.
                        #expect((index + 1) * 1009 <= bytes)
                    case .failure(let error):
                        #expect(error.code == .connectionLost)
                        #expect(error.mayHaveExecuted)
                    }
                }
                if !reset { #expect(results.count { (try? $0.get()) != nil } == bytes / 1009) }
                proxy.toClients(.forward)
                try await eventually { try await client.ping() }
            }
            #expect(try server.command("GET", "k") == value)
        }
    }

    @Test(arguments: [true, false])
    func anIdleConnectionThatEndsIsNotNoticedByTheNextCommand(reset: Bool) async throws {
        let lost = Shared(0)
        try await withProxy(onStateChange: { state in if state.status == .lost { lost.change { $0 += 1 } } }) {
            _,
            proxy,
            client in
            for round in 1...20 {
                try await client.ping()
                proxy.cut(reset: reset)
                try await until { lost.value == round }
                // It had not been written, so that there is nothing to report.
                let reply = try await client.send(RedisCommand("ECHO", round))
                #expect(reply.int == round)
            }
        }
    }

    @Test func anAcceptedAndClosedConnectionIsNamedAndLeftBehind() async throws {
        try await withProxy { _, proxy, client in
            proxy.accept(.close)
            let error = await redisError { try await client.connect() }
            #expect(error?.code == .connectFailed)
            #expect(error?.message.contains("closed") == true || error?.message.contains("reset") == true)
            try await until { proxy.accepted > 5 }
            proxy.accept(.reset)
            let reset = await redisError { try await client.connect() }
            #expect(reset?.code == .connectFailed)
            proxy.accept(.forward)
            try await eventually { try await client.ping() }
        }
    }

    @Test func whatIsHeldOnItsWayComesLateAndToNobodyElse() async throws {
        try await withProxy(change: { $0.silenceLimit = .seconds(100) }) { _, proxy, client in
            try await client.ping()
            proxy.toClients(.stop)
            for index in 0..<10 {
                let error = await redisError {
                    try await client.send(RedisCommand("ECHO", "late \(index)"), timeout: .milliseconds(10))
                }
                #expect(error?.code == .deadlineExceeded)
            }
            proxy.toClients(.delay(.milliseconds(20)))
            for index in 0..<10 {
                let reply = try await client.send(RedisCommand("ECHO", "new \(index)"))
                #expect(reply.string == "new \(index)")
            }
            #expect(client.commandsInFlight == 0)
            #expect(proxy.accepted == 1)
        }
    }

    /// The server executes and answers; the answer is lost with the connection.
    @Test func scenario24AnAnswerThatIsLostOnItsWayMakesNoSecondIncrement() async throws {
        try await withProxy(change: { $0.retry = RedisRetryPolicy() }) { server, proxy, client in
            for round in 1...5 {
                try await client.ping()
                proxy.toClients(.stop)
                async let outcome = redisError { try await client.send(RedisCommand("INCR", "n")) }
                try await until { try server.command("GET", "n") == "\(round)" }
                proxy.cut(reset: true)
                proxy.toClients(.forward)
                let error = await outcome
                #expect(error?.code == .connectionLost)
                #expect(error?.mayHaveExecuted == true)
            }
            try await client.ping()
            #expect(try server.command("GET", "n") == "5")
        }
    }

    @Test func scenario25AReadWhoseAnswerIsLostOnItsWayIsReadAgain() async throws {
        try await withProxy(change: { $0.retry = RedisRetryPolicy() }) { server, proxy, client in
            try server.command("SET", "k", "value")
            for _ in 1...5 {
                try await client.ping()
                proxy.toClients(.stop)
                async let length = client.send(RedisCommand("STRLEN", "k"))
                try await until { try server.command("CLIENT", "LIST").contains("cmd=strlen") }
                proxy.cut(reset: true)
                proxy.toClients(.forward)
                let reply = try await length
                #expect(reply.int == 5)
            }
        }
    }

    @Test func aProxyThatEndsLeavesNoDescriptorBehind() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { try await $0.ping() }
            let before = ProcessUse.openDescriptors
            for round in 0..<20 {
                let proxy = try FaultProxy(to: server.port)
                try await withClient(proxy.url, change: Self.oneConnection) { try await $0.ping() }
                // Every other one is only let go of.
                if round.isMultiple(of: 2) {
                    proxy.close()
                    proxy.both(.forward)
                }
            }
            try await until { ProcessUse.openDescriptors <= before }
        }
    }
}
