import Foundation
import RecuerdeTesting

/// Does to nodes and to Redis what its seed says.
final class Director {
    let stage: Stage
    private var server: RedisServerProcess { stage.server }
    private var random: SplitMix
    /// Faults that are still to come, before the next round of all of them.
    private var deck: [Fault] = []
    private(set) var counts: [Fault: Int] = [:]
    /// When tombstones may have been evicted.
    private(set) var floods: [Range<Int64>] = []
    /// When all data was lost, or may have been.
    private(set) var losses: [Range<Int64>] = []
    private var lastOutage = Int64.min / 2

    init(cycles: Int, seed: UInt64, flaw: Flaw?) throws {
        stage = try Stage(
            .values,
            nodes: Plan.nodes,
            proxied: Plan.proxied,
            length: Int64(cycles) * Plan.cycle,
            seed: seed,
            flaw: flaw
        )
        random = SplitMix(state: seed)
        // What can show a flaw comes first, so that one cycle is enough to prove the judge.
        deck = (flaw?.shownBy ?? []).shuffled(using: &random)
    }

    func run() throws {
        defer { stage.stop() }
        try stage.startNodes()
        var cycle = stage.start
        while cycle < stage.end {
            Stage.pause(until: cycle + milliseconds(2_000))
            while nanoseconds() < cycle + Plan.faultsEnd {
                try apply(next())
                Stage.pause(
                    until: nanoseconds() + Int64.random(in: milliseconds(100)..<milliseconds(1_200), using: &random)
                )
            }
            stage.noteDeaths()
            cycle += Plan.cycle
        }
        stage.finish()
    }

    /// All in turn, each round in another order. Data is not lost too soon after an outage; see `Fault.losesData`.
    private func next() -> Fault {
        let isSoon = nanoseconds() < lastOutage + milliseconds(4_000)
        if !deck.contains(where: { !isSoon || !$0.losesData }) { deck += Fault.allCases.shuffled(using: &random) }
        let index = deck.firstIndex { !isSoon || !$0.losesData } ?? 0
        return deck.remove(at: index)
    }

    private func hold(_ least: Int, _ most: Int) {
        Stage.pause(until: nanoseconds() + Int64.random(in: milliseconds(least)..<milliseconds(most), using: &random))
    }

    private func disturbing(_ kind: Disturbance.Kind, _ place: Int? = nil, _ body: () throws -> Void) rethrows {
        try stage.disturbing(kind, place, body)
        if kind == .detached { lastOutage = nanoseconds() }
    }

    private func losing(_ body: () throws -> Void) rethrows {
        let start = nanoseconds()
        defer { losses.append(start..<nanoseconds()) }
        try body()
    }

