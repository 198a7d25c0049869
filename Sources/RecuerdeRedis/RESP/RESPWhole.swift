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
        guard let (header, length) = bulk(bytes, at: 0) else { return nil }
        return .bulk(header: header, length: length)
    }

    /// The bulk string that stands whole at a position; nil for everything else.
    ///
    /// - Parameter start: not negative, and not beyond the end.
    @inline(__always)
    static func bulk(_ bytes: UnsafeRawBufferPointer, at start: Int) -> (header: Int, length: Int)? {
        let count = bytes.count - start
        guard count >= 5, bytes[start] == UInt8(ascii: "$") else { return nil }
        var length = 0
        var index = 1
        // Nine digits are more than any reply may have, and do not overflow.
        while index < 10, index < count {
            let digit = Int(bytes[start + index]) - 0x30
            guard digit >= 0, digit <= 9 else { break }
            length = length * 10 + digit
            index += 1
        }
        let header = index + 2
        // A leading zero is left to whoever refuses it.
        guard index > 1, bytes[start + 1] != 0x30 || index == 2, header + length + 2 <= count else { return nil }
        guard bytes[start + index] == 0x0D, bytes[start + index + 1] == 0x0A else { return nil }
        let end = start + header + length
        guard bytes[end] == 0x0D, bytes[end + 1] == 0x0A else { return nil }
        return (header, length)
    }

    /// The first four bytes of `+OK` and its line end, as they lie in memory.
    private static let okay = UInt32(bigEndian: 0x2B4F_4B0D)
}
