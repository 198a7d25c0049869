import Synchronization

/// Where the shards of a tier have their slots and tables from: the allocator while there are few, then regions of two megabytes
/// that all shards share, since a shard alone fills none.
///
/// What a great cache has given up goes back to the system at once, with the last block of a region, wherever blocks of others lie; the allocator
/// would keep it. Of a region only what was written takes memory.
final class MemoryArena: Sendable {
    /// Up to so many bytes lie in memory of the allocator.
    static let threshold = 4 * SystemRegion.size
    /// What blocks are rounded up to.
    static let unit = 2_048
    /// In how many regions room is looked for before another one is made.
    private static let patience = 8
    /// Regions with less room than this, in units, are not looked at: a chunk of slots would hardly fit, and they would hide those with more.
    private static let leastRoom = 16

    private struct State {
        /// Bytes from the allocator.
        var allocated = 0
        /// By address.
        var regions: [UInt: BlockMap] = [:]
        /// Addresses of regions that have room, the one to look at first at the end.
        var open: [UInt] = []
    }

    private let state = Mutex(State())
    private let threshold: Int

    init(threshold: Int = MemoryArena.threshold) {
        self.threshold = threshold
    }

    /// Bytes of the regions that there are, whatever is used of them.
    var mappedBytes: Int { state.withLock { $0.regions.count * SystemRegion.size } }

    /// A block for the caller to initialise, aligned to a line of the processor's cache; ends with ``deallocate(_:)``.
    func allocate(_ byteCount: Int) -> MemoryBlock {
        if let address = state.withLock({ place(byteCount, in: &$0) }) {
            return MemoryBlock(start: address, byteCount: byteCount, isMapped: true)
        }
        return MemoryBlock(allocating: byteCount)
    }

    func deallocate(_ block: MemoryBlock) {
        guard block.isMapped else {
            state.withLock { $0.allocated -= block.byteCount }
            return block.deallocate()
        }
        guard block.byteCount <= SystemRegion.size else {
            return SystemRegion.unmap(block.start, Self.rounded(block.byteCount))
        }
        let offset = Int(bitPattern: block.start) & (SystemRegion.size - 1)
        let start = block.start - offset
        let region = UInt(bitPattern: start)
        let isEmpty = state.withLock { state in
            guard let wasOpen = state.regions[region].map({ $0.room >= Self.leastRoom }) else { return false }
            state.regions[region]?.free(offset / Self.unit, count: Self.units(block.byteCount))
            guard state.regions[region]?.isEmpty == true else {
                if !wasOpen, state.regions[region]?.room ?? 0 >= Self.leastRoom { state.open.append(region) }
                return false
            }
            state.regions[region] = nil
            if wasOpen { state.open.removeAll { $0 == region } }
            return true
        }
        // The system takes its time; nobody else needs to wait for it.
        if isEmpty { SystemRegion.unmap(start, SystemRegion.size) }
    }

    /// Room in a region; nil where the allocator should give it, and that is noted.
    private func place(_ byteCount: Int, in state: inout State) -> UnsafeMutableRawPointer? {
        if state.allocated + byteCount > threshold {
            if byteCount > SystemRegion.size {
                if let start = SystemRegion.map(Self.rounded(byteCount)) { return start }
            } else if let start = placeInRegion(Self.units(byteCount), in: &state) {
                return start
            }
        }
        state.allocated += byteCount
        return nil
    }

    private func placeInRegion(_ units: Int, in state: inout State) -> UnsafeMutableRawPointer? {
        for (index, region) in zip(state.open.indices, state.open).suffix(Self.patience).reversed() {
            guard let first = state.regions[region]?.take(units) else { continue }
            if let room = state.regions[region]?.room, room < Self.leastRoom { state.open.remove(at: index) }
            return UnsafeMutableRawPointer(bitPattern: region).map { $0 + first * Self.unit }
        }
        guard let start = SystemRegion.map(SystemRegion.size) else { return nil }
        var map = BlockMap()
        _ = map.take(units)
        let region = UInt(bitPattern: start)
        state.regions[region] = map
        if map.room >= Self.leastRoom { state.open.append(region) }
        return start
    }

    private static func units(_ byteCount: Int) -> Int { (byteCount + unit - 1) / unit }

    private static func rounded(_ byteCount: Int) -> Int {
        (byteCount + SystemRegion.size - 1) / SystemRegion.size * SystemRegion.size
    }
}

/// A piece of memory with one owner, who knows how to give it back.
struct MemoryBlock: @unchecked Sendable {
    // Sendable: an address and two numbers; who may touch what lies there is for the owner to see to.
    let start: UnsafeMutableRawPointer
    let byteCount: Int
    fileprivate let isMapped: Bool

    fileprivate init(start: UnsafeMutableRawPointer, byteCount: Int, isMapped: Bool) {
        self.start = start
        self.byteCount = byteCount
        self.isMapped = isMapped
    }

    /// From the allocator.
    fileprivate init(allocating byteCount: Int) {
        self.init(start: .allocate(byteCount: byteCount, alignment: 64), byteCount: byteCount, isMapped: false)
    }

    fileprivate func deallocate() {
        start.deallocate()
    }
}

/// Which units of a region are in use.
struct BlockMap {
    static let units = SystemRegion.size / MemoryArena.unit
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
