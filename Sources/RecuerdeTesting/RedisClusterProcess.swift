import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A real cluster of `redis-server` processes on free ports of the loopback interface.
///
/// The masters come first among the nodes, then their replicas in the same order. Starting blocks the calling thread for
/// about three seconds: a new master waits two before it serves. All processes end as those of `RedisServerProcess` do.
public final class RedisClusterProcess: Sendable {
    /// Masters, then replicas, as they were at the start.
    public let nodes: [RedisServerProcess]
    /// How many of the nodes were masters at the start.
    public let masterCount: Int
    private let password: String?
    private let tls: Bool

    /// Starts a cluster and waits until all of its nodes agree on it.
    ///
    /// - Parameters:
    ///   - masters: how many masters share the slots evenly; at least three for a failover.
    ///   - replicas: how many replicas each of them has.
    ///   - options: for each node; `extraLines` are added to. With TLS, the nodes use it among themselves too.
    /// - Throws: `TestingError` if a node does not come up or the cluster is not formed in time.
    public init(masters: Int = 3, replicas: Int = 1, options: RedisServerOptions = RedisServerOptions()) throws {
        var nodes: [RedisServerProcess] = []
        for _ in 0..<(masters * (1 + replicas)) { nodes.append(try Self.startNode(options)) }
        self.nodes = nodes
        masterCount = masters
        password = options.password
        tls = options.tls != nil
        try form()
    }

    deinit { stop() }

    /// `redis+cluster://`, or `rediss+cluster://` with TLS, with the password, if there is one, and all nodes as seeds.
    public var url: String { url(seeds: nodes.map(\.clientPort)) }

    /// The same with the given ports of this machine as seeds.
    public func url(seeds: [Int]) -> String {
        url(seeds: seeds, credentials: password.map { ":\($0)" })
    }

    /// The same with other credentials, as `user:password`; nil: none.
    public func url(seeds: [Int]? = nil, credentials: String?) -> String {
        let hosts = (seeds ?? nodes.map(\.clientPort)).map { "127.0.0.1:\($0)" }
        return
            "\(tls ? "rediss" : "redis")+cluster://\(credentials.map { $0 + "@" } ?? "")\(hosts.joined(separator: ","))"
    }

    /// The masters as they were at the start.
    public var masters: [RedisServerProcess] { Array(nodes.prefix(masterCount)) }

    /// The first replica that a master had at the start.
    public func replica(of master: Int) -> RedisServerProcess { nodes[masterCount + master] }

    /// Ends all nodes and removes their directories.
    public func stop() {
        for node in nodes { node.stop() }
    }

    // MARK: Slots

    /// Opens a slot for its move: the one node sends clients on for keys that it no longer has, the other takes them.
    public func beginMove(slot: Int, from: RedisServerProcess, to: RedisServerProcess) throws {
        let ids = (try from.command("CLUSTER", "MYID"), try to.command("CLUSTER", "MYID"))
        try to.command("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", ids.0)
        try from.command("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", ids.1)
    }

    /// Moves at most so many keys of a slot. Returns how many.
    @discardableResult
    public func moveKeys(
        slot: Int,
        from: RedisServerProcess,
        to: RedisServerProcess,
        atMost count: Int = 100
    ) throws -> Int {
        let keys = try from.command("CLUSTER", "GETKEYSINSLOT", "\(slot)", "\(count)").split(separator: "\n").map(
            String.init
        )
        guard !keys.isEmpty else { return 0 }
        // Nodes with TLS also move keys over it.
        var words = ["MIGRATE", "127.0.0.1", "\(to.clientPort)", "", "0", "5000"]
        if let password { words += ["AUTH", password] }
        try from.command(words + ["KEYS"] + keys)
        return keys.count
    }

    /// Tells all nodes that started as masters whose the slot is.
    public func endMove(slot: Int, to: RedisServerProcess) throws {
        let id = try to.command("CLUSTER", "MYID")
        // The new owner first: it makes the change known under a new epoch.
        for node in [to] + masters.filter({ $0 !== to }) {
            try node.command("CLUSTER", "SETSLOT", "\(slot)", "NODE", id)
        }
        // Replicas hear of it by and by, and a client may ask any of them. One that is down has nothing to say.
        try wait("all nodes know whose slot \(slot) is") {
            nodes.allSatisfy { node in (try? owner(of: slot, seenBy: node)).map { $0 == id } ?? true }
        }
    }

    /// The identifier of the node that a slot belongs to, as far as `node` knows; empty for none.
    private func owner(of slot: Int, seenBy node: RedisServerProcess) throws -> Substring {
        for line in try lines(node) {
            let fields = line.split(separator: " ")
            let holds = fields.dropFirst(8).contains { range in
                let ends = range.split(separator: "-").compactMap { Int($0) }
                guard let low = ends.first, let high = ends.last else { return false }
                return low <= slot && slot <= high
            }
            if holds { return fields[0] }
        }
        return ""
    }

