/// Makes input for the parser: valid replies of all kinds, and most of them then broken in the ways that hurt parsers.
struct RESPMutator {
    struct Input {
        var bytes: [UInt8]
        /// How many replies it holds if nothing was broken; nil if something was.
        var validReplies: Int?
    }

    var random: SeededRandom
    private let interesting = Array("$*%~>|!=+-:,(#_0123456789\r\n\0\u{7F}et. ".utf8)
    private let lengths = [
        "9223372036854775807", "9223372036854775808", "4611686018427387904", "2147483647", "2147483648", "4294967296",
        "536870913", "100000", "4096", "4095", "65", "-1", "-2", "-0", "+5", "05", "", "0", "1", "2", "3", "?",
        "99999999999999999999999999",
    ].map { Array($0.utf8) }
    private let kinds = Array("$*%~>|!=".utf8)

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    mutating func next() -> Input {
        var bytes: [UInt8] = []
        let replies = below(3) + 1
        for _ in 0..<replies { write(into: &bytes, depth: 0) }
        if below(8) == 0 { return Input(bytes: bytes, validReplies: replies) }
        for _ in 0...below(4) { damage(&bytes) }
        return Input(bytes: bytes, validReplies: nil)
    }

    /// A number from zero to one less than the bound.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: random.next() >> 1) % max(1, bound)
    }

    // MARK: Valid replies

    private mutating func write(into bytes: inout [UInt8], depth: Int) {
        if depth < 3, below(4) == 0 { return writeList(into: &bytes, depth: depth) }
        switch below(12) {
        case 0: bytes += Array("+OK\r\n".utf8)
        case 1: bytes += Array("-ERR no\r\n".utf8)
        case 2: bytes += Array(":\(Int(truncatingIfNeeded: random.next()))\r\n".utf8)
        case 3: bytes += Array("$-1\r\n".utf8)
        case 4: bytes += Array("_\r\n".utf8)
        case 5: bytes += Array((below(2) == 0 ? "#t\r\n" : "#f\r\n").utf8)
        case 6: bytes += Array([",1.5e-3\r\n", ",inf\r\n", ",-inf\r\n", ",nan\r\n", ",-7\r\n"][below(5)].utf8)
        case 7: bytes += Array("(-34928903284092385093248509438509438250\r\n".utf8)
        case 8: writeString("!", "ERR \r\nx", into: &bytes)
        case 9: writeString("=", "txt:some", into: &bytes)
        default:
            bytes += Array("$".utf8)
            let count = below(below(16) == 0 ? 600 : 12)
            bytes += Array("\(count)\r\n".utf8)
            for _ in 0..<count { bytes.append(UInt8(truncatingIfNeeded: random.next())) }
            bytes += Array("\r\n".utf8)
        }
    }

    private mutating func writeList(into bytes: inout [UInt8], depth: Int) {
        let count = below(4)
        switch below(depth == 0 ? 6 : 5) {
        case 0: bytes += Array("~\(count)\r\n".utf8)
        case 1:
            bytes += Array("%\(count)\r\n".utf8)
            for _ in 0..<count { write(into: &bytes, depth: depth + 1) }
        case 2:
            // An attribute, and then the value that it describes.
            bytes += Array("|1\r\n+ttl\r\n".utf8)
            write(into: &bytes, depth: depth + 1)
            return write(into: &bytes, depth: depth + 1)
        case 5: bytes += Array(">\(count)\r\n".utf8)
        default: bytes += Array("*\(count)\r\n".utf8)
        }
        for _ in 0..<count { write(into: &bytes, depth: depth + 1) }
    }

    private func writeString(_ kind: String, _ text: String, into bytes: inout [UInt8]) {
        bytes += Array("\(kind)\(text.utf8.count)\r\n\(text)\r\n".utf8)
    }

    // MARK: Damage

    private mutating func damage(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let index = below(bytes.count)
        switch below(10) {
        case 0: bytes[index] ^= 1 << UInt8(below(8))
        case 1: bytes[index] = interesting[below(interesting.count)]
        case 2: bytes.insert(interesting[below(interesting.count)], at: index)
        case 3: bytes.remove(at: index)
        case 4: bytes.removeSubrange(index...)
        case 5: bytes.replaceSubrange(index..<index, with: bytes[..<index].suffix(64))
        case 6, 7: lie(&bytes, from: index)
        case 8:
            let kind = kinds[below(kinds.count)]
            for _ in 0...below(12) { bytes.insert(contentsOf: [kind, UInt8(ascii: "1"), 0x0D, 0x0A], at: 0) }
        default: bytes.insert(contentsOf: [kinds[below(kinds.count)]] + lengths[below(lengths.count)], at: index)
        }
    }

    /// Writes another number where a length stands.
    private mutating func lie(_ bytes: inout [UInt8], from index: Int) {
        guard let kind = bytes[index...].firstIndex(where: kinds.contains) ?? bytes.firstIndex(where: kinds.contains)
        else { return }
        let start = kind + 1
        let end = bytes[start...].firstIndex(of: 0x0D) ?? bytes.endIndex
        bytes.replaceSubrange(start..<end, with: lengths[below(lengths.count)])
    }
}
