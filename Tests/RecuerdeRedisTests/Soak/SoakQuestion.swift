import NIOCore

@testable import RecuerdeRedis

/// A command, and what its reply must be: the value is a function of the key.
struct SoakQuestion: Sendable {
    let command: RedisCommand
    /// The kind of connection that is asked for by name; nil: the client chooses.
    var lane: RedisLane?
    let isRight: @Sendable (RESPValue) -> Bool

    static let keys = 2000

    static let values: [ByteBuffer] = (0..<keys).map { index in
        // A few large ones, which come in several reads.
        let length = index.isMultiple(of: 50) ? 20_000 : 20 + index % 100
        var value = ByteBuffer(string: "value \(index) ")
        value.writeRepeatingByte(UInt8(65 + index % 26), count: length)
        return value
    }

    static func key(_ index: Int) -> String { "k\(index)" }

    private static func index(_ random: inout SeededRandom) -> Int { Int.random(in: 0..<keys, using: &random) }

    static func get(_ random: inout SeededRandom) -> SoakQuestion {
        let index = index(&random)
        return SoakQuestion(command: RedisCommand("GET", key(index))) { $0 == .bulk(values[index]) }
    }

    /// One question, or several for a pipeline.
    static func some(task: Int, lanes: Bool, _ random: inout SeededRandom) -> [SoakQuestion] {
        switch Int.random(in: 0..<20, using: &random) {
        case 0:
            // Words that were never said before and never will be again.
            let word = ByteBuffer(string: "word \(task) \(random.next())")
            return [SoakQuestion(command: RedisCommand("ECHO", word, key: nil)) { $0 == .bulk(word) }]
        case 1:
            let some = (0..<3).map { _ in index(&random) }
            let command = RedisCommand("MGET", arguments: some.map(key))
            return [SoakQuestion(command: command) { $0 == .array(some.map { .bulk(values[$0]) }) }]
        case 2, 3: return (0..<Int.random(in: 2...6, using: &random)).map { _ in get(&random) }
        case 4 where lanes, 5 where lanes: return [byLane(task: task, &random)]
        default: return [get(&random)]
        }
    }

    /// Something that goes over a connection beside the usual ones.
    private static func byLane(task: Int, _ random: inout SeededRandom) -> SoakQuestion {
        let list = "list:\(task)"
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            // Larger than the threshold, so that it goes over the bulk lane by itself.
            var word = ByteBuffer(string: "large \(task) \(random.next()) ")
            word.writeRepeatingByte(UInt8(ascii: "x"), count: 300_000)
            let echo = RESPValue.bulk(word)
            return SoakQuestion(command: RedisCommand("ECHO", word, key: nil)) { $0 == echo }
        case 1:
            let command = RedisCommand("RPUSH", list, "item of \(list)")
            return SoakQuestion(command: command) { ($0.int ?? 0) > 0 }
        case 2:
            // Waits for a moment where the list is empty.
            return SoakQuestion(command: RedisCommand("BLPOP", list, "0.01"), lane: .blocking) {
                $0.isNull || $0.elements?.map(\.string) == [list, "item of \(list)"]
            }
        default:
            var question = get(&random)
            question.lane = .bulk
            return question
        }
    }
}
