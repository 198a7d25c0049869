/// Whom to ask for the topology, and in which order. There is no I/O here.
///
/// Those with a connection come first: they answer soonest. Then seeds and the other nodes in turn. When all addresses of
/// a cluster have changed, only the seeds lead to it, and a large cluster must not keep them from being asked.
struct ClusterCandidates {
    typealias Endpoint = RedisURL.Endpoint

    private let seeds: [Endpoint]
    private var connected: [Endpoint] = []
    private var others: [Endpoint] = []

    /// - Parameter seeds: in the order in which they are to be asked.
    init(seeds: [Endpoint]) {
        self.seeds = seeds
    }

    mutating func add(_ node: Endpoint, isConnected: Bool) {
        if isConnected { connected.append(node) } else { others.append(node) }
    }

    /// At most so many, at least half of which may be seeds.
    func inOrder(atMost limit: Int) -> [Endpoint] {
        let open = Set(connected)
        let seeds = seeds.filter { !open.contains($0) }
        let first = connected.prefix(max(0, limit - min(seeds.count, limit / 2)))
        let ownSeeds = seeds.prefix(max(0, limit - first.count))
        let known = Set(ownSeeds)
        let rest = others.filter { !known.contains($0) }.prefix(max(0, limit - first.count - ownSeeds.count))
        var order = Array(first)
        for index in 0..<max(ownSeeds.count, rest.count) {
            if index < ownSeeds.count { order.append(ownSeeds[ownSeeds.startIndex + index]) }
            if index < rest.count { order.append(rest[rest.startIndex + index]) }
        }
        return order
    }
}
