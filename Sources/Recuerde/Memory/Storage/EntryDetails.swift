/// What few reads ask for, in one block of its own: the tags of an entry and the cost of its load. Numbers are LEB128 (DWARF 5,
/// section 7.6), so that a usual cost takes a dozen bytes instead of 24.
///
/// A block has one owner, the slot, which frees it; 0 stands for no block.
enum EntryDetails {
    /// Bytes at `address` that ``decode`` understands; 0 where there is nothing to tell.
    static func encode(tags: [String], cost: LoadCost?) -> UInt {
        if tags.isEmpty, cost == nil { return 0 }
        var size = length(UInt64(tags.count) << 1)
        for tag in tags { size += length(UInt64(tag.utf8.count)) + tag.utf8.count }
        if let cost {
            size += length(cost.microdollars) + length(UInt64(cost.tokensIn)) + length(UInt64(cost.tokensOut))
            size += length(cost.microseconds)
        }
        var writer = Writer(bytes: UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1))
        writer.append(UInt64(tags.count) << 1 | (cost == nil ? 0 : 1))
        if let cost {
            writer.append(cost.microdollars)
            writer.append(UInt64(cost.tokensIn))
            writer.append(UInt64(cost.tokensOut))
            writer.append(cost.microseconds)
        }
        for tag in tags {
            writer.append(UInt64(tag.utf8.count))
            for byte in tag.utf8 { writer.append(byte: byte) }
        }
        return writer.bytes.baseAddress.map { UInt(bitPattern: $0) } ?? 0
    }

    static func cost(_ address: UInt) -> LoadCost? {
        guard var reader = Reader(address), reader.next() & 1 == 1 else { return nil }
        return readCost(&reader)
    }

    static func decode(_ address: UInt) -> (tags: [String], cost: LoadCost?) {
        guard var reader = Reader(address) else { return ([], nil) }
        let head = reader.next()
        let cost = head & 1 == 1 ? readCost(&reader) : nil
        return ((0..<(head >> 1)).map { _ in reader.text() }, cost)
    }

    static func free(_ address: UInt) {
        UnsafeMutableRawPointer(bitPattern: address)?.deallocate()
    }

    private static func readCost(_ reader: inout Reader) -> LoadCost {
        var cost = LoadCost(microdollars: reader.next())
        cost.tokensIn = UInt32(truncatingIfNeeded: reader.next())
        cost.tokensOut = UInt32(truncatingIfNeeded: reader.next())
        cost.microseconds = reader.next()
        return cost
    }

    private static func length(_ number: UInt64) -> Int {
        max(1, (UInt64.bitWidth - number.leadingZeroBitCount + 6) / 7)
    }

    private struct Writer {
        let bytes: UnsafeMutableRawBufferPointer
        private var position = 0

        init(bytes: UnsafeMutableRawBufferPointer) {
            self.bytes = bytes
        }

        mutating func append(byte: UInt8) {
            bytes[position] = byte
            position += 1
        }

        mutating func append(_ number: UInt64) {
            var rest = number
            while rest >= 0x80 {
                append(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            append(byte: UInt8(truncatingIfNeeded: rest))
        }
    }

    /// Reads only what a ``Writer`` of this process has written, so that a number or text always ends inside of its block.
    private struct Reader {
        private var position: UnsafeRawPointer

        init?(_ address: UInt) {
            guard let start = UnsafeRawPointer(bitPattern: address) else { return nil }
            position = start
        }

        mutating func next() -> UInt64 {
            var number: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                let byte = position.load(as: UInt8.self)
                position += 1
                number |= UInt64(byte & 0x7F) &<< shift
                if byte & 0x80 == 0 { return number }
                shift += 7
            }
        }

        mutating func text() -> String {
            let count = Int(next())
            defer { position += count }
            return String(decoding: UnsafeRawBufferPointer(start: position, count: count), as: UTF8.self)
        }
    }
}
