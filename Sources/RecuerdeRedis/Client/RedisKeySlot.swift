import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The place of a key among the 16384 slots of a cluster; here it also chooses the connection.
///
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ (CRC16-XMODEM of the hash tag, or
/// of the whole key where there is none).
enum RedisKeySlot {
    static let count = 16384

    static func slot(of key: UnsafeRawBufferPointer) -> UInt16 {
        crc16(hashTag(of: key)) & 0x3FFF
    }

    /// The slot of a key given as an argument.
    static func slot(of key: some RedisArgument) -> UInt16 {
        var buffer = ByteBuffer()
        key.writeRedisArgument(to: &buffer)
        return buffer.withUnsafeReadableBytes { slot(of: $0) }
    }

    /// What stands between the first `{` and the next `}`, unless that is nothing.
    private static func hashTag(of key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        // Nearly no key has one, and this is the fastest way to see it.
        guard let start = key.baseAddress, let brace = memchr(start, Int32(UInt8(ascii: "{")), key.count) else {
            return key
        }
        let inside = key[(start.distance(to: brace) + 1)...]
        guard let close = inside.firstIndex(of: UInt8(ascii: "}")), close > inside.startIndex else { return key }
        return UnsafeRawBufferPointer(rebasing: inside[..<close])
    }

    private static func crc16(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
        table.withUnsafeBufferPointer { table in
            var crc: UInt16 = 0
            // A byte is never past the end of 256 entries.
            for byte in bytes { crc = (crc << 8) ^ table[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)] }
            return crc
        }
    }

    private static let table: [UInt16] = (0..<256).map { index in
        var crc = UInt16(index) << 8
        for _ in 0..<8 {
            crc = crc & 0x8000 == 0 ? crc << 1 : (crc << 1) ^ 0x1021
        }
        return crc
    }
}
