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

    /// Sixteen counters a word; two words a row, four rows a block. Empty until there is something to remember.
    private var words: [UInt64] = []
    private var blockMask: UInt32
    /// The most entries that there was made room for.
    private var reserved = 0

    /// Room for about `entries` entries; it grows by `reserve(entries:)`.
    init(entries: Int) {
        blockMask = UInt32(truncatingIfNeeded: Self.blocks(for: entries) - 1)
    }

    private var blocks: Int { Int(blockMask) + 1 }

    /// Bytes held by the counters.
    var bytes: Int { words.count * MemoryLayout<UInt64>.stride }

    /// A small cache can afford eight bytes an entry and gains by it, since few counters collide by chance more often
    /// for a long time; a large one is as good with two.
    private static func blocks(for entries: Int) -> Int {
        let entries = min(max(1, entries), 1 << 30)
        let wanted = max(entries * 2, min(entries * 8, 1 << 15))
        var blocks = 1
        while blocks * 64 < wanted { blocks *= 2 }
        return blocks
    }

    /// Makes room for `entries`, if they have outgrown it. A block is copied into each of the two that take its place,
    /// so no count gets lost and what is too much ages away.
    mutating func reserve(entries: Int) {
        guard entries > reserved else { return }
        reserved = entries
        let wanted = Self.blocks(for: entries)
        while blocks < wanted {
            words += words
            blockMask = blockMask << 1 | 1
        }
    }

    /// The least of the four counters.
    func estimate(_ hash: UInt32) -> UInt8 {
        guard !words.isEmpty else { return 0 }
        let place = place(of: hash)
        var least: UInt64 = 15
        for row in 0..<4 {
            let (word, shift) = place.counter(row)
            least = min(least, words[word] >> shift & 15)
        }
        return UInt8(truncatingIfNeeded: least)
    }

    /// Raises each counter of the key to at least `frequency`.
    mutating func raise(_ hash: UInt32, to frequency: UInt8) {
        let place = place(of: hash)
        let frequency = UInt64(min(frequency, Self.maximum))
        if words.isEmpty {
            guard frequency > 0 else { return }
            words = Array(repeating: 0, count: blocks * Self.wordsPerBlock)
        }
        for row in 0..<4 {
            let (word, shift) = place.counter(row)
            let old = words[word]
            if old >> shift & 15 < frequency {
                words[word] = old & ~(15 << shift) | frequency << shift
            }
        }
    }

    /// Halves every counter, so that what was asked for long ago fades.
    mutating func halve() {
        _ = halve(from: 0, limit: words.count)
    }

    /// Halves the counters of `limit` words from one on; true if there are more.
    mutating func halve(from start: Int, limit: Int) -> Bool {
        for index in min(start, words.count)..<min(start + limit, words.count) {
            words[index] = words[index] >> 1 & 0x7777_7777_7777_7777
        }
        return start + limit < words.count
    }

    mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
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
        return Place(
            block: Int(UInt32(truncatingIfNeeded: mixed >> 20) & blockMask) * Self.wordsPerBlock,
            bits: UInt32(truncatingIfNeeded: mixed >> 44)
        )
    }
}
