/// A histogram with fixed bounds, as Prometheus counts it.
struct Histogram: Sendable {
    /// Upper bounds in seconds: a hit takes microseconds, an answer from a provider seconds.
    static let bounds: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// How many values lie at or below each bound and above the one before; the last counts those above all.
    private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    private(set) var sum = 0.0
    private(set) var count = 0

    mutating func record(_ seconds: Double) {
        let index = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        counts[index] &+= 1
        sum += seconds
        count &+= 1
    }

    /// Counts of all values up to each bound, as the text format wants them.
    var cumulative: [(bound: Double?, count: Int)] {
        var running = 0
        return counts.enumerated().map { index, count in
            running &+= count
            return (index < Self.bounds.count ? Self.bounds[index] : nil, running)
        }
    }
}
