import Foundation
import RecuerdeTesting

/// Starts Redis, the proxies and the nodes, and does to them what its seed says.
final class Director {
    let server: RedisServerProcess
    private let proxies: [FaultProxy]
    private var random: SplitMix
    /// Faults that are still to come, before the next round of all of them.
    private var deck: [Fault] = []
    private let flaw: Flaw?
    let start: Int64
    private let end: Int64

    private var children: [ChildProcess?] = Array(repeating: nil, count: Plan.nodes)
    /// The place of each process that was ever started, by its number less one.
    private(set) var places: [Int] = []
    private(set) var disturbances: [Disturbance] = []
    private(set) var counts: [Fault: Int] = [:]
    /// The last words of nodes that ended by themselves.
    private(set) var unexpectedDeaths: [String] = []
    /// When tombstones may have been evicted.
    private(set) var floods: [Range<Int64>] = []
    private var lastOutage = Int64.min / 2

    init(cycles: Int, seed: UInt64, flaw: Flaw?) throws {
        var options = RedisServerOptions()
        options.keepsData = true
        // What was answered has been handed to the kernel, which outlives the process; waiting for the disk would only be slow.
        options.extraLines = ["appendfsync no", "auto-aof-rewrite-percentage 0"]
        options.allowsDebug = true
        server = try RedisServerProcess(options)
        let port = server.port
        proxies = try (0..<Plan.proxied).map { _ in try FaultProxy(to: port) }
        random = SplitMix(state: seed)
        self.flaw = flaw
        // What can show a flaw comes first, so that one cycle is enough to prove the judge.
        deck = (flaw?.shownBy ?? []).shuffled(using: &random)
        start = nanoseconds() + milliseconds(500)
        end = start + Int64(cycles) * Plan.cycle
    }

    /// The files of all records.
    var records: [String] { places.indices.map { path($0 + 1) } }

    private func path(_ number: Int) -> String { server.directory + "/records-\(number)" }

    func run() throws {
        defer { stop() }
        for place in 0..<Plan.nodes { try startNode(place) }
        var cycle = start
        while cycle < end {
            Self.pause(until: cycle + milliseconds(2_000))
            while nanoseconds() < cycle + Plan.faultsEnd {
                try apply(next())
                Self.pause(
                    until: nanoseconds() + Int64.random(in: milliseconds(100)..<milliseconds(1_200), using: &random)
                )
            }
            for place in children.indices { noteDeath(place) }
            cycle += Plan.cycle
        }
        Self.pause(until: end)
        // Each ends by itself, when it has written what it knows.
        for _ in 0..<500 where children.contains(where: { $0?.isRunning == true }) { usleep(10_000) }
    }

    private func stop() {
        for child in children { child?.end() }
        for proxy in proxies { proxy.close() }
    }

    private func noteDeath(_ place: Int) {
        guard let child = children[place], !child.isRunning else { return }
        let number = (places.lastIndex(of: place) ?? 0) + 1
        let log = (try? String(contentsOfFile: server.directory + "/node-\(number).log", encoding: .utf8)) ?? ""
        unexpectedDeaths.append("process \(number): \(log.split(separator: "\n").suffix(3).joined(separator: " | "))")
        children[place] = nil
    }

    /// All in turn, each round in another order. Data is not lost too soon after an outage; see `Fault.losesData`.
    private func next() -> Fault {
        let isSoon = nanoseconds() < lastOutage + milliseconds(4_000)
        if !deck.contains(where: { !isSoon || !$0.losesData }) { deck += Fault.allCases.shuffled(using: &random) }
        let index = deck.firstIndex { !isSoon || !$0.losesData } ?? 0
        return deck.remove(at: index)
    }

    private static func pause(until instant: Int64) {
        let left = instant - nanoseconds()
        if left > 0 { usleep(UInt32(left / 1_000)) }
    }

    private func hold(_ least: Int, _ most: Int) {
        Self.pause(until: nanoseconds() + Int64.random(in: milliseconds(least)..<milliseconds(most), using: &random))
    }

    private func startNode(_ place: Int) throws {
        let number = places.count + 1
        let proxy = place - (Plan.nodes - Plan.proxied)
        let words = [
            "node", "--number", "\(number)", "--place", "\(place)", "--start", "\(start)", "--end", "\(end)", "--seed",
            "\(random.next() >> 1)", "--records", path(number), "--url", proxy >= 0 ? proxies[proxy].url : server.url,
            "--flaw", flaw?.rawValue ?? "",
        ]
        children[place] = try ChildProcess(
            CommandLine.arguments[0],
            arguments: words,
            log: server.directory + "/node-\(number).log",
            directory: server.directory
        )
        places.append(place)
    }

    /// Does something, and notes for how long it disturbed whom.
    private func disturbing(_ kind: Disturbance.Kind, _ place: Int? = nil, _ body: () throws -> Void) rethrows {
        let start = nanoseconds()
        try body()
        disturbances.append(Disturbance(kind: kind, place: place, start: start, end: nanoseconds()))
        if kind == .detached { lastOutage = nanoseconds() }
    }

    private func apply(_ fault: Fault) throws {
        counts[fault, default: 0] += 1
        let far = Int.random(in: (Plan.nodes - Plan.proxied)..<Plan.nodes, using: &random)
        let any = Int.random(in: 0..<Plan.nodes, using: &random)
        let proxy = proxies[far - (Plan.nodes - Plan.proxied)]
        switch fault {
        case .killNode:
            noteDeath(any)
            children[any]?.end()
            hold(100, 1_500)
            try startNode(any)
        case .killRedis, .forgetfulRedis:
            try disturbing(.detached) {
                server.kill()
                if fault == .forgetfulRedis {
                    try? FileManager.default.removeItem(atPath: server.directory + "/appendonlydir")
                    try? FileManager.default.removeItem(atPath: server.directory + "/appendonly.aof")
                }
                hold(200, 3_000)
                try server.restart()
            }
        case .stopNode: stopNode(any)
        case .stopAndKill:
            try disturbing(.stopped, any) {
                children[any]?.signal(SIGSTOP)
                hold(200, 2_500)
                // Its lines are gone when it goes on, and the time of all that was under way is over.
                try disturbing(.gap) { _ = try server.command("CLIENT", "KILL", "TYPE", "normal") }
                hold(200, 2_000)
                children[any]?.signal(SIGCONT)
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
        case .flushall: try disturbing(.gap) { _ = try server.command("FLUSHALL") }
        case .killClients: try disturbing(.gap) { _ = try server.command("CLIENT", "KILL", "TYPE", "normal") }
        case .killTracking: try killOneThatTracks()
        case .flood: try flood()
        case .partitionAndFlush:
            try disturbing(.detached, far) {
                try between(proxy) {
                    hold(300, 2_000)
                    _ = try server.command("FLUSHALL")
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
            children[place]?.signal(SIGSTOP)
            hold(200, 4_500)
            children[place]?.signal(SIGCONT)
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
        defer { floods.append(start..<nanoseconds()) }
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
