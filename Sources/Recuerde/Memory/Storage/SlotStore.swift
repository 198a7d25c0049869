/// What a hit reads of an entry: 64 bytes, one line of the processor's cache.
struct HotSlot {
    var key: SlotKey
    /// The value, or a reference to its box; see ``ValuePlace``.
    var value: (UInt64, UInt64)
    var physicalExpiry: Int64
    var logicalExpiry: Int64
    /// The line that tells of changes of the entry in the remote tier; 0 for none. See ``LineTable``.
    var witness: UInt32
    private var unused: UInt16
    /// The lowest bit: provisional. The rest: 0 for a free slot, else one more than the number of the value's type.
    private var kindAndFlag: UInt16

    static let empty = HotSlot(
        key: .empty,
        value: (0, 0),
        physicalExpiry: 0,
        logicalExpiry: 0,
        witness: 0,
        unused: 0,
        kindAndFlag: 0
    )

    /// No entry weighs more than this, 256 TiB.
    static let maximumWeight = 1 << 48 - 1

    var isOccupied: Bool { kindAndFlag > 1 }
    var kind: Int { Int(kindAndFlag >> 1) - 1 }

    var isProvisional: Bool {
        get { kindAndFlag & 1 == 1 }
        set { kindAndFlag = kindAndFlag & ~1 | (newValue ? 1 : 0) }
    }

    mutating func setKind(_ kind: Int) {
        kindAndFlag = UInt16(truncatingIfNeeded: (kind + 1) << 1)
    }

    mutating func setFree() {
        kindAndFlag = 0
    }
}

/// What only writes, expiry and explanations read: 48 bytes.
struct ColdSlot {
    var createdAt: Int64 = 0
    var stamp: Int64 = 0
    var weight = 0
    /// See ``EntryDetails``.
    var details: UInt = 0
    /// Links of the wheel of deadlines; of the free slots, `next` alone.
    var next = SlotStore.none
    var previous = SlotStore.none
    /// Which ``MemoryEntry`` in hand this one was made of; 0 for one that is not in anybody's hand.
    var identity: UInt32 = 0
    /// What the table goes by.
    var hash: UInt32 = 0
}

/// The slots of a shard, in chunks that never move: growth copies nothing, and links by number stay true.
///
/// The pointers are sound by this discipline: a chunk is allocated and initialised when the first slot in it is handed out, and freed
/// in `deinit`, whose owner is the only one (`~Copyable`). Numbers of slots come from ``allocate()`` alone, so each lies below
/// `used`; table, wheel and policy only ever hand back numbers that they were given, and forget them when a slot is freed. Nothing here
/// is touched without the lock of the shard.
struct SlotStore: ~Copyable {
    static let none = UInt32.max
    /// Slots beyond this are not handed out, so that the bits above can mark links.
    static let limit = 1 << 22
    private static let chunkBits = 8
    static let chunkSize = 1 << chunkBits

    var kinds = ValueKinds()
    private var hotChunks: UnsafeMutablePointer<UnsafeMutablePointer<HotSlot>>?
    private var coldChunks: UnsafeMutablePointer<UnsafeMutablePointer<ColdSlot>>?
    private var chunks = 0
    private var directory = 0
    private(set) var used: UInt32 = 0
    private var firstFree = SlotStore.none

    init() {}

    deinit {
        for slot in 0..<used where hot(slot).pointee.isOccupied { destroy(slot) }
        if let hotChunks, let coldChunks {
            for number in 0..<chunks {
                hotChunks[number].deallocate()
                coldChunks[number].deallocate()
            }
            hotChunks.deallocate()
            coldChunks.deallocate()
        }
    }

    @inline(__always)
    func hot(_ slot: UInt32) -> UnsafeMutablePointer<HotSlot> {
        // A slot that was handed out has its chunk.
        hotChunks.unsafelyUnwrapped[Int(slot >> Self.chunkBits)] + Int(slot & UInt32(Self.chunkSize - 1))
    }

    @inline(__always)
    func cold(_ slot: UInt32) -> UnsafeMutablePointer<ColdSlot> {
        coldChunks.unsafelyUnwrapped[Int(slot >> Self.chunkBits)] + Int(slot & UInt32(Self.chunkSize - 1))
    }

    @inline(__always)
    func valuePlace(_ slot: UInt32) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(hot(slot)) + MemoryLayout<SlotKey>.stride
    }

    /// A free slot; nil where there are no more.
    mutating func allocate() -> UInt32? {
        if firstFree != Self.none {
            let slot = firstFree
            firstFree = cold(slot).pointee.next
            cold(slot).pointee = ColdSlot()
            return slot
        }
        guard used < Self.limit else { return nil }
        if Int(used) == chunks << Self.chunkBits { addChunk() }
        defer { used += 1 }
        return used
    }

    /// Takes back a slot whose content is gone.
    mutating func free(_ slot: UInt32) {
        hot(slot).pointee.setFree()
        cold(slot).pointee.next = firstFree
        firstFree = slot
    }

    /// Empties a slot, and returns its value for somebody else to let go of.
    mutating func takeOut(_ slot: UInt32) -> (any Sendable)? {
        let value = kinds[hot(slot).pointee.kind]?.take(valuePlace(slot))
        clearRest(slot)
        return value
    }

    private func destroy(_ slot: UInt32) {
        kinds[hot(slot).pointee.kind]?.destroy(valuePlace(slot))
        clearRest(slot)
    }

    private func clearRest(_ slot: UInt32) {
        hot(slot).pointee.key.free()
        EntryDetails.free(cold(slot).pointee.details)
        cold(slot).pointee.details = 0
    }

    private mutating func addChunk() {
        if chunks == directory { growDirectory() }
        let hot = UnsafeMutableRawPointer.allocate(
            byteCount: Self.chunkSize * MemoryLayout<HotSlot>.stride,
            alignment: 64
        ).bindMemory(to: HotSlot.self, capacity: Self.chunkSize)
        hot.initialize(repeating: .empty, count: Self.chunkSize)
        let cold = UnsafeMutablePointer<ColdSlot>.allocate(capacity: Self.chunkSize)
        cold.initialize(repeating: ColdSlot(), count: Self.chunkSize)
        hotChunks.unsafelyUnwrapped[chunks] = hot
        coldChunks.unsafelyUnwrapped[chunks] = cold
        chunks += 1
    }

    private mutating func growDirectory() {
        let capacity = max(8, directory * 2)
        let hot = UnsafeMutablePointer<UnsafeMutablePointer<HotSlot>>.allocate(capacity: capacity)
        let cold = UnsafeMutablePointer<UnsafeMutablePointer<ColdSlot>>.allocate(capacity: capacity)
        if let hotChunks, let coldChunks {
            hot.moveInitialize(from: hotChunks, count: chunks)
            cold.moveInitialize(from: coldChunks, count: chunks)
            hotChunks.deallocate()
            coldChunks.deallocate()
        }
        hotChunks = hot
        coldChunks = cold
        directory = capacity
    }
}
