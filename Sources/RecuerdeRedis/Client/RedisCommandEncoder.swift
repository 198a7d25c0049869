import NIOCore

/// Writes a command as RESP and notes the slot of its key on the way.
struct RedisCommandEncoder: ~Copyable {
    let name: String
    private(set) var buffer: ByteBuffer
    private(set) var slot: UInt16?
    private(set) var fault: RedisCommand.Fault?
    private let key: Int?
    private var position = 0

    init(name: String, argumentCount: Int, capacity: Int, key: Int?) {
        self.name = name
        self.key = key
        // Too much is refused by `append` before anything is written, so no absurd capacity is asked for here.
        let bounded = min(max(0, capacity), RedisCommand.maximumArgumentBytes)
        buffer = ByteBufferAllocator().buffer(capacity: bounded + name.utf8.count + 32)
        if name.isEmpty { fault = .emptyName }
        buffer.writeInteger(UInt8(ascii: "*"))
        buffer.writeDecimal(UInt64(argumentCount) + 1)
        buffer.writeLineEnd()
        writeBulk(name)
    }

    mutating func append(_ argument: some RedisArgument) {
        guard fault == nil else { return }
        let start = writeBulk(argument)
        guard fault == nil, position == key else {
            position += 1
            return
        }
        position += 1
        let end = buffer.writerIndex - 2
        slot = buffer.withUnsafeReadableBytes { bytes in
            // The buffer is never read from, so that its reader index is zero.
            start <= end && end <= bytes.count
                ? RedisKeySlot.slot(of: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) : nil
        }
    }

    /// Returns where the bytes of the argument begin.
    @discardableResult
    private mutating func writeBulk(_ argument: some RedisArgument) -> Int {
        let count = argument.redisArgumentByteCount
        let room = RedisCommand.maximumArgumentBytes - count
        guard count >= 0, room >= 0, buffer.writerIndex <= Int(Int32.max) - count - 64 else {
            fault = .argumentTooLong
            return 0
        }
        buffer.writeInteger(UInt8(ascii: "$"))
        buffer.writeDecimal(UInt64(count))
        buffer.writeLineEnd()
        let start = buffer.writerIndex
        argument.writeRedisArgument(to: &buffer)
        if buffer.writerIndex != start + count { fault = .argumentMiscounted }
        buffer.writeLineEnd()
        return start
    }
}

extension ByteBuffer {
    mutating func writeLineEnd() {
        writeInteger(UInt16(0x0D0A))
    }
}
