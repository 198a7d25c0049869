import Synchronization

/// Where the shards of a tier have their slots and tables from: the allocator while there are few, then pages of two megabytes
/// that all shards share, since a shard alone fills none.
///
/// With a million entries each place that a hit looks at is a walk through the page tables besides the wait for memory (190 instead of 165 ns
/// where it was measured, see `docs/benchmarks.md`); such pages spare it for table and slot, and some 500 page faults for each page that
/// is filled. A page that is used by a block is resident as a whole: what is not used of pages is about one page in all, and nothing
/// below ``threshold``. A page goes back to the system with its last block, at once.
final class MemoryArena: Sendable {
    /// Up to so many bytes lie in memory of the allocator. A page of which little is used adds no more than a quarter to that.
    static let threshold = 4 * HugePages.size
    /// What blocks are rounded up to.
    static let unit = 2_048
    /// In how many pages room is looked for before another one is made.
    private static let patience = 8
    /// Pages with less room than this, in units, are not looked at: a chunk of slots would hardly fit, and they would hide those with more.
    private static let leastRoom = 16

    private struct State {
        /// Bytes from the allocator.
        var allocated = 0
        /// By address.
        var pages: [UInt: BlockMap] = [:]
        /// Addresses of pages that have room, the one to look at first at the end.
        var open: [UInt] = []
    }

    private let state = Mutex(State())
    private let threshold: Int

    init(threshold: Int = MemoryArena.threshold) {
        self.threshold = threshold
    }

    /// Bytes that came from the system page by page.
    var pagedBytes: Int { state.withLock { $0.pages.count * HugePages.size } }

    /// A block for the caller to initialise, aligned to a line of the processor's cache; ends with ``deallocate(_:)``.
    func allocate(_ byteCount: Int) -> MemoryBlock {
        if let address = state.withLock({ place(byteCount, in: &$0) }) {
            return MemoryBlock(start: address, byteCount: byteCount, isPaged: true)
        }
        return MemoryBlock(allocating: byteCount)
    }

    func deallocate(_ block: MemoryBlock) {
        guard block.isPaged else {
            state.withLock { $0.allocated -= block.byteCount }
            return block.deallocate()
        }
        guard block.byteCount <= HugePages.size else {
            return HugePages.unmap(block.start, Self.rounded(block.byteCount))
        }
        state.withLock { state in
            let offset = Int(bitPattern: block.start) & (HugePages.size - 1)
            let page = UInt(bitPattern: block.start - offset)
            guard var map = state.pages[page] else { return }
            let wasOpen = map.room >= Self.leastRoom
            map.free(offset / Self.unit, count: Self.units(block.byteCount))
            guard map.isEmpty else {
                state.pages[page] = map
                if !wasOpen, map.room >= Self.leastRoom { state.open.append(page) }
                return
            }
            state.pages[page] = nil
            if wasOpen { state.open.removeAll { $0 == page } }
            HugePages.unmap(block.start - offset, HugePages.size)
        }
    }

    /// Room in a page; nil where the allocator should give it, and that is noted.
    private func place(_ byteCount: Int, in state: inout State) -> UnsafeMutableRawPointer? {
        if state.allocated + byteCount > threshold {
            if byteCount > HugePages.size {
                if let start = HugePages.map(Self.rounded(byteCount)) { return start }
            } else if let start = placeInPage(Self.units(byteCount), in: &state) {
                return start
            }
        }
        state.allocated += byteCount
        return nil
    }

    private func placeInPage(_ units: Int, in state: inout State) -> UnsafeMutableRawPointer? {
        for (index, page) in zip(state.open.indices, state.open).suffix(Self.patience).reversed() {
            guard let first = state.pages[page]?.take(units) else { continue }
            if let room = state.pages[page]?.room, room < Self.leastRoom { state.open.remove(at: index) }
            return UnsafeMutableRawPointer(bitPattern: page).map { $0 + first * Self.unit }
        }
        guard let start = HugePages.map(HugePages.size) else { return nil }
        var map = BlockMap()
        _ = map.take(units)
        let page = UInt(bitPattern: start)
        state.pages[page] = map
        if map.room >= Self.leastRoom { state.open.append(page) }
        return start
    }

    private static func units(_ byteCount: Int) -> Int { (byteCount + unit - 1) / unit }

    private static func rounded(_ byteCount: Int) -> Int {
        (byteCount + HugePages.size - 1) / HugePages.size * HugePages.size
    }
}

/// A piece of memory with one owner, who knows how to give it back.
struct MemoryBlock: @unchecked Sendable {
    // Sendable: an address and two numbers; who may touch what lies there is for the owner to see to.
    let start: UnsafeMutableRawPointer
    let byteCount: Int
    fileprivate let isPaged: Bool

    fileprivate init(start: UnsafeMutableRawPointer, byteCount: Int, isPaged: Bool) {
        self.start = start
        self.byteCount = byteCount
        self.isPaged = isPaged
    }

    /// From the allocator.
    fileprivate init(allocating byteCount: Int) {
        self.init(start: .allocate(byteCount: byteCount, alignment: 64), byteCount: byteCount, isPaged: false)
    }

    fileprivate func deallocate() {
        start.deallocate()
    }
}

/// Which units of a page are in use.
struct BlockMap {
    static let units = HugePages.size / MemoryArena.unit
    private var words = [UInt64](repeating: 0, count: BlockMap.units / 64)
    private var used = 0

    var isEmpty: Bool { used == 0 }
    /// How many are not, in one piece or in many.
    var room: Int { Self.units - used }

    /// The first of `count` units in a row that were free, and are in use now; nil where there are none.
    mutating func take(_ count: Int) -> Int? {
        guard count > 0, count <= room else { return nil }
        var first = 0
        var unit = 0
        while unit < Self.units {
            let rest = words[unit / 64] >> UInt64(unit % 64)
            if rest & 1 == 0 {
                // As many free ones as follow within this word.
                unit += min(rest == 0 ? 64 : rest.trailingZeroBitCount, 64 - unit % 64)
                if unit - first >= count {
                    set(first, count, to: true)
                    return first
                }
            } else {
                unit += (~rest).trailingZeroBitCount
                first = unit
            }
        }
        return nil
    }

    mutating func free(_ first: Int, count: Int) {
        set(first, count, to: false)
    }

    private mutating func set(_ first: Int, _ count: Int, to isUsed: Bool) {
        for unit in first..<first + count {
            let bit: UInt64 = 1 << UInt64(unit % 64)
            words[unit / 64] = isUsed ? words[unit / 64] | bit : words[unit / 64] & ~bit
        }
        used += isUsed ? count : -count
    }
}
