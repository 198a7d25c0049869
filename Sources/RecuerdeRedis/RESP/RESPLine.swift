import NIOCore

/// The meaning of a single line of RESP: its type byte is known and its line end cut off.
enum RESPLine {
    static func isKind(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "$"), UInt8(ascii: "*"),
            UInt8(ascii: "_"), UInt8(ascii: "#"), UInt8(ascii: ","), UInt8(ascii: "("), UInt8(ascii: "!"),
            UInt8(ascii: "="), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "|"):
            true
        default:
            false
        }
    }

    /// A length: digits without a leading zero, or -1.
    static func length(_ bytes: ByteBufferView) throws(RESPFault) -> Int {
        if bytes.elementsEqual([UInt8(ascii: "-"), UInt8(ascii: "1")]) { return -1 }
        guard let first = bytes.first, first != UInt8(ascii: "0") || bytes.count == 1, let number = magnitude(bytes)
        else {
            throw RESPFault("a length is not a number")
        }
        return number
    }

    static func value(kind: UInt8, bytes: ByteBufferView) throws(RESPFault) -> RESPValue {
        switch kind {
        case UInt8(ascii: "+"): return .simple(String(decoding: bytes, as: UTF8.self))
        case UInt8(ascii: "-"): return .error(RESPErrorReply(String(decoding: bytes, as: UTF8.self)))
        case UInt8(ascii: ":"): return .integer(try integer(bytes))
        case UInt8(ascii: ","): return .double(try double(bytes))
        case UInt8(ascii: "("): return .bigNumber(try bigNumber(bytes))
        case UInt8(ascii: "_") where bytes.isEmpty: return .null
        case UInt8(ascii: "#") where bytes.elementsEqual([UInt8(ascii: "t")]): return .boolean(true)
        case UInt8(ascii: "#") where bytes.elementsEqual([UInt8(ascii: "f")]): return .boolean(false)
        default: throw RESPFault("a null or a boolean has an unknown form")
        }
    }

    private static func magnitude(_ bytes: some Collection<UInt8>) -> Int? {
        guard !bytes.isEmpty, bytes.count <= 19 else { return nil }
        var number = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            if overflow || carry { return nil }
            number = sum
        }
        return number
    }

    private static func integer(_ bytes: ByteBufferView) throws(RESPFault) -> Int {
        // The common case first; signs and the one number without a positive twin go the slow way.
        if let number = magnitude(bytes) { return number }
        guard let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+"),
            bytes.dropFirst().allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let number = Int(String(decoding: bytes, as: UTF8.self))
        else { throw RESPFault("an integer is not a number of 64 bits") }
        return number
    }

    private static func double(_ bytes: ByteBufferView) throws(RESPFault) -> Double {
        let text = String(decoding: bytes, as: UTF8.self)
        switch text {
        case "inf", "+inf": return .infinity
        case "-inf": return -.infinity
        case "nan", "-nan", "+nan": return .nan
        default:
            let isPlain = bytes.allSatisfy { byte in
                (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: ".")
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte | 0x20 == UInt8(ascii: "e")
            }
            guard isPlain, let number = Double(text) else { throw RESPFault("a double is not a number") }
            return number
        }
    }

    private static func bigNumber(_ bytes: ByteBufferView) throws(RESPFault) -> String {
        let digits = bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") ? bytes.dropFirst() : bytes
        guard !digits.isEmpty, digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
            throw RESPFault("a big number is not a number")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
