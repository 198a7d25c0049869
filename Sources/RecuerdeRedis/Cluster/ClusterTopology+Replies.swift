extension ClusterTopology {
    /// Reads the reply of CLUSTER SHARDS, of RESP3 (maps) or RESP2 (flat arrays).
    init(shards reply: RESPValue, source: Source) throws(RedisError) {
        guard let shards = Self.list(reply) else { throw Self.fault("is no list of shards") }
        for shard in shards {
            guard let fields = shard.pairs, let slots = fields["slots"].flatMap(Self.list),
                let nodes = fields["nodes"].flatMap(Self.list)
            else { throw Self.fault("has a shard without slots or nodes") }
            try add(try Self.shard(nodes, source), ranges: try Self.ranges(slots))
        }
        try requireSlots()
    }

    /// Reads the reply of CLUSTER SLOTS.
    init(slots reply: RESPValue, source: Source) throws(RedisError) {
        guard let entries = Self.list(reply) else { throw Self.fault("is no list of slots") }
        for entry in entries {
            guard let parts = Self.list(entry), parts.count >= 2 else { throw Self.fault("has slots without bounds") }
            var shard = Shard(master: nil, replicas: [])
            for (position, part) in parts.dropFirst(2).enumerated() {
                guard let node = Self.list(part), node.count >= 2 else {
                    throw Self.fault("has a node without an address")
                }
                guard let endpoint = try Self.endpoint(host: node[0], port: node[1], source: source) else { continue }
                if position == 0 { shard.master = endpoint } else { shard.replicas.append(endpoint) }
            }
            try add(shard, ranges: try Self.ranges(Array(parts.prefix(2))))
        }
        try requireSlots()
    }

    /// A node that was reset or has been forgotten by the others knows no slots; its view must not be taken for theirs.
    private func requireSlots() throws(RedisError) {
        guard !isEmpty else { throw Self.fault("names nobody who serves slots") }
    }

    private static func shard(_ nodes: [RESPValue], _ source: Source) throws(RedisError) -> Shard {
        var shard = Shard(master: nil, replicas: [])
        var hasHealthyMaster = false
        for node in nodes {
            guard let fields = node.pairs else { throw fault("has a node without fields") }
            // Old ports of a node with TLS are for clients without.
            let port = source.tls ? fields["tls-port"] : fields["port"]
            // The endpoint is what the operator wants clients to use; unknown names leave the address.
            var host = fields["endpoint"]
            if host?.string == "?", let ip = fields["ip"], ip.string?.isEmpty == false { host = ip }
            guard let endpoint = try endpoint(host: host, port: port, source: source) else { continue }
            let isHealthy = fields["health"].map { $0.string == "online" } ?? true
            if fields["role"]?.string == "master" {
                // After a takeover the failed master may still be listed as one.
                if shard.master == nil || (isHealthy && !hasHealthyMaster) { shard.master = endpoint }
                hasHealthyMaster = hasHealthyMaster || isHealthy
            } else if isHealthy {
                shard.replicas.append(endpoint)
            }
        }
        return shard
    }

    private static func ranges(_ slots: [RESPValue]) throws(RedisError) -> [(first: Int, last: Int)] {
        guard slots.count.isMultiple(of: 2) else { throw fault("has a range of slots without an end") }
        var ranges: [(first: Int, last: Int)] = []
        for position in stride(from: 0, to: slots.count, by: 2) {
            guard let first = slots[position].int, let last = slots[position + 1].int else {
                throw fault("has slots that are no numbers")
            }
            ranges.append((first, last))
        }
        return ranges
    }

    private static func list(_ value: RESPValue) -> [RESPValue]? {
        switch value {
        case .array(let elements), .set(let elements): elements
        default: nil
        }
    }
}
