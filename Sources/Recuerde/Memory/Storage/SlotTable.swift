/// Finds the slot of a key by its hash: open addressing with linear probing and backward-shift deletion (Knuth, "The Art of Computer
/// Programming", volume 3, section 6.4, algorithms L and R), in segments that split when they are full (Fagin, Nievergelt, Pippenger and
/// Strong, "Extendible Hashing", 1979). So what one insertion moves is a segment at most, however large the table is.
///
/// A cell holds 32 bits of the hash and the slot, so that a probe looks at no slot but the right one, and neither growth nor removal
/// reads any. The first bits of a hash choose the segment. Its home there is found by a multiplication with the others (Lemire, "Fast Random
/// Integer Generation in an Interval", 2019), which keeps the order of hashes and lets a segment grow by halves. Keys that an attacker
/// chose do not meet here, because the hash has a seed of this process.
///
/// The pointers are sound: they are owned here alone (`~Copyable`), freed in `deinit`, every index into a segment stays below its `capacity`,
/// and every index into the directory below two to the power of `depth`.
struct SlotTable: ~Copyable {
    /// Where a segment lies. One that has fewer bits than the directory stands there more than once.
    private struct Segment: BitwiseCopyable {
        let cells: UnsafeMutablePointer<UInt64>
        let capacity: UInt32
        /// In ``contents``.
        let number: UInt16
        /// How many of the first bits its hashes have in common.
        let depth: UInt16

        @inline(__always)
        func home(_ hash: UInt32) -> Int {
            let rest = UInt32(truncatingIfNeeded: UInt64(hash) &<< UInt64(depth))
            return Int(truncatingIfNeeded: (UInt64(rest) &* UInt64(capacity)) >> 32)
        }

        func place(_ cell: UInt64) {
            var index = home(UInt32(truncatingIfNeeded: cell >> 32))
            while cells[index] != 0 {
                index += 1
                if index == capacity { index = 0 }
            }
            cells[index] = cell
        }
    }

    /// What only changes look at.
    private struct Content {
        var block: MemoryBlock
        var count = 0
    }

    /// A full segment of so many cells is split instead of enlarged.
    static let largest = 3_000
    /// The most bits that choose a segment: more are of use only where nearly all hashes begin with the same ones, which chance does not bring about.
    private static let deepest = 14

    private var directory: UnsafeMutablePointer<Segment>?
    private var depth = 0
    private var contents: [Content] = []
    private let arena: MemoryArena
    private(set) var count = 0
    /// Cells of all segments.
    private(set) var capacity = 0
    /// How many cells growth has looked at so far; tests see by it how much that is at a time.
    private(set) var moved = 0

    init(arena: MemoryArena = MemoryArena()) {
        self.arena = arena
    }

    deinit {
        for content in contents { arena.deallocate(content.block) }
        directory?.deallocate()
    }

    @inline(__always)
    func find(_ hash: UInt32, where matches: (UInt32) -> Bool) -> UInt32? {
        guard let directory else { return nil }
        let segment = directory[number(hash)]
        var index = segment.home(hash)
        while true {
            let cell = segment.cells[index]
            // One cell in eight at least is empty, so this ends.
            if cell == 0 { return nil }
            if UInt32(truncatingIfNeeded: cell >> 32) == hash {
                let slot = UInt32(truncatingIfNeeded: cell) &- 1
                if matches(slot) { return slot }
            }
            index += 1
            if index == segment.capacity { index = 0 }
        }
    }

    /// Adds a slot that is not in the table yet.
    mutating func insert(_ hash: UInt32, slot: UInt32) {
        if directory == nil { makeDirectory() }
        guard let directory else { return }
        var segment = directory[number(hash)]
        if contents[Int(segment.number)].count * 8 >= Int(segment.capacity) * 7 {
            segment = makeRoom(hash, for: segment)
        }
        segment.place(UInt64(hash) << 32 | UInt64(slot &+ 1))
        contents[Int(segment.number)].count += 1
        count += 1
    }

