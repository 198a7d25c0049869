/// Percent-escaping of key parts.
///
/// `:` separates parts, `%` escapes, braces are hash tags in a cluster, control characters spoil logs and terminals.
/// All else, any script included, stays readable. Escaping is injective: two different parts never meet.
package enum KeyEscaping {
    package static func append(_ part: some StringProtocol, to result: inout String) {
        let utf8 = part.utf8
        guard utf8.contains(where: mustEscape) else {
            result.append(contentsOf: part)
            return
        }
        var bytes = [UInt8]()
        bytes.reserveCapacity(utf8.count + 8)
        for byte in utf8 {
            if mustEscape(byte) {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(hexDigit(byte >> 4))
                bytes.append(hexDigit(byte & 0x0F))
            } else {
                bytes.append(byte)
            }
        }
        result.append(String(decoding: bytes, as: UTF8.self))
    }

    package static func mustEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: "%"), UInt8(ascii: "{"), UInt8(ascii: "}"): true
        case 0x00...0x1F, 0x7F: true
        default: false
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
