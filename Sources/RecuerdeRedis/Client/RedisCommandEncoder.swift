import NIOCore

/// Writes a command as RESP and notes the slot of its key on the way.
///
/// An argument and its framing are written at once: with a write for each of its parts, encoding would be the largest
/// cost of a small command.
struct RedisCommandEncoder: ~Copyable {
    let name: String
    private(set) var slot: UInt16?
    private(set) var fault: RedisCommand.Fault?
    private var buffer: ByteBuffer
    private let key: Int?
    private var position = 0

    init(name: String, argumentCount: Int, capacity: Int, key: Int?) {
        self.name = name
        self.key = key
        // Too much is refused by `append` before anything is written, so no absurd capacity is asked for here.
        let bounded = min(max(0, capacity), RedisCommand.maximumArgumentBytes)
        let nameLength = name.utf8.count
        guard nameLength <= RedisCommand.maximumArgumentBytes else {
            buffer = ByteBuffer()
            fault = .argumentTooLong
            return
        }
        buffer = ByteBufferAllocator().buffer(capacity: bounded + nameLength + RESPFraming.maximumHead)
        if name.isEmpty { fault = .emptyName }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: nameLength + RESPFraming.maximumHead) { space in
            var framing = RESPFraming(space)
            framing.writeHeader(UInt8(ascii: "*"), argumentCount + 1)
            framing.writeHeader(UInt8(ascii: "$"), nameLength)
            framing.write(name)
            framing.writeLineEnd()
            return framing.count
        }
    }

    mutating func append<Argument: RedisArgument>(_ argument: Argument) {
        guard fault == nil else { return }
        // A comparison of types costs a nanosecond, and texts and bytes need no dispatch and no growing of the buffer.
        if Argument.self == String.self {
            var text = unsafeBitCast(argument, to: String.self)
            text.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
        } else if Argument.self == ByteBuffer.self {
            unsafeBitCast(argument, to: ByteBuffer.self).withUnsafeReadableBytes { append(bytes: $0) }
        } else {
            append(other: argument)
        }
        position += 1
    }

    private mutating func append(bytes: UnsafeRawBufferPointer) {
        guard reserves(bytes.count) else { return }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count + RESPFraming.maximumHeader + 2) { space in
            var framing = RESPFraming(space)
            framing.writeHeader(UInt8(ascii: "$"), bytes.count)
            framing.write(bytes)
            framing.writeLineEnd()
            return framing.count
        }
        if position == key { slot = RedisKeySlot.slot(of: bytes) }
    }

    private mutating func append(other argument: some RedisArgument) {
        let count = argument.redisArgumentByteCount
        guard reserves(count) else { return }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: RESPFraming.maximumHeader) { space in
            var framing = RESPFraming(space)
            framing.writeHeader(UInt8(ascii: "$"), count)
            return framing.count
        }
        let start = buffer.writerIndex
        argument.writeRedisArgument(to: &buffer)
        if buffer.writerIndex != start + count {
            fault = .argumentMiscounted
        } else if position == key {
            slot = buffer.withUnsafeReadableBytes { bytes in
                // The buffer is never read from, so that its reader index is zero.
                start + count <= bytes.count
                    ? RedisKeySlot.slot(of: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)])) : nil
            }
        }
        buffer.writeInteger(UInt16(0x0D0A))
    }

    /// False if the argument is too long to be sent.
    private mutating func reserves(_ count: Int) -> Bool {
        let room = RedisCommand.maximumArgumentBytes - count
        if count >= 0, room >= 0, buffer.writerIndex <= Int(Int32.max) - count - 64 { return true }
        fault = .argumentTooLong
        return false
    }

    /// The whole command.
    consuming func finish() -> ByteBuffer { buffer }
}

/// Writes what stands around arguments into memory that is known to be large enough.
struct RESPFraming {
    /// Type, twenty digits, line end.
    static let maximumHeader = 23
    /// Two headers and a line end.
    static let maximumHead = 48

    private let space: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ space: UnsafeMutableRawBufferPointer) {
        self.space = space
    }

    mutating func writeHeader(_ kind: UInt8, _ number: Int) {
        space[count] = kind
        var rest = UInt64(clamping: number)
        let digits = rest.decimalDigits
        for index in stride(from: count + digits, to: count, by: -1) {
            space[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits + 1
        writeLineEnd()
    }

    mutating func writeLineEnd() {
        space[count] = 0x0D
        space[count + 1] = 0x0A
        count += 2
    }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: space[count...]).copyMemory(from: bytes)
        count += bytes.count
    }
}
