/// What few reads ask for, in one block of its own: the tags of an entry, what its source said about it, and the cost of its load. A byte
/// says which of them there are; the tags are a reference to what all entries with the same ones share; numbers are LEB128 (DWARF 5,
/// section 7.6), so that a usual cost takes a dozen bytes instead of 24.
///
/// A block has one owner, the slot, which frees it; 0 stands for no block.
enum EntryDetails {
    private static let hasCost: UInt8 = 1
    private static let hasTags: UInt8 = 2
    private static let hasValidators: UInt8 = 4

    /// Bytes at an address that ``decode(_:)`` understands, with references to tags and validators; 0 where there is nothing to tell.
    static func encode(marks: TagSet?, validators: KeptValidators? = nil, cost: LoadCost?) -> UInt {
        if marks == nil, validators == nil, cost == nil { return 0 }
        var size = 1 + (marks == nil ? 0 : MemoryLayout<UInt>.size) + (validators == nil ? 0 : MemoryLayout<UInt>.size)
        if let cost {
            size += length(cost.microdollars) + length(UInt64(cost.tokensIn)) + length(UInt64(cost.tokensOut))
            size += length(cost.microseconds)
        }
        var writer = Writer(bytes: UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1))
        writer.append(
            byte: (cost == nil ? 0 : hasCost) | (marks == nil ? 0 : hasTags) | (validators == nil ? 0 : hasValidators)
        )
        if let marks { writer.append(address: UInt(bitPattern: Unmanaged.passRetained(marks).toOpaque())) }
        if let validators { writer.append(address: UInt(bitPattern: Unmanaged.passRetained(validators).toOpaque())) }
        if let cost {
            writer.append(cost.microdollars)
            writer.append(UInt64(cost.tokensIn))
            writer.append(UInt64(cost.tokensOut))
            writer.append(cost.microseconds)
        }
        return writer.bytes.baseAddress.map { UInt(bitPattern: $0) } ?? 0
    }

    static func decode(_ address: UInt) -> (marks: TagSet?, validators: KeptValidators?, cost: LoadCost?) {
        guard var reader = Reader(address) else { return (nil, nil, nil) }
        let flags = reader.byte()
        let marks = unmanagedTags(address)?.takeUnretainedValue()
        let validators = unmanagedValidators(address)?.takeUnretainedValue()
        if marks != nil { reader.pass(MemoryLayout<UInt>.size) }
        if validators != nil { reader.pass(MemoryLayout<UInt>.size) }
        return (marks, validators, flags & hasCost == 0 ? nil : readCost(&reader))
    }

    /// The tags, and no further reference to them.
    @inline(__always)
    static func unmanagedTags(_ address: UInt) -> Unmanaged<TagSet>? {
        guard let block = UnsafeRawPointer(bitPattern: address), block.load(as: UInt8.self) & hasTags != 0 else {
            return nil
        }
        return UnsafeRawPointer(bitPattern: block.loadUnaligned(fromByteOffset: 1, as: UInt.self))
            .map(Unmanaged.fromOpaque)
    }

    /// They stand behind the reference to the tags, if there is one.
    private static func unmanagedValidators(_ address: UInt) -> Unmanaged<KeptValidators>? {
        guard let block = UnsafeRawPointer(bitPattern: address) else { return nil }
        let flags = block.load(as: UInt8.self)
        guard flags & hasValidators != 0 else { return nil }
        let offset = 1 + (flags & hasTags == 0 ? 0 : MemoryLayout<UInt>.size)
        return UnsafeRawPointer(bitPattern: block.loadUnaligned(fromByteOffset: offset, as: UInt.self))
            .map(Unmanaged.fromOpaque)
    }

    static func free(_ address: UInt) {
        unmanagedTags(address)?.release()
        unmanagedValidators(address)?.release()
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

        mutating func append(address: UInt) {
            bytes.storeBytes(of: address, toByteOffset: position, as: UInt.self)
            position += MemoryLayout<UInt>.size
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

    /// Reads only what a ``Writer`` of this process has written, so that a number always ends inside of its block.
    private struct Reader {
        private var position: UnsafeRawPointer

        init?(_ address: UInt) {
            guard let start = UnsafeRawPointer(bitPattern: address) else { return nil }
            position = start
        }

        mutating func byte() -> UInt8 {
            defer { position += 1 }
            return position.load(as: UInt8.self)
        }

        mutating func pass(_ count: Int) {
            position += count
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
    }
}
