import NIOCore
import Testing

@testable import RecuerdeRedis

@Suite struct ClusterTopologies {
    private let source = ClusterTopology.Source(asked: .init(host: "asked", port: 1))

    private func bulk(_ text: String) -> RESPValue { .bulk(ByteBuffer(string: text)) }

    private func map(_ pairs: [(String, RESPValue)], flat: Bool) -> RESPValue {
        let map = RESPMap(pairs.map { (bulk($0.0), $0.1) })
        return flat ? .array(map.flat) : .map(map)
    }

    private func node(
        _ host: RESPValue,
        _ port: Int,
        role: String = "master",
        health: String? = "online",
        tls: Int? = nil,
        ip: String = "10.0.0.9",
        flat: Bool = false
    ) -> RESPValue {
        var fields: [(String, RESPValue)] = [
            ("id", bulk("e10b7051d6bf2d5febd39a2be297bbaea6084111")), ("port", .integer(port)), ("ip", bulk(ip)),
            ("endpoint", host), ("role", bulk(role)), ("replication-offset", .integer(72)), ("from-the-future", .null),
        ]
        if let tls { fields.append(("tls-port", .integer(tls))) }
        if let health { fields.append(("health", bulk(health))) }
        return map(fields, flat: flat)
    }

    private func shard(_ slots: [Int], _ nodes: [RESPValue], flat: Bool = false) -> RESPValue {
        map([("slots", .array(slots.map { .integer($0) })), ("nodes", .array(nodes))], flat: flat)
    }

