import NIOCore
import Testing

@testable import RecuerdeRedis

/// Every kind of reply, one after the other, with the values that they mean.
private let mixed: [(String, RESPValue)] = [
    ("+OK\r\n", .simple("OK")),
    ("-WRONGTYPE not a list\r\n", .error(RESPErrorReply("WRONGTYPE not a list"))),
    (":-42\r\n", .integer(-42)),
    (":+7\r\n", .integer(7)),
    (":9223372036854775807\r\n", .integer(.max)),
    (":-9223372036854775808\r\n", .integer(.min)),
    ("$0\r\n\r\n", .bulk(ByteBuffer())),
    ("$7\r\na\r\nb\0cd\r\n", .bulk(ByteBuffer(string: "a\r\nb\0cd"))),
    ("$-1\r\n", .null),
    ("*-1\r\n", .null),
    ("_\r\n", .null),
    ("#t\r\n", .boolean(true)),
    ("#f\r\n", .boolean(false)),
    (",-1.5e3\r\n", .double(-1500)),
    (",inf\r\n", .double(.infinity)),
    (",-inf\r\n", .double(-.infinity)),
    ("(-3492890328409238509324850943850943825024385\r\n", .bigNumber("-3492890328409238509324850943850943825024385")),
    ("!9\r\nERR \r\nboo\r\n", .error(RESPErrorReply("ERR \r\nboo"))),
    ("=8\r\ntxt:some\r\n", .verbatim(format: "txt", content: ByteBuffer(string: "some"))),
    ("*0\r\n", .array([])),
    ("*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", .array([.integer(1), .array([.bulk(ByteBuffer(string: "x"))])])),
    ("%1\r\n+k\r\n:1\r\n", .map(RESPMap([(.simple("k"), .integer(1))]))),
    ("%0\r\n", .map(RESPMap([]))),
    ("~2\r\n:1\r\n#t\r\n", .set([.integer(1), .boolean(true)])),
    (">2\r\n+invalidate\r\n_\r\n", .push([.simple("invalidate"), .null])),
    ("|1\r\n+ttl\r\n:3\r\n+OK\r\n", .simple("OK")),
    ("|0\r\n+OK\r\n", .simple("OK")),
    ("*2\r\n|1\r\n+a\r\n*1\r\n:1\r\n:5\r\n:6\r\n", .array([.integer(5), .integer(6)])),
]

private let limits = RESPParser.Limits(replyBytes: 1 << 20, depth: 8)

/// What a parser makes of some reads: values up to the first fault.
private func parse(
    _ reads: [ByteBuffer],
    limits: RESPParser.Limits = limits
) -> (values: [RESPValue], fault: RESPFault?) {
    var parser = RESPParser(limits: limits)
    var values: [RESPValue] = []
    do throws(RESPFault) {
        for read in reads {
            parser.append(read)
            while let value = try parser.next() { values.append(value) }
        }
        return (values, nil)
    } catch {
        return (values, error)
    }
}

private func parse(_ text: String) -> (values: [RESPValue], fault: RESPFault?) {
    parse([ByteBuffer(string: text)])
}

@Suite struct RESPParserReadsReplies {
    @Test func ofEveryKind() {
        for (text, value) in mixed {
            let result = parse(text)
            #expect(result.values == [value], "\(text.debugDescription)")
            #expect(result.fault == nil)
        }
    }

    @Test func notANumberIsANumberOfItsKind() {
        guard case .double(let number)? = parse(",nan\r\n").values.first else {
            Issue.record("no double")
            return
        }
        #expect(number.isNaN)
    }

