/// How many of the entries that are held would be of the sample, for each size that the sample may have.
struct SampleCounts {
    /// By how many of the lowest bits of an entry's hash are zero.
    private var counts = [UInt32](repeating: 0, count: 32)

    mutating func add(_ hash: UInt32) {
        counts[Self.level(hash)] &+= 1
    }

    mutating func remove(_ hash: UInt32) {
        counts[Self.level(hash)] &-= 1
    }

    mutating func removeAll() {
        for level in counts.indices { counts[level] = 0 }
    }

    /// Of how many at least so many of the lowest bits are zero.
    func count(bits: Int) -> Int {
        counts.suffix(from: min(bits, 31)).reduce(0) { $0 + Int($1) }
    }

    private static func level(_ hash: UInt32) -> Int { min(hash.trailingZeroBitCount, 31) }
}
