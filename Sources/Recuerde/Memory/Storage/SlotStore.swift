/// What a hit reads of an entry: 64 bytes, one line of the processor's cache.
struct HotSlot {
    var key: SlotKey
    /// The value, or a reference to its box; see ``ValuePlace``.
    var value: (UInt64, UInt64)
    var physicalExpiry: Int64
    var logicalExpiry: Int64
    /// The line that tells of changes of the entry in the remote tier; 0 for none. See ``LineTable``.
    var witness: UInt32 = 0
    /// The upper bits of the weight; see ``SlotStore/weight(_:)``.
    fileprivate var weightHigh: UInt16
    /// The two lowest bits: provisional; with tags. The rest: 0 for a free slot, else one more than the number of the value's type.
    private var kindAndFlags: UInt16

    static let empty = HotSlot(
        key: .empty,
        value: (0, 0),
        physicalExpiry: 0,
        logicalExpiry: 0,
        weightHigh: 0,
        kindAndFlags: 0
    )

    /// No entry weighs more than this, 256 TiB.
    static let maximumWeight = 1 << 48 - 1

    var isOccupied: Bool { kindAndFlags > 3 }
    var kind: Int { Int(kindAndFlags >> 2) - 1 }

    var isProvisional: Bool {
        get { kindAndFlags & 1 == 1 }
        set { kindAndFlags = kindAndFlags & ~1 | (newValue ? 1 : 0) }
    }

    /// Whether the entry's details hold tags; so that a hit on one without does not look there.
    var isTagged: Bool {
        get { kindAndFlags & 2 == 2 }
        set { kindAndFlags = kindAndFlags & ~2 | (newValue ? 2 : 0) }
    }

    mutating func setKind(_ kind: Int) {
        kindAndFlags = UInt16(truncatingIfNeeded: (kind + 1) << 2)
    }

    mutating func setFree() {
        kindAndFlags = 0
    }
}

/// What only writes, expiry and explanations read: 40 bytes.
struct ColdSlot {
    var createdAt: Int64 = 0
    var stamp: Int64 = 0
    /// See ``EntryDetails``.
    var details: UInt = 0
    /// Links of the wheel of deadlines; of the free slots, `next` alone.
    var next = SlotStore.none
    var previous = SlotStore.none
    /// Which ``MemoryEntry`` in hand this one was made of; 0 for one that is not in anybody's hand.
    var identity: UInt32 = 0
    /// See ``SlotStore/weight(_:)``.
    fileprivate var weightLow: UInt32 = 0
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
    /// In a chunk the hot parts come first, since they lie on lines of their own.
    private static let coldOffset = chunkSize * MemoryLayout<HotSlot>.stride
    private static let chunkBytes = coldOffset + chunkSize * MemoryLayout<ColdSlot>.stride

    var kinds = ValueKinds()
    private let arena: MemoryArena
    /// The start of each chunk, and how it goes back.
    private var directory: UnsafeMutablePointer<UnsafeMutableRawPointer>?
    private var blocks: [MemoryBlock] = []
    private var capacity = 0
    private(set) var used: UInt32 = 0
    private var firstFree = SlotStore.none

    init(arena: MemoryArena = MemoryArena()) {
        self.arena = arena
    }

    deinit {
        for slot in 0..<used where hot(slot).pointee.isOccupied { destroy(slot) }
        for block in blocks { arena.deallocate(block) }
        directory?.deallocate()
    }

    @inline(__always)
    func hot(_ slot: UInt32) -> UnsafeMutablePointer<HotSlot> {
        chunk(of: slot).assumingMemoryBound(to: HotSlot.self) + Int(slot & UInt32(Self.chunkSize - 1))
    }

    @inline(__always)
    func cold(_ slot: UInt32) -> UnsafeMutablePointer<ColdSlot> {
        (chunk(of: slot) + Self.coldOffset).assumingMemoryBound(to: ColdSlot.self)
            + Int(slot & UInt32(Self.chunkSize - 1))
    }

    @inline(__always)
    private func chunk(of slot: UInt32) -> UnsafeMutableRawPointer {
        // A slot that was handed out has its chunk.
        directory.unsafelyUnwrapped[Int(slot >> Self.chunkBits)]
    }

    @inline(__always)
    func valuePlace(_ slot: UInt32) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(hot(slot)) + MemoryLayout<SlotKey>.stride
    }

    /// What the entry in a slot weighs. Hits do not ask, so most of it is in the cold part.
    @inline(__always)
    func weight(_ slot: UInt32) -> Int {
        Int(hot(slot).pointee.weightHigh) << 32 | Int(cold(slot).pointee.weightLow)
    }

    @inline(__always)
    func setWeight(_ slot: UInt32, _ weight: Int) {
        hot(slot).pointee.weightHigh = UInt16(truncatingIfNeeded: weight >> 32)
        cold(slot).pointee.weightLow = UInt32(truncatingIfNeeded: weight)
    }

    /// Whether no tag of the entry makes it void; see ``TagSet/stands(stamp:lines:now:)``. For slots with tags alone.
    @inline(never)
    func tagsStand(_ slot: UInt32, lines: LineTable?, now: MonotonicInstant) -> Bool {
        let cold = cold(slot)
        guard let tags = EntryDetails.unmanagedTags(cold.pointee.details) else { return true }
        // The slot's own reference lives on, since nobody changes the slot without the lock.
        return tags._withUnsafeGuaranteedRef { $0.stands(stamp: cold.pointee.stamp, lines: lines, now: now) }
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
        if Int(used) == blocks.count << Self.chunkBits { addChunk() }
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
        hot(slot).pointee.key.free()
        return takeValue(slot)
    }

    /// Empties a slot of all but its key, for another value of that, and returns the old one likewise.
    mutating func takeValue(_ slot: UInt32) -> (any Sendable)? {
        freeDetails(slot)
        return kinds[hot(slot).pointee.kind]?.take(valuePlace(slot))
    }

    private func destroy(_ slot: UInt32) {
        kinds[hot(slot).pointee.kind]?.destroy(valuePlace(slot))
        hot(slot).pointee.key.free()
        freeDetails(slot)
    }

    private func freeDetails(_ slot: UInt32) {
        EntryDetails.free(cold(slot).pointee.details)
        cold(slot).pointee.details = 0
    }

    private mutating func addChunk() {
        if blocks.count == capacity { growDirectory() }
        let block = arena.allocate(Self.chunkBytes)
        let hot = block.start.bindMemory(to: HotSlot.self, capacity: Self.chunkSize)
        hot.initialize(repeating: .empty, count: Self.chunkSize)
        let cold = (block.start + Self.coldOffset).bindMemory(to: ColdSlot.self, capacity: Self.chunkSize)
        cold.initialize(repeating: ColdSlot(), count: Self.chunkSize)
        directory.unsafelyUnwrapped[blocks.count] = block.start
        blocks.append(block)
    }

    private mutating func growDirectory() {
        let capacity = max(8, self.capacity * 2)
        let new = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: capacity)
        if let directory {
            new.moveInitialize(from: directory, count: blocks.count)
            directory.deallocate()
        }
        directory = new
        self.capacity = capacity
    }
}
