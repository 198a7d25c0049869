public import NIOCore

/// Something that can be an argument of a command: it becomes bytes, and any bytes are safe.
public protocol RedisArgument: Sendable {
    /// How many bytes `writeRedisArgument(to:)` writes.
    var redisArgumentByteCount: Int { get }

    /// Appends exactly `redisArgumentByteCount` bytes. A command whose argument writes another number is not sent.
    func writeRedisArgument(to buffer: inout ByteBuffer)
}

extension String: RedisArgument {
    /// The length in UTF-8.
    public var redisArgumentByteCount: Int { utf8.count }

    /// Writes the text as UTF-8.
    public func writeRedisArgument(to buffer: inout ByteBuffer) { buffer.writeString(self) }
}

extension Substring: RedisArgument {
    /// The length in UTF-8.
    public var redisArgumentByteCount: Int { utf8.count }

    /// Writes the text as UTF-8.
    public func writeRedisArgument(to buffer: inout ByteBuffer) { buffer.writeSubstring(self) }
}

extension ByteBuffer: RedisArgument {
    /// The number of readable bytes.
    public var redisArgumentByteCount: Int { readableBytes }

    /// Writes the readable bytes.
    public func writeRedisArgument(to buffer: inout ByteBuffer) { buffer.writeImmutableBuffer(self) }
}

extension Array: RedisArgument where Element == UInt8 {
    /// The number of bytes.
    public var redisArgumentByteCount: Int { count }

    /// Writes the bytes.
    public func writeRedisArgument(to buffer: inout ByteBuffer) { buffer.writeBytes(self) }
}

extension ArraySlice: RedisArgument where Element == UInt8 {
    /// The number of bytes.
    public var redisArgumentByteCount: Int { count }

    /// Writes the bytes.
    public func writeRedisArgument(to buffer: inout ByteBuffer) { buffer.writeBytes(self) }
}

extension Int: RedisArgument {
    /// The length in decimal digits.
    public var redisArgumentByteCount: Int { Int64(self).redisArgumentByteCount }

    /// Writes decimal digits.
    public func writeRedisArgument(to buffer: inout ByteBuffer) { Int64(self).writeRedisArgument(to: &buffer) }
}

extension UInt64: RedisArgument {
    /// The length in decimal digits.
    public var redisArgumentByteCount: Int { decimalDigits }

    /// Writes decimal digits.
    public func writeRedisArgument(to buffer: inout ByteBuffer) { buffer.writeDecimal(self) }
}

extension Int64: RedisArgument {
    /// The length in decimal digits, with the sign.
    public var redisArgumentByteCount: Int { magnitude.decimalDigits + (self < 0 ? 1 : 0) }

    /// Writes decimal digits.
    public func writeRedisArgument(to buffer: inout ByteBuffer) {
        if self < 0 { buffer.writeInteger(UInt8(ascii: "-")) }
        buffer.writeDecimal(magnitude)
    }
}

extension Double: RedisArgument {
    /// The length of the shortest text that reads back as this number.
    public var redisArgumentByteCount: Int { description.utf8.count }

    /// Writes the shortest text that reads back as this number.
    public func writeRedisArgument(to buffer: inout ByteBuffer) { buffer.writeString(description) }
}

extension UInt64 {
    /// The number of decimal digits.
    var decimalDigits: Int {
        var digits = 1
        var rest = self
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        return digits
    }
}

extension ByteBuffer {
    /// Writes a number in decimal digits without making a string of it.
    mutating func writeDecimal(_ number: UInt64) {
        let digits = number.decimalDigits
        writeWithUnsafeMutableBytes(minimumWritableBytes: digits) { space in
            var rest = number
            for index in stride(from: digits - 1, through: 0, by: -1) {
                space[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return digits
        }
    }
}
