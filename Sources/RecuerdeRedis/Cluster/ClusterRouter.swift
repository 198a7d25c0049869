/// Which node a command goes to: the table of slots, changed by replies and by whole topologies.
///
/// Nodes have numbers, which are never given twice, so that whoever holds on to an old one does no harm. There is no
/// I/O here.
struct ClusterRouter: Sendable {
    typealias Endpoint = RedisURL.Endpoint
    typealias NodeID = Int

    private struct Shard: Sendable {
        var master: NodeID?
        var replicas: [NodeID] = []
    }

    private var ids: [Endpoint: NodeID] = [:]
    private var endpoints: [NodeID: Endpoint] = [:]
    private var nextID = 0
    private var shards: [Shard] = []
    private var table = [UInt16](repeating: ClusterTopology.nobody, count: RedisKeySlot.count)
    /// Masters that serve slots, for commands without a key.
    private(set) var masters: [NodeID] = []
    private var rotation = 0
    /// Counts topologies and patches.
    private(set) var version = 0
    /// Counts those of them by which a master has lost a slot or a slot has got a master.
    private(set) var changes = 0

    /// True once a topology is known.
    var isReady: Bool { !masters.isEmpty }

    /// All nodes that are known.
    var nodes: [NodeID] { Array(endpoints.keys) }

    func endpoint(of node: NodeID) -> Endpoint? { endpoints[node] }

    /// The number of a node, which is made known if it is not.
    mutating func node(at endpoint: Endpoint) -> NodeID {
        if let id = ids[endpoint] { return id }
        nextID += 1
        ids[endpoint] = nextID
        endpoints[nextID] = endpoint
        return nextID
    }

    /// Takes a topology in place of the one before. Returns the nodes that are no longer part of the cluster.
    mutating func install(_ topology: ClusterTopology) -> [NodeID] {
        var known: Set<NodeID> = []
        let former = self
        shards = []
        for shard in topology.shards {
            let master = shard.master.map { node(at: $0) }
            let replicas = shard.replicas.map { node(at: $0) }
            if let master { known.insert(master) }
            known.formUnion(replicas)
            shards.append(Shard(master: master, replicas: replicas))
        }
        table = topology.table()
        version += 1
        findMasters()
        if !former.losers(to: self).isEmpty { changes += 1 }
        let removed = endpoints.keys.filter { !known.contains($0) }
        for id in removed {
            if let endpoint = endpoints.removeValue(forKey: id) { ids[endpoint] = nil }
        }
        return removed
    }

    /// A node said that a slot is another one's. Returns that one.
    mutating func moved(slot: Int, to endpoint: Endpoint) -> NodeID {
        let id = node(at: endpoint)
        guard table.indices.contains(slot), master(of: slot) != id else { return id }
        version += 1
        changes += 1
        if let position = shards.firstIndex(where: { $0.master == id }) {
            table[slot] = UInt16(position)
        } else if shards.count < Int(ClusterTopology.nobody) {
            // A replica that has been promoted, or a node that has joined: the next topology tells the rest of it.
            table[slot] = UInt16(shards.count)
            shards.append(Shard(master: id))
        }
        if !masters.contains(id) { masters.append(id) }
        return id
    }

    func master(of slot: Int) -> NodeID? {
        guard table.indices.contains(slot), table[slot] != ClusterTopology.nobody else { return nil }
        let position = Int(table[slot])
        return position < shards.count ? shards[position].master : nil
    }

    /// The node for a read of a slot: a replica in turn, or the master where there is none.
    mutating func reader(of slot: Int, from preference: RedisReadPreference) -> NodeID? {
        guard preference != .master, table.indices.contains(slot), table[slot] != ClusterTopology.nobody,
            Int(table[slot]) < shards.count
        else { return master(of: slot) }
        let shard = shards[Int(table[slot])]
        let own = preference == .any ? 1 : 0
        guard let master = shard.master, !shard.replicas.isEmpty else { return shard.master ?? shard.replicas.first }
        rotation &+= 1
        let turn = Int(rotation.magnitude % UInt(shard.replicas.count + own))
        return turn < shard.replicas.count ? shard.replicas[turn] : master
    }

    /// The masters here of slots that have another one there.
    func losers(to other: ClusterRouter) -> Set<NodeID> {
        var losers: Set<NodeID> = []
        for slot in 0..<RedisKeySlot.count {
            guard let master = master(of: slot), master != other.master(of: slot) else { continue }
            losers.insert(master)
        }
        return losers
    }

    /// A master in turn, for commands without a key.
    mutating func anyMaster() -> NodeID? {
        guard !masters.isEmpty else { return nil }
        rotation &+= 1
        return masters[Int(rotation.magnitude % UInt(masters.count))]
    }

    /// The slots that a master serves.
    func slots(of node: NodeID) -> ClusterSlotSet {
        ClusterSlotSet { master(of: $0) == node }
    }

    /// The slots that anybody serves.
    var servedSlots: ClusterSlotSet {
        ClusterSlotSet { master(of: $0) != nil }
    }

    private mutating func findMasters() {
        var seen: Set<UInt16> = []
        masters = []
        var last = ClusterTopology.nobody
        for position in table where position != last {
            last = position
            guard position != ClusterTopology.nobody, Int(position) < shards.count, seen.insert(position).inserted,
                let master = shards[Int(position)].master, !masters.contains(master)
            else { continue }
            masters.append(master)
        }
    }
}
