import RecuerdeTesting
import Synchronization

@testable import RecuerdeRedis

/// What is done to the servers of a soak from time to time.
protocol SoakFaults: Sendable {
    /// Does it now, on the thread of the caller.
    func happen(_ number: Int, _ tally: inout SoakTally)
}

/// Faults of one server, and of the way to it.
final class ServerFaults: SoakFaults {
    private let server: RedisServerProcess
    private let proxy: FaultProxy
    private let random: Mutex<SeededRandom>

    init(server: RedisServerProcess, proxy: FaultProxy, seed: UInt64) {
        self.server = server
        self.proxy = proxy
        random = Mutex(SeededRandom(seed: seed))
    }

    /// Writes the same again, so that those who have read it are told.
    private static let touch = "for i = 0, 200 do redis.call('EXPIRE', KEYS[1] .. i, 100000) end"

    func happen(_ number: Int, _ tally: inout SoakTally) {
        let bytes = random.withLock { Int.random(in: 1...20_000, using: &$0) }
        // Whatever the proxy did before ends now, so that what it held comes late.
        proxy.both(.forward)
        switch number % 8 {
        case 0: proxy.cut(reset: true)
        case 1: proxy.cut(reset: false)
        case 2: proxy.toClients(.cut(afterBytes: bytes, reset: true))
        case 3: proxy.toClients(.cut(afterBytes: bytes, reset: false))
        case 4: proxy.both(.stop)
        case 5: proxy.toClients(.delay(.milliseconds(5)))
        case 6: proxy.toClients(.drip(every: .microseconds(100)))
        default: proxy.toServer(.cut(afterBytes: bytes, reset: true))
        }
        tally.proxyFaults += 1
        _ = try? server.command("EVAL", Self.touch, "1", "k")
        // The server is ours and answers within the bounds of the hand client; should it not, there is no fault this time.
        if (try? server.command("CLIENT", "KILL", "TYPE", "normal")) != nil { tally.kills += 1 }
        if number.isMultiple(of: 3), (try? server.command("DEBUG", "SLEEP", "0.01")) != nil { tally.slowCommands += 1 }
    }
}

/// Faults of a cluster: killed connections, slow commands, failovers and slots that move.
final class ClusterFaults: SoakFaults {
    private let cluster: RedisClusterProcess

    init(cluster: RedisClusterProcess) {
        self.cluster = cluster
    }

    func happen(_ number: Int, _ tally: inout SoakTally) {
        let node = cluster.nodes[number % cluster.nodes.count]
        if (try? node.command("CLIENT", "KILL", "TYPE", "normal")) != nil { tally.kills += 1 }
        // What fails is not settled yet since the last time, and comes another time.
        switch number % 4 {
        case 0: if (try? failOver(number / 4 % cluster.masterCount)) != nil { tally.failovers += 1 }
        case 1: if (try? node.command("DEBUG", "SLEEP", "0.01")) != nil { tally.slowCommands += 1 }
        default: if (try? moveSlot(number)) != nil { tally.moves += 1 }
        }
    }

    /// The two servers of a share of the slots; the one that is the master at the moment first.
    private func pair(_ index: Int) throws -> (master: RedisServerProcess, replica: RedisServerProcess) {
        let (one, two) = (cluster.masters[index], cluster.replica(of: index))
        return try one.command("ROLE").hasPrefix("master") ? (one, two) : (two, one)
    }

    private func failOver(_ index: Int) throws {
        try pair(index).replica.command("CLUSTER", "FAILOVER")
    }

    /// Moves a slot with its keys to another master, and the next time back.
    private func moveSlot(_ number: Int) throws {
        let slot = Int(Array(SoakQuestion.key(number / 2).utf8).withUnsafeBytes { RedisKeySlot.slot(of: $0) })
        let home = min(slot / (16384 / cluster.masterCount), cluster.masterCount - 1)
        let (here, there) = (try pair(home).master, try pair((home + 1) % cluster.masterCount).master)
        let isHere = try here.command("CLUSTER", "COUNTKEYSINSLOT", "\(slot)") != "0"
        let (from, to) = isHere ? (here, there) : (there, here)
        try cluster.beginMove(slot: slot, from: from, to: to)
        while try cluster.moveKeys(slot: slot, from: from, to: to, atMost: 1) > 0 {}
        // The others hear of it from these two.
        let id = try to.command("CLUSTER", "MYID")
        for node in [to, from] { try node.command("CLUSTER", "SETSLOT", "\(slot)", "NODE", id) }
    }
}
