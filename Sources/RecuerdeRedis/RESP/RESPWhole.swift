/// The commonest replies, recognized at a glance.
enum RESPWhole {
    enum Reply {
        /// A bulk string: the sizes of its first line, with the line end, and of its content.
        case bulk(header: Int, length: Int)
        /// `+OK`
        case ok
    }

    /// What stands whole at the beginning of the bytes; nil for all that is rarer, not yet whole, or wrong.
    static func scan(_ bytes: UnsafeRawBufferPointer) -> Reply? {
        guard bytes.count >= 5 else { return nil }
        guard bytes[0] == UInt8(ascii: "$") else {
            return bytes.loadUnaligned(as: UInt32.self) == okay && bytes[4] == 0x0A ? .ok : nil
        }
        var length = 0
        var index = 1
        // Nine digits are more than any reply may have, and do not overflow.
        while index < 10, index < bytes.count {
            let digit = Int(bytes[index]) - 0x30
            guard digit >= 0, digit <= 9 else { break }
            length = length * 10 + digit
            index += 1
        }
        let header = index + 2
        // A leading zero is left to whoever refuses it.
        guard index > 1, bytes[1] != 0x30 || index == 2, header + length + 2 <= bytes.count else { return nil }
        guard bytes[index] == 0x0D, bytes[index + 1] == 0x0A else { return nil }
        guard bytes[header + length] == 0x0D, bytes[header + length + 1] == 0x0A else { return nil }
        return .bulk(header: header, length: length)
    }

    /// The first four bytes of `+OK` and its line end, as they lie in memory.
    private static let okay = UInt32(bigEndian: 0x2B4F_4B0D)
}
