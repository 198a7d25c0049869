/// The meaning of a single line of RESP.
enum RESPLine {
    /// What the beginning of some bytes is. Sizes include the type byte and the line end.
    enum Scan {
        /// There is no line end yet; so many bytes are known to hold none.
        case incomplete(scanned: Int)
        case fault(RESPFault)
        /// A string or a list of this length begins; -1 where the line says so.
        case length(kind: UInt8, Int, size: Int)
        /// The line is all of the value.
        case value(RESPValue, size: Int)
    }

    /// Reads the line at the beginning of the bytes, whose first `scanned` ones hold no line end.
    static func scan(_ bytes: UnsafeRawBufferPointer, from scanned: Int, limit: Int) -> Scan {
        guard let kind = bytes.first else { return .incomplete(scanned: 0) }
        guard isKind(kind) else { return .fault(.foreign(kind)) }
        var end = max(1, scanned)
        while end < bytes.count, bytes[end] != 0x0D, bytes[end] != 0x0A { end += 1 }
        guard end <= limit else { return .fault(RESPFault("a line is longer than the limit of \(limit) bytes")) }
        guard end < bytes.count else { return .incomplete(scanned: end) }
        guard bytes[end] == 0x0D else { return .fault(RESPFault("a line does not end in CR LF")) }
        guard end + 1 < bytes.count else { return .incomplete(scanned: end) }
        guard bytes[end + 1] == 0x0A else { return .fault(RESPFault("a line does not end in CR LF")) }
        let content = UnsafeRawBufferPointer(rebasing: bytes[1..<end])
        if hasLength(kind) {
            guard let length = length(content) else { return .fault(RESPFault("a length is not a number")) }
            return .length(kind: kind, length, size: end + 2)
        }
        do throws(RESPFault) {
            return .value(try value(kind: kind, content), size: end + 2)
        } catch {
            return .fault(error)
        }
    }

    static func isString(_ kind: UInt8) -> Bool {
        kind == UInt8(ascii: "$") || kind == UInt8(ascii: "!") || kind == UInt8(ascii: "=")
    }

    private static func hasLength(_ kind: UInt8) -> Bool {
        switch kind {
        case UInt8(ascii: "$"), UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"),
            UInt8(ascii: "|"), UInt8(ascii: "!"), UInt8(ascii: "="):
            true
        default:
            false
        }
    }

    private static func isKind(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "#"),
            UInt8(ascii: ","), UInt8(ascii: "("):
            true
        default:
            hasLength(byte)
        }
    }

    /// Digits without a leading zero, or -1.
    private static func length(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let first = bytes.first else { return nil }
        if first == UInt8(ascii: "-") { return bytes.count == 2 && bytes[1] == UInt8(ascii: "1") ? -1 : nil }
        if first == UInt8(ascii: "0"), bytes.count > 1 { return nil }
        return magnitude(bytes)
    }

    private static func value(kind: UInt8, _ bytes: UnsafeRawBufferPointer) throws(RESPFault) -> RESPValue {
        switch kind {
        case UInt8(ascii: "+"): return .simple(String(decoding: bytes, as: UTF8.self))
        case UInt8(ascii: "-"): return .error(RESPErrorReply(String(decoding: bytes, as: UTF8.self)))
        case UInt8(ascii: ":"): return .integer(try integer(bytes))
        case UInt8(ascii: ","): return .double(try double(bytes))
        case UInt8(ascii: "("): return .bigNumber(try bigNumber(bytes))
        case UInt8(ascii: "_") where bytes.isEmpty: return .null
        case UInt8(ascii: "#") where bytes.count == 1 && bytes[0] == UInt8(ascii: "t"): return .boolean(true)
        case UInt8(ascii: "#") where bytes.count == 1 && bytes[0] == UInt8(ascii: "f"): return .boolean(false)
        default: throw RESPFault("a null or a boolean has an unknown form")
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func magnitude(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard !bytes.isEmpty, bytes.count <= 19 else { return nil }
        var number = 0
        for byte in bytes {
            guard isDigit(byte) else { return nil }
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            if overflow || carry { return nil }
            number = sum
        }
        return number
    }

    private static func integer(_ bytes: UnsafeRawBufferPointer) throws(RESPFault) -> Int {
        // The common case first; signs and the one number without a positive twin go the slow way.
        if let number = magnitude(bytes) { return number }
        guard let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+"),
            bytes.count <= 20, bytes.dropFirst().allSatisfy(isDigit),
            let number = Int(String(decoding: bytes, as: UTF8.self))
        else { throw RESPFault("an integer is not a number of 64 bits") }
        return number
    }

    private static func double(_ bytes: UnsafeRawBufferPointer) throws(RESPFault) -> Double {
        let text = String(decoding: bytes, as: UTF8.self)
        switch text {
        case "inf", "+inf": return .infinity
        case "-inf": return -.infinity
        case "nan", "-nan", "+nan": return .nan
        default:
            // Double(_:) knows more forms than RESP.
            let isPlain = bytes.allSatisfy { byte in
                isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
                    || byte | 0x20 == UInt8(ascii: "e")
            }
            guard isPlain, let number = Double(text) else { throw RESPFault("a double is not a number") }
            return number
        }
    }

    private static func bigNumber(_ bytes: UnsafeRawBufferPointer) throws(RESPFault) -> String {
        let hasSign = bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+")
        let digits = bytes.dropFirst(hasSign ? 1 : 0)
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { throw RESPFault("a big number is not a number") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