    mutating func remove(_ hash: UInt32, slot: UInt32) {
        guard let directory else { return }
        let segment = directory[number(hash)]
        let cells = segment.cells
        let wanted = UInt64(hash) << 32 | UInt64(slot &+ 1)
        var hole = segment.home(hash)
        while cells[hole] != wanted {
            if cells[hole] == 0 { return }
            hole += 1
            if hole == segment.capacity { hole = 0 }
        }
        contents[Int(segment.number)].count -= 1
        count -= 1
        var next = hole
        while true {
            next += 1
            if next == segment.capacity { next = 0 }
            let cell = cells[next]
            if cell == 0 { break }
            // It may move into the hole unless its home lies behind it, going round.
            let home = segment.home(UInt32(truncatingIfNeeded: cell >> 32))
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
        guard let directory else { return 0 }
        let segment = directory[number(hash)]
        let wanted = UInt64(hash) << 32 | UInt64(slot &+ 1)
        var index = segment.home(hash)
        var probes = 1
        while segment.cells[index] != wanted, segment.cells[index] != 0 {
            probes += 1
            index = (index + 1) % Int(segment.capacity)
        }
        return probes
    }

    /// Where the directory has the segment of a hash.
    @inline(__always)
    private func number(_ hash: UInt32) -> Int {
        Int(truncatingIfNeeded: (UInt64(hash) &<< UInt64(truncatingIfNeeded: depth)) >> 32)
    }

    // MARK: Growth

    private mutating func makeDirectory() {
        let block = makeBlock(16)
        contents.append(Content(block: block))
        let directory = UnsafeMutablePointer<Segment>.allocate(capacity: 1)
        directory.initialize(to: segment(0, capacity: 16, depth: 0))
        self.directory = directory
    }

    /// Enlarges the segment of a hash, or splits it; returns the one that has the hash's place and room for it.
    private mutating func makeRoom(_ hash: UInt32, for old: Segment) -> Segment {
        let oldBlock = contents[Int(old.number)].block
        if old.capacity >= Self.largest, old.depth < Self.deepest, contents.count <= UInt16.max {
            split(old, hash)
        } else {
            enlarge(old, hash)
        }
        moved += Int(old.capacity)
        capacity -= Int(old.capacity)
        arena.deallocate(oldBlock)
        return directory?[number(hash)] ?? old
    }

    private mutating func enlarge(_ old: Segment, _ hash: UInt32) {
        let number = Int(old.number)
        let capacity = Int(old.capacity) + Int(old.capacity) / 2
        let block = makeBlock(capacity)
        contents[number].block = block
        let new = segment(number, capacity: capacity, depth: Int(old.depth))
        for index in 0..<Int(old.capacity) where old.cells[index] != 0 { new.place(old.cells[index]) }
        let places = places(of: old, hash)
        for place in places { directory?[place] = new }
    }

    private mutating func split(_ old: Segment, _ hash: UInt32) {
        if Int(old.depth) == depth { doubleDirectory() }
        let bit: UInt64 = 1 << UInt64(63 - old.depth)
        let number = Int(old.number)
        let upperCount = (0..<Int(old.capacity)).count { old.cells[$0] & bit != 0 }
        // Room for each by what it has, in case they are not alike.
        let (lower, upper) = (Self.capacity(for: contents[number].count - upperCount), Self.capacity(for: upperCount))
        let (upperBlock, lowerBlock) = (makeBlock(upper), makeBlock(lower))
        contents.append(Content(block: upperBlock, count: upperCount))
        contents[number].block = lowerBlock
        contents[number].count -= upperCount
        let lowerHalf = segment(number, capacity: lower, depth: Int(old.depth) + 1)
        let upperHalf = segment(contents.count - 1, capacity: upper, depth: Int(old.depth) + 1)
        for index in 0..<Int(old.capacity) where old.cells[index] != 0 {
            let cell = old.cells[index]
            (cell & bit == 0 ? lowerHalf : upperHalf).place(cell)
        }
        let places = places(of: old, hash)
        let middle = places.lowerBound + places.count / 2
        for place in places { directory?[place] = place < middle ? lowerHalf : upperHalf }
    }

    /// Where the directory has a segment: in places that follow each other, one of which the hash tells.
    private func places(of segment: Segment, _ hash: UInt32) -> Range<Int> {
        let count = 1 << (depth - Int(segment.depth))
        let first = number(hash) & ~(count - 1)
        return first..<first + count
    }

    /// Cells for a segment that has just been made for so many entries: some more will come before it grows.
    private static func capacity(for count: Int) -> Int { max(16, count * 12 / 7) }

    private mutating func doubleDirectory() {
        guard let directory else { return }
        let count = 1 << depth
        let new = UnsafeMutablePointer<Segment>.allocate(capacity: count * 2)
        for index in 0..<count { (new + index * 2).initialize(repeating: directory[index], count: 2) }
        directory.deallocate()
        self.directory = new
        depth += 1
    }

    private mutating func makeBlock(_ capacity: Int) -> MemoryBlock {
        let block = arena.allocate(capacity * MemoryLayout<UInt64>.stride)
        block.start.bindMemory(to: UInt64.self, capacity: capacity).initialize(repeating: 0, count: capacity)
        self.capacity += capacity
        return block
    }

    private func segment(_ number: Int, capacity: Int, depth: Int) -> Segment {
        Segment(
            cells: contents[number].block.start.assumingMemoryBound(to: UInt64.self),
            capacity: UInt32(truncatingIfNeeded: capacity),
            number: UInt16(truncatingIfNeeded: number),
            depth: UInt16(truncatingIfNeeded: depth)
        )
    }
}
