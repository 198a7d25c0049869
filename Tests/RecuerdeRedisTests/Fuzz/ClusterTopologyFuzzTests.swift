import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Makes descriptions of clusters: valid ones, and most of them then broken somewhere.
private struct TopologyMutator {
    enum Form: CaseIterable { case shards, flatShards, slots }

    var random: SeededRandom
    private let numbers = [
        0, 1, -1, -2, 16383, 16384, 16385, 65535, 65536, 7000, Int.max, Int.min, Int(Int32.max), Int(UInt32.max),
    ]

    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: random.next() >> 1) % max(1, bound) }

    mutating func next(_ form: Form) -> (reply: RESPValue, isWhole: Bool) {
        let count = below(4) + 1
        let width = RedisKeySlot.count / count
        var shards: [RESPValue] = []
        for index in 0..<count {
            let last = index == count - 1 ? RedisKeySlot.count - 1 : (index + 1) * width - 1
            shards.append(shard(first: index * width, last: last, form))
        }
        var reply = RESPValue.array(shards)
        if below(8) == 0 { return (reply, true) }
        for _ in 0...below(4) { reply = damaged(reply, depth: 0) }
        return (reply, false)
    }

    private mutating func shard(first: Int, last: Int, _ form: Form) -> RESPValue {
        let nodes = 1 + below(3)
        if form == .slots {
            let list = (0..<nodes).map {
                RESPValue.array([bulk("10.0.0.\($0)"), .integer(7000 + $0), bulk("id"), .array([])])
            }
            return .array([.integer(first), .integer(last)] + list)
        }
        let list = (0..<nodes).map { index in
            map(
                [
                    ("id", bulk("id")), ("port", .integer(7000 + index)), ("ip", bulk("10.0.0.\(index)")),
                    ("endpoint", bulk("10.0.0.\(index)")), ("role", bulk(index == 0 ? "master" : "replica")),
                    ("health", bulk("online")),
                ],
                form
            )
        }
        return map([("slots", .array([.integer(first), .integer(last)])), ("nodes", .array(list))], form)
    }

    private func map(_ pairs: [(String, RESPValue)], _ form: Form) -> RESPValue {
        let map = RESPMap(pairs.map { (bulk($0.0), $0.1) })
        return form == .flatShards ? .array(map.flat) : .map(map)
    }

    private func bulk(_ text: String) -> RESPValue { .bulk(ByteBuffer(string: text)) }

    /// The same tree with something else in one place.
    private mutating func damaged(_ value: RESPValue, depth: Int) -> RESPValue {
        var (children, rebuild): ([RESPValue], ([RESPValue]) -> RESPValue)
        switch value {
        case .array(let elements): (children, rebuild) = (elements, { .array($0) })
        case .map(let map): (children, rebuild) = (map.flat, { .map(RESPMap(flat: $0)) })
        default: return anything()
        }
        guard !children.isEmpty, depth == 0 || below(4) > 0 else { return anything() }
        let place = below(children.count)
        switch below(8) {
        case 0: children.remove(at: place)
        case 1: children.insert(children[below(children.count)], at: place)
        case 2: children += Array(repeating: children[place], count: below(40))
        case 3: children.swapAt(place, below(children.count))
        default: children[place] = damaged(children[place], depth: depth + 1)
        }
        return rebuild(children)
    }

    private mutating func anything() -> RESPValue {
        switch below(10) {
        case 0: .null
        case 1: .array([])
        case 2: .map(RESPMap(flat: []))
        case 3: .double(.nan)
        case 4:
            bulk(["", "?", "master", "16384", "-1", "9223372036854775808", "\r\n", "\0", "slots", "nodes"][below(10)])
        case 5: .bulk(ByteBuffer(bytes: (0..<below(300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }))
        case 6: .error(RESPErrorReply("ERR no"))
        case 7: .boolean(true)
        default: .integer(below(3) == 0 ? Int(truncatingIfNeeded: random.next()) : numbers[below(numbers.count)])
        }
    }
}

@Suite struct FuzzedTopologies {
    /// Whatever a node says of its cluster, it is read or refused: no trap, no slot out of range, no node without a port,
    /// and no more work than twice the slots.
    ///
    /// `scripts/fuzz` runs it longer.
    @Test(.timeLimit(.minutes(60))) func areReadOrRefused() throws {
        let seed = TestAmount.number("RECUERDE_FUZZ_SEED", otherwise: 20_261_125)
        let count = TestAmount.number("RECUERDE_FUZZ_INPUTS", otherwise: 200_000) / 10
        var mutator = TopologyMutator(random: SeededRandom(seed: UInt64(truncatingIfNeeded: seed)))
        let source = ClusterTopology.Source(asked: .init(host: "asked", port: 1))
        var (whole, read, refused) = (0, 0, 0)
        for index in 0..<count {
            let form = TopologyMutator.Form.allCases[index % 3]
            let (reply, isWhole) = mutator.next(form)
            let place = Comment(rawValue: "input \(index) of seed \(seed)")
            do throws(RedisError) {
                let topology =
                    form == .slots
                    ? try ClusterTopology(slots: reply, source: source)
                    : try ClusterTopology(shards: reply, source: source)
                read += 1
                whole += isWhole ? 1 : 0
                // Read again, it says the same.
                let again =
                    form == .slots
                    ? try ClusterTopology(slots: reply, source: source)
                    : try ClusterTopology(shards: reply, source: source)
                #expect(again == topology, place)
                let table = topology.table()
                #expect(table.count == RedisKeySlot.count, place)
                #expect(!isWhole || topology.servedSlots == RedisKeySlot.count, place)
                #expect(table.allSatisfy { $0 == ClusterTopology.nobody || Int($0) < topology.shards.count }, place)
                for shard in topology.shards {
                    let ports = (shard.replicas + [shard.master].compactMap(\.self)).map(\.port)
                    #expect(ports.allSatisfy { (1...65535).contains($0) }, place)
                }
            } catch {
                refused += 1
                #expect(!isWhole, place)
                #expect(error.code == .protocolViolation, place)
            }
        }
        #expect(whole > count / 32 && read > whole && refused > count / 16)
        if count > 20_000 {
            print("fuzz topology: \(count) inputs of seed \(seed), \(read) read, \(refused) refused: no fault found")
        }
    }
}
