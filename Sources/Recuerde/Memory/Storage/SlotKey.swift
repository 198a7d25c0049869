/// A key's text in 24 bytes: up to 23 bytes of UTF-8 lie in place, more lie in a block of their own.
///
/// In place, since most keys are short: a block costs 48 bytes or more, and a hit would wait for it. Byte 23 holds the length,
/// or 255 for a text that lies elsewhere; then the first word is its address and the second its length.
struct SlotKey: Equatable, Sendable {
    static let inlineCapacity = 23
    private static let elsewhere: UInt64 = 0xFF << 56

    private var first: UInt64
    private var second: UInt64
    private var third: UInt64

    static let empty = SlotKey(first: 0, second: 0, third: 0)

    private init(first: UInt64, second: UInt64, third: UInt64) {
        self.first = first
        self.second = second
        self.third = third
    }

    /// The form in place; nil for what is too long.
    @inline(__always)
    init?(inline bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Self.inlineCapacity else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
        first = words.0
        second = words.1
        third = UInt64(littleEndian: words.2) | UInt64(bytes.count) << 56
    }

    /// A copy of the text; `free()` ends its life.
    static func allocate(_ bytes: UnsafeRawBufferPointer) -> SlotKey {
        if let inline = SlotKey(inline: bytes) { return inline }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        block.copyMemory(from: bytes)
        let address = block.baseAddress.map { UInt64(UInt(bitPattern: $0)) } ?? 0
        return SlotKey(first: address, second: UInt64(bytes.count), third: elsewhere)
    }

    func free() {
        guard third == Self.elsewhere else { return }
        UnsafeMutableRawPointer(bitPattern: UInt(first))?.deallocate()
    }

    /// Calls with the bytes, which live as long as the slot does.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if third == Self.elsewhere {
            return body(
                UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(first)), count: Int(second))
            )
        }
        var words = (first, second, third.littleEndian)
        return withUnsafeMutableBytes(of: &words) { buffer in
            body(UnsafeRawBufferPointer(rebasing: buffer[0..<Int(third >> 56)]))
        }
    }

    /// Bytes of a text that lies in place.
    var inlineLength: Int { Int(third >> 56) }

    var text: String {
        withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @inline(__always)
    func matches(_ probe: borrowing KeyProbe) -> Bool {
        if let inline = probe.inline { return self == inline }
        guard third == Self.elsewhere, Int(second) == probe.bytes.count else { return false }
        return withBytes { $0.elementsEqual(probe.bytes) }
    }
}

/// A key that is looked for: its text, read once. Does not outlive the call that made it.
struct KeyProbe: ~Copyable {
    /// The text, where it is not in place.
    fileprivate let bytes: UnsafeRawBufferPointer
    let inline: SlotKey?
    /// What the table goes by. The upper bits of the hash chose the shard.
    let tableHash: UInt32

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, hash: Int) {
        self.bytes = bytes
        self.inline = SlotKey(inline: bytes)
        self.tableHash = UInt32(truncatingIfNeeded: hash)
    }

    @inline(__always)
    init(inline: SlotKey, hash: Int) {
        self.bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        self.inline = inline
        self.tableHash = UInt32(truncatingIfNeeded: hash)
    }

    /// A copy for a slot to keep; `free()` ends its life.
    func copy() -> SlotKey {
        inline ?? SlotKey.allocate(bytes)
    }
}
