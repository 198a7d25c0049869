import NIOCore
import Testing

@testable import RecuerdeRedis

/// Lists of strings go a way of their own through the parser; what they mean must not depend on it.
@Suite struct RESPLists {
    private let limits = RESPParser.Limits(replyBytes: 1 << 20, depth: 8)

    /// Values up to the first fault.
    private func parse(_ text: String, readBytes: Int = .max, limits: RESPParser.Limits? = nil) -> (
        [RESPValue], RESPFault?
    ) {
        var parser = RESPParser(limits: limits ?? self.limits)
        var values: [RESPValue] = []
        var rest = Array(text.utf8)[...]
        do throws(RESPFault) {
            while !rest.isEmpty {
                parser.append(ByteBuffer(bytes: rest.prefix(readBytes)))
                rest = rest.dropFirst(readBytes)
                try parser.all(into: &values)
            }
            return (values, nil)
        } catch {
            return (values, error)
        }
    }

    private func bulk(_ text: String) -> RESPValue { .bulk(ByteBuffer(string: text)) }

    @Test func ofStringsAreTheSameHoweverTheyAreCut() {
        let words = (0..<300).map { String(repeating: "x", count: $0 % 23) + "\r\n\($0)" }
        let text = "*300\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined() + ">1\r\n+push\r\n+OK\r\n"
        let expected: [RESPValue] = [.array(words.map(bulk)), .push([.simple("push")]), .simple("OK")]
        for readBytes in Array(1...70) + [256, 1000, 4096, .max] {
            let (values, fault) = parse(text, readBytes: readBytes)
            #expect(values == expected, "reads of \(readBytes) bytes")
            #expect(fault == nil)
        }
    }

    @Test func keepTheOrderOfStringsAndOtherValues() {
        let text = "*7\r\n$1\r\na\r\n:1\r\n$0\r\n\r\n$-1\r\n*2\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n$1\r\ne\r\n"
        let expected: [RESPValue] = [
            .array([
                bulk("a"), .integer(1), .bulk(ByteBuffer()), .null, .array([bulk("b"), bulk("c")]), bulk("d"),
                bulk("e"),
            ])
        ]
        for readBytes in 1...text.utf8.count { #expect(parse(text, readBytes: readBytes).0 == expected) }
        let map = parse("%2\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n").0
        #expect(map == [.map(RESPMap([(bulk("a"), bulk("b")), (bulk("c"), bulk("d"))]))])
        let described = parse("*2\r\n|1\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n").0
        #expect(described == [.array([bulk("c"), bulk("d")])])
    }

    @Test func refuseWhatIsWrongInTheMiddleOfThem() {
        for wrong in ["$01\r\nx\r\n", "$1\r\nxyz", "$1\n\nx\r\n", "$-2\r\n", "?\r\n"] {
            let (values, fault) = parse("*4\r\n$1\r\na\r\n\(wrong)$1\r\nb\r\n$1\r\nc\r\n")
            #expect(values.isEmpty)
            #expect(fault != nil, "\(wrong.debugDescription)")
        }
    }

    @Test func areHeldToTheLimitOfAReply() {
        let limits = RESPParser.Limits(replyBytes: 2000, depth: 8)
        func list(_ length: Int) -> String {
            "*10\r\n" + String(repeating: "$\(length)\r\n" + String(repeating: "x", count: length) + "\r\n", count: 10)
        }
        #expect(parse(list(150), limits: limits).0.count == 1)
        #expect(parse(list(150) + list(150), limits: limits).0.count == 2)
        #expect(parse(list(250), limits: limits).1?.message.contains("larger") == true)
    }

    /// The room that a list is given follows what has come, never what is announced alone.
    @Test func takeRoomForAtMostSixteenTimesWhatHasCome() throws {
        var parser = RESPParser(limits: .init(replyBytes: 1 << 29, depth: 8))
        parser.append(ByteBuffer(string: "*10000000\r\n"))
        let stride = MemoryLayout<RESPValue>.stride
        var count = 0
        let some = ByteBuffer(string: String(repeating: "$1\r\nx\r\n", count: 100))
        while count < 40_000 {
            parser.append(some)
            #expect(try parser.next() == nil)
            count += 100
            #expect(parser.heldBytes <= max(128, 17 * count) * stride, "\(count) elements")
        }
    }
}