    @Test(arguments: [false, true]) func areReadFromSHARDSOfBothProtocols(flat: Bool) throws {
        let reply = RESPValue.array([
            shard(
                [0, 5460, 16000, 16383],
                [node(bulk("a"), 7000, flat: flat), node(bulk("b"), 7001, role: "replica", flat: flat)],
                flat: flat
            ),
            shard([5461, 15998], [node(bulk("c"), 7002, flat: flat)], flat: flat),
            shard([], [node(bulk("gone"), 7003, health: "fail", flat: flat)], flat: flat),
        ])
        let topology = try ClusterTopology(shards: reply, source: source)
        let first = ClusterTopology.Shard(
            master: .init(host: "a", port: 7000),
            replicas: [.init(host: "b", port: 7001)]
        )
        #expect(
            topology.shard(of: 0) == first && topology.shard(of: 5460) == first && topology.shard(of: 16383) == first
        )
        #expect(topology.shard(of: 5461)?.master?.host == "c")
        #expect(topology.shard(of: 15999) == nil)
        #expect(topology.shard(of: -1) == nil && topology.shard(of: 16384) == nil)
        #expect(topology.servedSlots == 16383)
        #expect(topology.shards.count == 3)
    }

    @Test func preferNodesThatAreUpAndKnowUnknownHosts() throws {
        let reply = RESPValue.array([
            shard(
                [0, 1],
                [
                    node(bulk("old"), 1, health: "fail"), node(bulk("new"), 2), node(bulk("r"), 3, role: "replica"),
                    node(bulk("sick"), 4, role: "replica", health: "fail"),
                    node(bulk("young"), 5, role: "slave", health: "loading"),
                    node(bulk("?"), 6, role: "replica", ip: ""),
                ]
            ),
            shard([2, 2], [node(.null, 7)]),
            shard([3, 3], [node(bulk(""), 8, health: nil)]),
            shard([4, 4], [node(bulk("?"), 9)]),
            shard([5, 5], [node(bulk("x"), 0)]),
        ])
        let topology = try ClusterTopology(shards: reply, source: source)
        #expect(
            topology.shard(of: 0) == .init(master: .init(host: "new", port: 2), replicas: [.init(host: "r", port: 3)])
        )
        #expect(topology.shard(of: 2)?.master == .init(host: "asked", port: 7))
        #expect(topology.shard(of: 3)?.master == .init(host: "asked", port: 8))
        #expect(topology.shard(of: 4)?.master == .init(host: "10.0.0.9", port: 9))
        #expect(topology.shard(of: 5) == .init(master: nil, replicas: []))
    }

    @Test func takeThePortForTLSWhereThatIsSpoken() throws {
        let reply = RESPValue.array([
            shard([0, 0], [node(bulk("a"), 1, tls: 2)]), shard([1, 1], [node(bulk("b"), 3)]),
        ])
        let secure = try ClusterTopology(shards: reply, source: .init(asked: source.asked, tls: true))
        #expect(secure.shard(of: 0)?.master?.port == 2)
        #expect(secure.shard(of: 1)?.master == nil)
        #expect(try ClusterTopology(shards: reply, source: source).shard(of: 0)?.master?.port == 1)
    }

    @Test func areReadFromSLOTSOfOldServers() throws {
        let reply = RESPValue.array([
            .array([
                .integer(0), .integer(8000), .array([bulk("a"), .integer(1), bulk("id"), .array([])]),
                .array([bulk("b"), .integer(2)]),
            ]),
            .array([.integer(8001), .integer(16383), .array([bulk(""), .integer(3), bulk("id")])]),
        ])
        let topology = try ClusterTopology(slots: reply, source: source)
        #expect(topology.servedSlots == 16384)
        #expect(
            topology.shard(of: 8000) == .init(master: .init(host: "a", port: 1), replicas: [.init(host: "b", port: 2)])
        )
        #expect(topology.shard(of: 8001)?.master == .init(host: "asked", port: 3))
    }

    @Test func thatAreNoneAreErrors() {
        let good = node(bulk("a"), 1)
        let replies: [RESPValue] = [
            .null, .integer(1), .array([]), .array([.null]), .array([map([("slots", .array([]))], flat: false)]),
            .array([shard([0], [good])]), .array([shard([1, 0], [good])]), .array([shard([0, 16384], [good])]),
            .array([shard([-1, 0], [good])]), .array([shard([.min, .max], [good])]), .array([shard([0, 0], [.null])]),
            .array([shard([], [good])]), .array([shard([0, 0], [node(bulk("a b"), 1)])]),
            .array([shard([0, 0], [node(.bulk(ByteBuffer(bytes: [0xFF, 0xFE])), 1)])]),
            .array(Array(repeating: shard([0, 16383], [good]), count: 3)),
        ]
        for (index, reply) in replies.enumerated() {
            let error = #expect(throws: RedisError.self, "\(index)") {
                try ClusterTopology(shards: reply, source: source)
            }
            #expect(error?.code == .protocolViolation)
        }
        for reply in [
            RESPValue.null, .array([.array([.integer(0)])]), .array([.array([.integer(0), .integer(0), .null])]),
        ] {
            #expect(throws: RedisError.self) { try ClusterTopology(slots: reply, source: source) }
        }
    }

    @Test func ofAnyBytesNeverTrap() {
        var random = SeededRandom(seed: 45)
        let seed = RESPValue.array([
            shard([0, 9], [node(bulk("a"), 1), node(bulk("b"), 2, role: "replica")]),
            shard([10, 19], [node(.null, 3, tls: 4)], flat: true),
        ])
        let slots = RESPValue.array([.array([.integer(0), .integer(9), .array([bulk("a"), .integer(1)])])])
        var understood = 0
        for round in 0..<100_000 {
            let reply = mutated(round.isMultiple(of: 2) ? seed : slots, &random, depth: 0)
            if let topology = try? ClusterTopology(shards: reply, source: source) {
                understood += 1
                #expect(topology.shards.count < 100)
            }
            if (try? ClusterTopology(slots: reply, source: source)) != nil { understood += 1 }
        }
        #expect(understood > 1000)
    }

    /// The same value with something else here and there.
    private func mutated(_ value: RESPValue, _ random: inout SeededRandom, depth: Int) -> RESPValue {
        if Int.random(in: 0..<40, using: &random) == 0 { return anything(&random) }
        switch value {
        case .array(let elements):
            var elements = elements.map { mutated($0, &random, depth: depth + 1) }
            if Int.random(in: 0..<30, using: &random) == 0, !elements.isEmpty {
                elements.remove(at: Int.random(in: elements.indices, using: &random))
            }
            if Int.random(in: 0..<30, using: &random) == 0, let one = elements.randomElement(using: &random) {
                elements.insert(one, at: Int.random(in: 0...elements.count, using: &random))
            }
            return .array(elements)
        case .map(let map):
            return .map(RESPMap(map.map { ($0.key, mutated($0.value, &random, depth: depth + 1)) }))
        default:
            return value
        }
    }

    private func anything(_ random: inout SeededRandom) -> RESPValue {
        let numbers = [0, 1, -1, 16383, 16384, 65535, 65536, Int.max, Int.min]
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return .null
        case 1: return .integer(numbers.randomElement(using: &random) ?? 0)
        case 2: return .bulk(ByteBuffer(bytes: (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }))
        case 3: return .simple(["", "?", "master", "online", "12", "-1"].randomElement(using: &random) ?? "")
        case 4: return .array([])
        case 5: return .array([.integer(5), .null, .array([.null])])
        case 6: return .map(RESPMap([(.simple("slots"), .array([.integer(3), .integer(2)]))]))
        case 7: return .double(.nan)
        default: return .error(RESPErrorReply("ERR no"))
        }
    }
}
