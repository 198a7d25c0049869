import Foundation
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct Soaks {
    /// `scripts/soak redis` runs it for longer, and prints what it saw.
    @Test(.timeLimit(.minutes(120)), arguments: SoakMode.allCases)
    func neverMixRepliesWhateverBreaks(mode: SoakMode) async throws {
        guard let (plan, isLong) = Self.plan(mode) else { return }
        var options = RedisServerOptions()
        options.allowsDebug = true
        if mode == .cluster {
            try await withRedisCluster(options: options) { cluster in
                // Event loops and the like are started, and stay.
                try await withClusterClient(cluster.url) { _ = try await $0.send(RedisCommand("PING", key: nil)) }
                try await Self.check(plan, isLong) { body in
                    let change: (inout RedisConfiguration, inout RedisClusterOptions) -> Void = { configuration, _ in
                        Self.settings(&configuration)
                    }
                    try await withClusterClient(cluster.url, change: change) { client in
                        try await RedisSoak.prepare(client)
                        for master in cluster.masters { try master.waitForReplicas(1) }
                        try await body([client], ClusterFaults(cluster: cluster))
                    }
                }
            }
            return
        }
        try await withRedisServer(options) { server in
            try await withClient(server.url) { try await $0.ping() }
            try await Self.check(plan, isLong) { body in
                let proxy = try FaultProxy(to: server.port)
                defer { proxy.close() }
                let told = Shared(0)
                let change: (inout RedisConfiguration) -> Void = { configuration in
                    Self.settings(&configuration)
                    if mode == .renewal { configuration.maximumAge = .milliseconds(100) }
                    guard mode == .tracking else { return }
                    configuration.tracking = RedisTrackingConfiguration(mode: .default(noLoop: true)) { event in
                        if case .invalidated = event { told.change { $0 += 1 } }
                    }
                }
                try await withClient(server.url, change: change) { direct in
                    try await withClient(proxy.url, change: change) { proxied in
                        try await RedisSoak.prepare(direct)
                        let clients = [proxied] + Array(repeating: direct, count: plan.tasksPerProxied - 1)
                        try await body(clients, ServerFaults(server: server, proxy: proxy, seed: plan.seed))
                        proxy.both(.forward)
                        proxy.cut(reset: true)
                        try await until { direct.commandsInFlight == 0 && proxied.commandsInFlight == 0 }
                        if mode == .renewal { #expect(direct.figures.connectionsOpened > 10) }
                    }
                }
                #expect((told.value > 0) == (mode == .tracking))
            }
        }
    }

    /// Nil if this mode is not asked for.
    private static func plan(_ mode: SoakMode) -> (SoakPlan, isLong: Bool)? {
        let wanted = ProcessInfo.processInfo.environment["RECUERDE_SOAK_MODE"]
        guard wanted == nil || wanted == mode.rawValue else { return nil }
        let commands = TestAmount.number("RECUERDE_SOAK_COMMANDS", otherwise: 0)
        let seconds = TestAmount.number("RECUERDE_SOAK_SECONDS", otherwise: 0)
        let isLong = commands > 0 || seconds > 0
        var plan = SoakPlan(
            mode: mode,
            time: .seconds(seconds > 0 ? seconds : isLong ? 6000 : 60),
            faultEvery: isLong ? .seconds(1) : .milliseconds(150)
        )
        plan.commands = commands > 0 ? commands : seconds > 0 ? .max : mode == .plain ? 100_000 : 30_000
        plan.seed = UInt64(TestAmount.number("RECUERDE_SOAK_SEED", otherwise: 1))
        return (plan, isLong)
    }

    private typealias Body = ([any RedisExecutor], any SoakFaults) async throws -> Void

    /// Runs a soak with the clients that are made for it, and holds what it saw, and what was left behind, against what may be.
    private static func check(
        _ plan: SoakPlan,
        _ isLong: Bool,
        _ withClients: (_ body: Body) async throws -> Void
    ) async throws {
        let descriptorsBefore = ProcessUse.openDescriptors
        var residentBefore = 0
        var tally = SoakTally()
        let start = ContinuousClock.now
        try await withClients { clients, faults in
            residentBefore = ProcessUse.residentBytes
            tally = await RedisSoak(plan, clients: clients, faults: faults).run()
            // Said before anything else can end the test: a place that is not given back may be of a reply that went astray.
            #expect(tally.mismatches == 0, "\(tally.firstMismatch ?? "")")
        }
        let time = ContinuousClock.now - start
        // One that the proxy keeps to be told things by, until it is let go of, and a timer that the runtime opens at the
        // first long wait and keeps. A leak would be one for each of hundreds of connections.
        try await until { ProcessUse.openDescriptors <= descriptorsBefore + 2 }
        let residentAfter = ProcessUse.residentBytes
        if isLong {
            print(
                tally.table(
                    mode: plan.mode,
                    seconds: time / .seconds(1),
                    descriptors: (descriptorsBefore, ProcessUse.openDescriptors),
                    residentBytes: (residentBefore, residentAfter)
                )
            )
        }
        #expect(tally.otherErrors == 0, "\(tally.firstError ?? "")")
        let ended = tally.answered + tally.cancelled + tally.deadlines + tally.lost + tally.refused + tally.otherErrors
        #expect(ended == tally.commands)
        #expect(tally.answered > tally.commands / 2)
        #expect(tally.kills > 0 && tally.cancelled > 0 && tally.deadlines > 0)
        // What reads is read again elsewhere in a cluster, so that little is lost there.
        if plan.mode != .cluster { #expect(tally.lost > 0) }
        #expect(residentAfter - residentBefore < 64 << 20)
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
