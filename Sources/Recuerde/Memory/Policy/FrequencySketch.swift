/// How often a key was asked for of late, for keys that are not held: four counters of four bits a key, all in one
/// block of 64 bytes, which is one line of the processor's cache.
///
/// Sources: Cormode and Muthukrishnan, "An Improved Data Stream Summary: The Count-Min Sketch", 2005; Einziger, Friedman
/// and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", 2017, section 3.4 (ageing by halving) and 3.5
/// (counters of few bits); Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007 (blocks).
///
/// An estimate is never too low between two halvings, and too high where all four counters of a key are shared. Keys
/// are known by a hash that was mixed with the seed of the process, so that nobody outside can choose keys that share.
struct FrequencySketch {
    /// The most that is counted.
    static let maximum: UInt8 = 15
    private static let wordsPerBlock = 8

    /// Sixteen counters a word; two words a row, four rows a block. Only what was written takes memory.
    private var words = SlotColumn<UInt64>(filler: 0)
    private var isEmpty = true
    private(set) var blocks: Int
    /// As many blocks as are wanted, a power of two.
    private var target: Int
    /// The bits that tell the block of a hash, `blocks` rounded up to a power of two.
    private var blockMask: UInt32
    /// The most entries that there was made room for.
    private var reserved = 0
    /// So many blocks are added by one newcomer, until there are as many as are wanted.
    static let growingStep = 8

    /// Room for about `entries` entries; it grows by `reserve(entries:)`.
    init(entries: Int) {
        blocks = Self.blocks(for: entries)
        target = blocks
        blockMask = UInt32(truncatingIfNeeded: blocks - 1)
    }

    private var wordCount: Int { isEmpty ? 0 : blocks * Self.wordsPerBlock }

    /// Bytes of all counters, those included that were never raised and take no memory yet.
    var bytes: Int { wordCount * MemoryLayout<UInt64>.stride }

    /// A small cache can afford eight bytes an entry and gains by it, since few counters collide by chance more often
    /// for a long time; a large one is as good with two.
    private static func blocks(for entries: Int) -> Int {
        let entries = min(max(1, entries), 1 << 30)
        let wanted = max(entries * 2, min(entries * 8, 1 << 15))
        var blocks = 1
        while blocks * 64 < wanted { blocks *= 2 }
        return blocks
    }

    /// Makes room for `entries`, if they have outgrown it, in small steps: each call goes on with what the ones before it have left.
    ///
    /// Source: Litwin, "Linear Hashing: A New Tool for File and Table Addressing", 1980. A block is copied into each of the two that
    /// take its place, so no count gets lost and what is too much ages away.
    mutating func reserve(entries: Int) {
        if entries > reserved {
            reserved = entries
            target = max(target, Self.blocks(for: entries))
        }
        guard blocks < target else { return }
        if isEmpty {
            blocks = target
            blockMask = UInt32(truncatingIfNeeded: blocks - 1)
        } else {
            for _ in 0..<min(Self.growingStep, target - blocks) { addBlock() }
        }
    }

    private mutating func addBlock() {
        if blocks > Int(blockMask) { blockMask = blockMask << 1 | 1 }
        let old = (blocks & Int(blockMask >> 1)) * Self.wordsPerBlock
        let new = blocks * Self.wordsPerBlock
        for word in 0..<Self.wordsPerBlock {
            let counters = self[old + word]
            if counters != 0 { self[new + word] = counters }
        }
        blocks += 1
    }

    private subscript(word: Int) -> UInt64 {
        get { words[UInt32(truncatingIfNeeded: word)] }
        set { words[UInt32(truncatingIfNeeded: word)] = newValue }
    }

    /// The least of the four counters.
    func estimate(_ hash: UInt32) -> UInt8 {
        guard !isEmpty else { return 0 }
        let place = place(of: hash)
        var least: UInt64 = 15
        for row in 0..<4 {
            let (word, shift) = place.counter(row)
            least = min(least, self[word] >> shift & 15)
        }
        return UInt8(truncatingIfNeeded: least)
    }

    /// Raises each counter of the key to at least `frequency`.
    mutating func raise(_ hash: UInt32, to frequency: UInt8) {
        let place = place(of: hash)
        let frequency = UInt64(min(frequency, Self.maximum))
        guard frequency > 0 else { return }
        isEmpty = false
        for row in 0..<4 {
            let (word, shift) = place.counter(row)
            let old = self[word]
            if old >> shift & 15 < frequency {
                self[word] = old & ~(15 << shift) | frequency << shift
            }
        }
    }

    /// Halves every counter, so that what was asked for long ago fades.
    mutating func halve() {
        _ = halve(from: 0, limit: wordCount)
    }

    /// Halves the counters of `limit` words from one on; true if there are more.
    mutating func halve(from start: Int, limit: Int) -> Bool {
        words.update(start..<max(start, start + limit)) { $0 = $0 >> 1 & 0x7777_7777_7777_7777 }
        return start + limit < wordCount
    }

    private struct Place {
        var block: Int
        var bits: UInt32

        func counter(_ row: Int) -> (word: Int, shift: UInt64) {
            let pick = bits >> UInt32(truncatingIfNeeded: row * 5)
            return (block + row * 2 + Int(pick >> 4 & 1), UInt64(pick & 15) << 2)
        }
    }

    private func place(of hash: UInt32) -> Place {
        // The hash is well mixed, but the block and the counters within it should not be told by the same bits.
        let mixed = UInt64(hash) &* 0x9E37_79B9_7F4A_7C15
        var block = UInt32(truncatingIfNeeded: mixed >> 20) & blockMask
        // One that is not there yet is still a part of the block that it will be copied from.
        if block >= blocks { block &= blockMask >> 1 }
        return Place(
            block: Int(block) * Self.wordsPerBlock,
            bits: UInt32(truncatingIfNeeded: mixed >> 44)
        )
    }
}