    private func apply(_ fault: Fault) throws {
        counts[fault, default: 0] += 1
        let far = Int.random(in: (Plan.nodes - Plan.proxied)..<Plan.nodes, using: &random)
        let any = Int.random(in: 0..<Plan.nodes, using: &random)
        guard let proxy = stage.proxy(of: far) else { return }
        switch fault {
        case .killNode:
            stage.killNode(any)
            hold(100, 1_500)
            try stage.startNode(any)
        case .killRedis, .forgetfulRedis:
            try disturbing(.detached) {
                let start = nanoseconds()
                server.kill()
                if fault == .forgetfulRedis {
                    defer { losses.append(start..<nanoseconds()) }
                    try? FileManager.default.removeItem(atPath: server.directory + "/appendonlydir")
                    try? FileManager.default.removeItem(atPath: server.directory + "/appendonly.aof")
                }
                hold(200, 3_000)
                try server.restart()
            }
        case .stopNode: stopNode(any)
        case .stopAndKill:
            try disturbing(.stopped, any) {
                stage.signal(any, SIGSTOP)
                hold(200, 2_500)
                // Its lines are gone when it goes on, and the time of all that was under way is over.
                try disturbing(.gap) { _ = try server.command("CLIENT", "KILL", "TYPE", "normal") }
                hold(200, 2_000)
                stage.signal(any, SIGCONT)
            }
        case .stopRedis:
            disturbing(.detached) {
                server.pause()
                hold(100, 3_000)
                server.resume()
            }
        case .partition: disturbing(.detached, far) { between(proxy) { hold(200, 4_000) } }
        case .deafness:
            disturbing(.detached, far) {
                proxy.toClients(.stop)
                hold(200, 4_000)
                proxy.toClients(.forward)
            }
        case .muteness:
            disturbing(.detached, far) {
                proxy.toServer(.stop)
                hold(200, 4_000)
                proxy.toServer(.forward)
            }
        case .cut: disturbing(.gap, far) { proxy.cut(reset: random.one(in: 2)) }
        case .sleep:
            let time = Double.random(in: 0.2..<1.5, using: &random)
            try disturbing(.detached) { _ = try server.command("DEBUG", "SLEEP", "\(time)") }
        case .flushall: try disturbing(.gap) { try losing { _ = try server.command("FLUSHALL") } }
        case .killClients: try disturbing(.gap) { _ = try server.command("CLIENT", "KILL", "TYPE", "normal") }
        case .killTracking: try killOneThatTracks()
        case .flood: try flood()
        case .partitionAndFlush:
            try disturbing(.detached, far) {
                try between(proxy) {
                    hold(300, 2_000)
                    try losing { _ = try server.command("FLUSHALL") }
                    hold(300, 2_000)
                }
            }
        case .partitionAndStop:
            disturbing(.detached, far) {
                between(proxy) {
                    hold(200, 1_000)
                    stopNode((far + 1) % Plan.nodes)
                }
            }
        }
    }

    private func between(_ proxy: FaultProxy, _ body: () throws -> Void) rethrows {
        proxy.both(.stop)
        defer {
            proxy.both(.forward)
            // After a long time without a word, connections are gone as often as not.
            if random.one(in: 2) { proxy.cut(reset: true) }
        }
        try body()
    }

    private func stopNode(_ place: Int) {
        disturbing(.stopped, place) {
            stage.signal(place, SIGSTOP)
            hold(200, 4_500)
            stage.signal(place, SIGCONT)
        }
    }

    private func killOneThatTracks() throws {
        let lines = try server.command("CLIENT", "LIST").split(separator: "\n")
        let tracking = lines.filter { line in
            line.split(separator: " ").contains { $0.hasPrefix("flags=") && $0.contains("t") }
        }
        guard let line = tracking.randomElement(using: &random),
            let id = line.split(separator: " ").first(where: { $0.hasPrefix("id=") })?.dropFirst(3)
        else { return }
        try disturbing(.gap) { _ = try server.command("CLIENT", "KILL", "ID", String(id)) }
    }

    /// Far more than there is room for: all that the nodes keep there goes, tombstones and tokens too.
    private func flood() throws {
        let numbers = 0..<120
        let start = nanoseconds()
        defer {
            floods.append(start..<nanoseconds())
            losses.append(start..<nanoseconds())
        }
        try disturbing(.detached) {
            let used =
                try server.command("INFO", "memory").split(whereSeparator: \.isNewline)
                .first { $0.hasPrefix("used_memory:") }.flatMap { Int($0.dropFirst(12)) } ?? 16 << 20
            _ = try server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            _ = try server.command("CONFIG", "SET", "maxmemory", "\(used + (1 << 20))")
            let value = String(repeating: "x", count: 100_000)
            // One that finds no room even so is as good as one that does.
            for number in numbers { _ = try? server.command("SET", "flood:\(number)", value) }
            _ = try server.command("CONFIG", "SET", "maxmemory", "0")
            _ = try server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
            _ = try server.command(["UNLINK"] + numbers.map { "flood:\($0)" })
        }
    }
}