    @Test func whereverTheBytesAreSplit() {
        let text = mixed.map(\.0).joined()
        let bytes = Array(text.utf8)
        let expected = mixed.map(\.1)
        for split in 0...bytes.count {
            let result = parse([ByteBuffer(bytes: bytes[..<split]), ByteBuffer(bytes: bytes[split...])])
            #expect(result.values == expected, "split at \(split)")
        }
        let singly = parse(bytes.map { ByteBuffer(bytes: [$0]) })
        #expect(singly.values == expected)
        var random = SeededRandom(seed: 1)
        for _ in 0..<300 {
            var reads: [ByteBuffer] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...40, using: &random)
                reads.append(ByteBuffer(bytes: rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(parse(reads).values == expected)
        }
    }

    @Test func nothingIsAReplyBeforeItsLastByte() {
        for (text, _) in mixed {
            let bytes = Array(text.utf8)
            for count in 0..<bytes.count {
                let result = parse([ByteBuffer(bytes: bytes[..<count])])
                #expect(result.values.isEmpty && result.fault == nil, "\(count) bytes of \(text.debugDescription)")
            }
        }
    }

    @Test func oneReplyInOneReadSharesItsMemoryAndALongOneIsPutTogether() {
        let long = String(repeating: "x", count: 500_000)
        var bytes = Array("$500000\r\n\(long)\r\n+OK\r\n".utf8)[...]
        var reads: [ByteBuffer] = []
        while !bytes.isEmpty {
            reads.append(ByteBuffer(bytes: bytes.prefix(1009)))
            bytes = bytes.dropFirst(1009)
        }
        let result = parse(reads)
        #expect(result.values == [.bulk(ByteBuffer(string: long)), .simple("OK")])
    }
}

@Suite struct RESPParserRefuses {
    private static let kinds = ["$", "*", "%", "~", ">", "!", "=", "|"]
    private static let lengths = [
        "9223372036854775807", "9223372036854775808", "2147483648", "-2", "-9223372036854775808", "", "+5", "05", "00",
        "-0", "-01", "12345678901234567890", "1a", " 1", "1 ", "0x1", "1.0",
    ]

    @Test(arguments: kinds, lengths) func badLengths(kind: String, length: String) {
        let result = parse("\(kind)\(length)\r\n")
        #expect(result.values.isEmpty)
        #expect(result.fault != nil)
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n", "<html>", "\u{15}\u{3}\u{1}\u{0}\u{2}", "hello", "\r\n", "\n", "\0",
        "+OK\n", "+O\rK\r\n", ":\r\n", ":1.5\r\n", ":--1\r\n", ":+\r\n", ":9223372036854775808\r\n",
        ":-9223372036854775809\r\n", ":12345678901234567890\r\n", "$3\r\nabcd\r\n", "$3\r\nabc\n\r", "#x\r\n", "#\r\n",
        "_x\r\n", ",\r\n", ",one\r\n", ",0x10\r\n", ",infinity\r\n", "(\r\n", "(12a\r\n", "(-\r\n", "=2\r\nab\r\n",
        "=4\r\ntxt;\r\n", "*1\r\n>1\r\n+x\r\n", "*-2\r\n", "~-1\r\n", "%-1\r\n", ">-1\r\n", "!-1\r\n", "=-1\r\n",
        "$?\r\n", "*?\r\n", ";1\r\n", ".\r\n",
    ]) func whatIsNoReply(text: String) {
        let whole = parse(text)
        #expect(whole.values.isEmpty)
        #expect(whole.fault != nil)
        let singly = parse(Array(text.utf8).map { ByteBuffer(bytes: [$0]) })
        #expect(singly.fault == whole.fault)
    }

    @Test func nestingBeyondTheLimitAndNotBelowIt() {
        #expect(parse(String(repeating: "*1\r\n", count: 8) + ":1\r\n").values.count == 1)
        let deep = parse(String(repeating: "*1\r\n", count: 9) + ":1\r\n")
        #expect(deep.fault?.message.contains("nested") == true)
        #expect(parse(String(repeating: "*1\r\n", count: 5000)).fault != nil)
        #expect(parse(String(repeating: "|1\r\n", count: 5000)).fault != nil)
    }

    @Test func repliesBeyondTheLimitAndNotBelowIt() {
        let limits = RESPParser.Limits(replyBytes: 1000, depth: 8)
        let fitting = "$900\r\n" + String(repeating: "x", count: 900) + "\r\n"
        let reads = Array(repeating: ByteBuffer(string: fitting), count: 5)
        #expect(parse(reads, limits: limits).values.count == 5)
        let tooLong = parse([ByteBuffer(string: "$1001\r\n")], limits: limits)
        #expect(tooLong.fault?.message.contains("larger") == true)
        let tooMany = parse([ByteBuffer(string: "*100\r\n")], limits: limits)
        #expect(tooMany.fault?.message.contains("more elements") == true)
        let endless = Array(repeating: ByteBuffer(string: "|1\r\n+a\r\n+b\r\n"), count: 100)
        #expect(parse(endless, limits: limits).fault != nil)
    }

    @Test func aLineWithoutAnEnd() {
        let reads = Array(repeating: ByteBuffer(string: "+" + String(repeating: "x", count: 9999)), count: 7)
        #expect(parse(reads).fault?.message.contains("line") == true)
    }

    @Test func everythingAfterAFault() {
        var parser = RESPParser(limits: limits)
        parser.append(ByteBuffer(string: "?\r\n"))
        #expect(throws: RESPFault.self) { try parser.next() }
        parser.append(ByteBuffer(string: "+OK\r\n"))
        #expect(throws: RESPFault.self) { try parser.next() }
    }
}
