/// Who serves which slots of a cluster, as one of its nodes tells it.
///
/// Reads the replies of CLUSTER SHARDS and of CLUSTER SLOTS (which servers before 7.0 have instead). Fields that are not
/// known, nodes that have no address and replicas that are not up are passed over; what cannot be a topology is a
/// `protocolViolation`. There is no I/O here.
/// Source: https://redis.io/docs/latest/commands/cluster-shards/ and https://redis.io/docs/latest/commands/cluster-slots/
struct ClusterTopology: Sendable, Equatable {
    typealias Endpoint = RedisURL.Endpoint

    /// A master with its replicas.
    struct Shard: Sendable, Equatable {
        /// Nil if no node of the shard is a master with an address.
        var master: Endpoint?
        var replicas: [Endpoint]
    }

    /// Stands in the table for a slot that nobody serves.
    static let nobody = UInt16.max

    /// Slots of one shard, both ends included.
    private struct Claim: Sendable, Equatable {
        var first: Int
        var last: Int
        var shard: UInt16
    }

    private(set) var shards: [Shard] = []
    /// In the order of the reply; of two that overlap, the later one counts.
    private var claims: [Claim] = []
    private var claimed = 0

    /// What the reader has to know about the node that answers.
    struct Source: Sendable {
        /// The address that was asked: a node that does not know its own is reached by it.
        var asked: Endpoint
        /// True if nodes are to be reached by TLS.
        var tls = false
    }

    /// For each slot, the position of its shard.
    func table() -> [UInt16] {
        var table = [UInt16](repeating: Self.nobody, count: RedisKeySlot.count)
        for claim in claims { for slot in claim.first...claim.last { table[slot] = claim.shard } }
        return table
    }

    /// The number of slots that somebody serves.
    var servedSlots: Int { table().count { $0 != Self.nobody } }

    /// True if nobody serves any slot.
    var isEmpty: Bool { claims.isEmpty }

    /// The shard that serves a slot.
    func shard(of slot: Int) -> Shard? {
        claims.last { $0.first <= slot && slot <= $0.last }.map { shards[Int($0.shard)] }
    }

    /// Adds a shard with the ranges of slots that it serves, both ends included.
    mutating func add(_ shard: Shard, ranges: [(first: Int, last: Int)]) throws(RedisError) {
        guard shards.count < Int(Self.nobody) else { throw Self.fault("has too many shards") }
        let position = UInt16(shards.count)
        shards.append(shard)
        for range in ranges {
            guard range.first >= 0, range.first <= range.last, range.last < RedisKeySlot.count else {
                throw Self.fault("has slots outside of 0 to 16383")
            }
            // During a takeover a slot may be claimed twice; a reply that goes on claiming would cost time without end.
            claimed += range.last - range.first + 1
            guard claimed <= 2 * RedisKeySlot.count else { throw Self.fault("claims slots over and over") }
            claims.append(Claim(first: range.first, last: range.last, shard: position))
        }
    }

    /// Reads an address; nil if the node is to be passed over.
    static func endpoint(host: RESPValue?, port: RESPValue?, source: Source) throws(RedisError) -> Endpoint? {
        guard let port = port?.int, (1...65535).contains(port) else { return nil }
        guard let text = host?.string, !text.isEmpty else { return Endpoint(host: source.asked.host, port: port) }
        if text == "?" { return nil }
        guard text.utf8.count <= 255, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), !text.contains("\u{FFFD}")
        else { throw fault("has a host name that is none") }
        return Endpoint(host: text, port: port)
    }

    static func fault(_ what: String) -> RedisError {
        RedisError(.protocolViolation, phase: .reply, message: "the description of the cluster \(what)")
    }
}
