/// Finds the slot of a key by its hash: open addressing with linear probing and backward-shift deletion (Knuth, "The Art of Computer
/// Programming", volume 3, section 6.4, algorithms L and R).
///
/// A cell holds 32 bits of the hash and the slot, so that a probe looks at no slot but the right one, and neither growth nor removal
/// reads any. A hash's home is found by a multiplication (Lemire, "Fast Random Integer Generation in an Interval", 2019), which keeps
/// the order of hashes and lets the table grow by halves. Keys that an attacker chose do not meet here, because the hash has a seed of
/// this process.
///
/// The pointer is sound: it is owned here alone (`~Copyable`), freed in `deinit`, and every index stays below `capacity`.
struct SlotTable: ~Copyable {
    private var cells: UnsafeMutablePointer<UInt64>?
    private(set) var capacity = 0
    private(set) var count = 0
    private let arena: MemoryArena
    /// Where the cells lie.
    private var block: MemoryBlock?

    init(arena: MemoryArena = MemoryArena()) {
        self.arena = arena
    }

    deinit {
        if let block { arena.deallocate(block) }
    }

    @inline(__always)
    func find(_ hash: UInt32, where matches: (UInt32) -> Bool) -> UInt32? {
        guard let cells else { return nil }
        var index = home(hash)
        while true {
            let cell = cells[index]
            // One cell in eight at least is empty, so this ends.
            if cell == 0 { return nil }
            if UInt32(truncatingIfNeeded: cell >> 32) == hash {
                let slot = UInt32(truncatingIfNeeded: cell) &- 1
                if matches(slot) { return slot }
            }
            index += 1
            if index == capacity { index = 0 }
        }
    }

    /// Adds a slot that is not in the table yet.
    mutating func insert(_ hash: UInt32, slot: UInt32) {
        if count * 8 >= capacity * 7 { grow() }
        place(UInt64(hash) << 32 | UInt64(slot &+ 1))
        count += 1
    }

    mutating func remove(_ hash: UInt32, slot: UInt32) {
        guard let cells else { return }
        let wanted = UInt64(hash) << 32 | UInt64(slot &+ 1)
        var hole = home(hash)
        while cells[hole] != wanted {
            if cells[hole] == 0 { return }
            hole += 1
            if hole == capacity { hole = 0 }
        }
        count -= 1
        var next = hole
        while true {
            next += 1
            if next == capacity { next = 0 }
            let cell = cells[next]
            if cell == 0 { break }
            // It may move into the hole unless its home lies behind it, going round.
            let home = home(UInt32(truncatingIfNeeded: cell >> 32))
            let staysBehind = hole <= next ? hole < home && home <= next : hole < home || home <= next
            if !staysBehind {
                cells[hole] = cell
                hole = next
            }
        }
        cells[hole] = 0
    }

    /// How many cells are looked at to find a slot.
    func probes(_ hash: UInt32, slot: UInt32) -> Int {
        guard let cells, capacity > 0 else { return 0 }
        let wanted = UInt64(hash) << 32 | UInt64(slot &+ 1)
        var index = home(hash)
        var probes = 1
        while cells[index] != wanted, cells[index] != 0 {
            probes += 1
            index = (index + 1) % capacity
        }
        return probes
    }

    @inline(__always)
    private func home(_ hash: UInt32) -> Int {
        Int(truncatingIfNeeded: (UInt64(hash) &* UInt64(truncatingIfNeeded: capacity)) >> 32)
    }

    private mutating func place(_ cell: UInt64) {
        guard let cells else { return }
        var index = home(UInt32(truncatingIfNeeded: cell >> 32))
        while cells[index] != 0 {
            index += 1
            if index == capacity { index = 0 }
        }
        cells[index] = cell
    }

    private mutating func grow() {
        let (old, oldBlock, oldCapacity) = (cells, block, capacity)
        capacity = max(16, oldCapacity + oldCapacity / 2)
        let new = arena.allocate(capacity * MemoryLayout<UInt64>.stride)
        block = new
        cells = new.start.bindMemory(to: UInt64.self, capacity: capacity)
        cells?.initialize(repeating: 0, count: capacity)
        guard let old, let oldBlock else { return }
        for index in 0..<oldCapacity where old[index] != 0 { place(old[index]) }
        arena.deallocate(oldBlock)
    }
}