    /// Moves a slot with all its keys from one master to another.
    public func move(slot: Int, from: RedisServerProcess, to: RedisServerProcess) throws {
        try beginMove(slot: slot, from: from, to: to)
        while try moveKeys(slot: slot, from: from, to: to) > 0 {}
        try endMove(slot: slot, to: to)
    }

    // MARK: Forming

    private static func startNode(_ options: RedisServerOptions) throws -> RedisServerProcess {
        let isSevenOrLater = try RedisServerVersion.of(executable: options.executable).isSevenOrLater
        var failure: any Error = TestingError("not tried")
        // As with the port for clients, somebody else may take the one for the cluster's own talk.
        for _ in 0..<5 {
            do {
                var options = options
                options.extraLines += [
                    "cluster-enabled yes", "cluster-config-file nodes.conf", "cluster-node-timeout 1000",
                    "repl-diskless-sync-delay 0", "cluster-replica-validity-factor 0",
                ]
                // Older servers talk among themselves on the port for clients plus 10 000, whether there is one or not.
                if isSevenOrLater { options.extraLines.append("cluster-port \(try LoopbackSocket.freePort())") }
                options.extraLines += options.replicationLines
                if options.tls != nil { options.extraLines.append("tls-cluster yes") }
                return try RedisServerProcess(options)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func form() throws {
        let isSevenOrLater = try nodes.allSatisfy { try $0.version.isSevenOrLater }
        let share = 16384 / masterCount
        for (index, node) in nodes.enumerated() {
            try node.command("CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)")
            guard index < masterCount else { continue }
            let last = index == masterCount - 1 ? 16383 : (index + 1) * share - 1
            if isSevenOrLater {
                try node.command("CLUSTER", "ADDSLOTSRANGE", "\(index * share)", "\(last)")
            } else {
                try node.command(["CLUSTER", "ADDSLOTS"] + (index * share...last).map { "\($0)" })
            }
        }
        let busPorts = try nodes.map {
            isSevenOrLater
                ? try $0.command("CONFIG", "GET", "cluster-port").split(separator: "\n").last ?? ""
                : "\($0.clientPort + 10_000)"
        }
        for node in nodes {
            for (other, busPort) in zip(nodes, busPorts) where other !== node {
                try node.command("CLUSTER", "MEET", "127.0.0.1", "\(other.clientPort)", String(busPort))
            }
        }
        try wait("all nodes know each other") {
            try self.nodes.allSatisfy { try self.lines($0).count == self.nodes.count }
        }
        for (index, node) in nodes.enumerated() where index >= masterCount {
            let id = try nodes[index % masterCount].command("CLUSTER", "MYID")
            try wait("a replica knows its master") { (try? node.command("CLUSTER", "REPLICATE", id)) != nil }
        }
        try wait("all nodes agree") { try self.nodes.allSatisfy(self.isSettled) }
    }

    private func lines(_ node: RedisServerProcess) throws -> [Substring] {
        try node.command("CLUSTER", "NODES").split(separator: "\n").filter {
            !$0.contains("handshake") && !$0.contains("fail") && !$0.contains("noaddr")
        }
    }

    private func isSettled(_ node: RedisServerProcess) throws -> Bool {
        let lines = try lines(node)
        guard lines.count == nodes.count, lines.count(where: { $0.contains("slave") }) == nodes.count - masterCount,
            try node.command("CLUSTER", "INFO").contains("cluster_state:ok")
        else { return false }
        let replication = try node.command("INFO", "replication")
        return replication.contains("role:master") || replication.contains("master_link_status:up")
    }

    private func wait(_ what: String, _ condition: () throws -> Bool) throws {
        // Only a bound: six processes that share a crowded machine take their time to agree.
        for _ in 0..<6000 {
            if try condition() { return }
            usleep(20_000)
        }
        throw TestingError("the cluster did not settle in two minutes: it never came to pass that \(what)")
    }
}

/// Runs a body with a fresh cluster and ends it afterwards, also when the body throws.
///
/// - Throws: what the body throws, or `TestingError` if the cluster does not come up.
public func withRedisCluster<Result>(
    masters: Int = 3,
    replicas: Int = 1,
    options: RedisServerOptions = RedisServerOptions(),
    _ body: (RedisClusterProcess) async throws -> Result
) async throws -> Result {
    let cluster = try RedisClusterProcess(masters: masters, replicas: replicas, options: options)
    defer { cluster.stop() }
    return try await body(cluster)
}
