import Foundation
import RecuerdeTesting

/// What a director does things to: Redis, proxies before it, and the processes that use it.
final class Stage {
    /// A process that was started, and when it was there.
    struct Life {
        /// Which of the nodes that run at a time it is.
        var place: Int
        var start: Int64
        /// Never, while it runs.
        var end = Int64.max
    }

    let server: RedisServerProcess
    let proxies: [FaultProxy]
    let start: Int64
    let end: Int64
    private let part: Part
    private let flaw: Flaw?
    private let nodes: Int
    private var random: SplitMix
    private var children: [ChildProcess?]
    /// By the numbers of processes less one.
    private(set) var lives: [Life] = []
    private(set) var disturbances: [Disturbance] = []
    /// The last words of nodes that ended by themselves.
    private(set) var unexpectedDeaths: [String] = []

    /// - Parameter proxied: So many of the nodes, the last ones, reach Redis through a proxy each.
    init(_ part: Part, nodes: Int, proxied: Int, length: Int64, seed: UInt64, flaw: Flaw?) throws {
        var options = RedisServerOptions()
        options.keepsData = true
        // What was answered has been handed to the kernel, which outlives the process; waiting for the disk would only be slow.
        options.extraLines = ["appendfsync no", "auto-aof-rewrite-percentage 0"]
        options.allowsDebug = true
        server = try RedisServerProcess(options)
        let port = server.port
        proxies = try (0..<proxied).map { _ in try FaultProxy(to: port) }
        self.part = part
        self.flaw = flaw
        self.nodes = nodes
        random = SplitMix(state: seed ^ 0x57A6E)
        children = Array(repeating: nil, count: nodes)
        start = nanoseconds() + milliseconds(500)
        end = start + length
    }

    /// The files of all records.
    var records: [String] { lives.indices.map { path($0 + 1) } }

    private func path(_ number: Int) -> String { server.directory + "/records-\(number)" }

    /// The proxy of a place; nil for one that has none.
    func proxy(of place: Int) -> FaultProxy? {
        let index = place - (nodes - proxies.count)
        return index >= 0 ? proxies[index] : nil
    }

    func place(of number: UInt16) -> Int { lives[Int(number) - 1].place }

    // MARK: Nodes

    func startNodes() throws {
        for place in 0..<nodes { try startNode(place) }
    }

    func startNode(_ place: Int) throws {
        let number = lives.count + 1
        let words = [
            "node", "--part", part.rawValue, "--number", "\(number)", "--place", "\(place)", "--start", "\(start)",
            "--end", "\(end)", "--seed", "\(random.next() >> 1)", "--records", path(number), "--url",
            proxy(of: place)?.url ?? server.url, "--flaw", flaw?.rawValue ?? "",
        ]
        lives.append(Life(place: place, start: nanoseconds()))
        children[place] = try ChildProcess(
            CommandLine.arguments[0],
            arguments: words,
            log: server.directory + "/node-\(number).log",
            directory: server.directory
        )
    }

    /// Ends a node as a power failure would.
    func killNode(_ place: Int) {
        noteDeath(place)
        children[place]?.end()
        children[place] = nil
        noteEnd(place)
    }

    func signal(_ place: Int, _ number: CInt) { children[place]?.signal(number) }

    func noteDeaths() {
        for place in children.indices { noteDeath(place) }
    }

    private func noteDeath(_ place: Int) {
        guard let child = children[place], !child.isRunning else { return }
        let number = (lives.lastIndex { $0.place == place } ?? 0) + 1
        let log = (try? String(contentsOfFile: server.directory + "/node-\(number).log", encoding: .utf8)) ?? ""
        unexpectedDeaths.append("process \(number): \(log.split(separator: "\n").suffix(3).joined(separator: " | "))")
        children[place] = nil
        noteEnd(place)
    }

    private func noteEnd(_ place: Int) {
        if let index = lives.lastIndex(where: { $0.place == place }) {
            lives[index].end = min(lives[index].end, nanoseconds())
        }
    }

    /// Waits until each has ended by itself, which it does when it has written what it knows.
    func finish() {
        Self.pause(until: end)
        for _ in 0..<500 where children.contains(where: { $0?.isRunning == true }) { usleep(10_000) }
    }

    func stop() {
        for child in children { child?.end() }
        for proxy in proxies { proxy.close() }
    }

    // MARK: Time

    static func pause(until instant: Int64) {
        let left = instant - nanoseconds()
        if left > 0 { usleep(UInt32(left / 1_000)) }
    }

    /// Does something, and notes for how long it disturbed whom.
    func disturbing(_ kind: Disturbance.Kind, _ place: Int? = nil, _ body: () throws -> Void) rethrows {
        let start = nanoseconds()
        try body()
        disturbances.append(Disturbance(kind: kind, place: place, start: start, end: nanoseconds()))
    }

    /// What disturbed a place.
    func disturbances(of place: Int) -> [Disturbance] {
        disturbances.filter { $0.place == nil || $0.place == place }
    }
}
