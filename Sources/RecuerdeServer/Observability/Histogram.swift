/// A histogram with fixed bounds, as Prometheus counts it.
struct Histogram: Sendable {
    /// Upper bounds of the classes, rising.
    struct Bounds: Sendable {
        let upper: [Double]

        /// Seconds that a request takes: a hit takes microseconds, an answer from a provider seconds.
        static let requestSeconds = Bounds(
            upper: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
        )
        /// Seconds of anything that is timed: the same, and before them what a command to Redis takes.
        static let seconds = Bounds(upper: [0.00005, 0.0001, 0.00025, 0.0005] + requestSeconds.upper)
        /// Amounts of which nothing is known: powers of ten.
        static let values = Bounds(upper: [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9])
    }

    private let bounds: Bounds
    /// How many values lie at or below each bound and above the one before; the last counts those above all.
    private var counts: [Int]
    private(set) var sum = 0.0
    private(set) var count = 0

    init(_ bounds: Bounds = .requestSeconds) {
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.upper.count + 1)
    }

    mutating func record(_ value: Double) {
        let index = bounds.upper.firstIndex { value <= $0 } ?? bounds.upper.count
        counts[index] &+= 1
        sum += value
        count &+= 1
    }

    /// Counts of all values up to each bound, as the text format wants them.
    var cumulative: [(bound: Double?, count: Int)] {
        var running = 0
        return counts.enumerated().map { index, count in
            running &+= count
            return (index < bounds.upper.count ? bounds.upper[index] : nil, running)
        }
    }
}
