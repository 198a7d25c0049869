import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct Soaks {
    /// `scripts/soak redis` runs it for longer, and prints what it saw.
    @Test(.timeLimit(.minutes(120))) func neverMixRepliesWhateverBreaks() async throws {
        let commands = TestAmount.number("RECUERDE_SOAK_COMMANDS", otherwise: 0)
        let seconds = TestAmount.number("RECUERDE_SOAK_SECONDS", otherwise: 0)
        let isLong = commands > 0 || seconds > 0
        var plan = SoakPlan(time: .seconds(seconds > 0 ? seconds : isLong ? 6000 : 60), faultEvery: .milliseconds(150))
        plan.commands = commands > 0 ? commands : seconds > 0 ? .max : 100_000
        if isLong { plan.faultEvery = .seconds(1) }
        plan.seed = UInt64(TestAmount.number("RECUERDE_SOAK_SEED", otherwise: 1))
        var options = RedisServerOptions()
        options.allowsDebug = true
        try await withRedisServer(options) { server in
            // Event loops and the like are started, and stay.
            try await withClient(server.url) { try await $0.ping() }
            let descriptorsBefore = ProcessUse.openDescriptors
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            let start = ContinuousClock.now
            let (tally, residentBefore) = try await withClient(server.url, change: Self.settings) { direct in
                try await withClient(proxy.url, change: Self.settings) { proxied in
                    let soak = RedisSoak(plan, server: server, proxy: proxy, direct: direct, proxied: proxied)
                    try await soak.prepare()
                    let residentBefore = ProcessUse.residentBytes
                    let tally = await soak.run()
                    proxy.both(.forward)
                    proxy.cut(reset: true)
                    try await until { direct.commandsInFlight == 0 && proxied.commandsInFlight == 0 }
                    return (tally, residentBefore)
                }
            }
            let time = ContinuousClock.now - start
            proxy.close()
            // One that the proxy keeps to be told things by, until it is let go of, and a timer that the runtime opens at the
            // first long wait and keeps. A leak would be one for each of hundreds of connections.
            try await until { ProcessUse.openDescriptors <= descriptorsBefore + 2 }
            let residentAfter = ProcessUse.residentBytes
            if isLong {
                print(
                    tally.table(
                        seconds: time / .seconds(1),
                        descriptors: (descriptorsBefore, ProcessUse.openDescriptors),
                        residentBytes: (residentBefore, residentAfter)
                    )
                )
            }
            #expect(tally.mismatches == 0, "\(tally.firstMismatch ?? "")")
            #expect(tally.otherErrors == 0)
            #expect(
                tally.answered + tally.cancelled + tally.deadlines + tally.lost + tally.otherErrors == tally.commands
            )
            #expect(tally.answered > tally.commands / 2)
            #expect(tally.kills > 0 && tally.cancelled > 0 && tally.deadlines > 0 && tally.lost > 0)
            #expect(residentAfter - residentBefore < 64 << 20)
        }
    }

    private static func settings(_ configuration: inout RedisConfiguration) {
        // The connections are killed more often than a server would do it; the waits are not what is tested.
        configuration.backoff = RedisBackoff(base: .milliseconds(1), cap: .milliseconds(20))
        configuration.silenceLimit = .milliseconds(500)
    }

    @Test func hundredsOfReconnectsLeaveNoDescriptorBehind() async throws {
        let rounds = TestAmount.number("RECUERDE_SOAK_RECONNECTS", otherwise: 300)
        try await withRedisServer { server in
            try await withClient(server.url, change: Self.settings) { client in
                try await client.ping()
                let before = ProcessUse.openDescriptors
                let residentBefore = ProcessUse.residentBytes
                for _ in 0..<rounds {
                    try server.command("CLIENT", "KILL", "TYPE", "normal")
                    try await eventually { try await client.ping() }
                }
                // One for each event loop at most, of which not all may have been open at first.
                try await until { ProcessUse.openDescriptors <= before + client.configuration.maximumConnections }
                #expect(client.commandsInFlight == 0)
                #expect(ProcessUse.residentBytes - residentBefore < 32 << 20)
                let connected = try server.command("INFO", "stats").split(separator: "\r\n")
                    .first { $0.hasPrefix("total_connections_received:") }.flatMap {
                        Int($0.drop { $0 != ":" }.dropFirst())
                    }
                #expect((connected ?? 0) >= rounds)
            }
        }
    }
}
