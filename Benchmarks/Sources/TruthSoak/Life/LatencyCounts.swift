/// How many calls took how long, in steps of a sixteenth of the power of two below: a few percent.
struct LatencyCounts: Sendable {
    private var counts = [Int](repeating: 0, count: 64 * 16)
    private(set) var total = 0

    mutating func add(_ nanoseconds: Int64) {
        counts[Self.index(UInt64(max(16, nanoseconds)))] += 1
        total += 1
    }

    mutating func add(_ other: Self) {
        for index in counts.indices { counts[index] += other.counts[index] }
        total += other.total
    }

    private static func index(_ value: UInt64) -> Int {
        let power = 63 - value.leadingZeroBitCount
        return power * 16 + Int((value >> UInt64(power - 4)) & 15)
    }

    /// The upper end of the step in which so large a part of all lies.
    func quantile(_ share: Double) -> Int64 {
        var left = Int(Double(total) * share)
        for (index, count) in counts.enumerated() {
            left -= count
            if left < 0 { return (Int64(16 + index % 16 + 1) << Int64(index / 16)) >> 4 }
        }
        return 0
    }
}
