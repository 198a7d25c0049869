/// A histogram, as its quantiles in microseconds.
struct Distribution {
    private let sorted: [Int64]

    init(_ nanoseconds: [Int64]) { sorted = nanoseconds.sorted() }

    /// In nanoseconds; of the part `share` of all.
    func quantile(_ share: Double) -> Int64 {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    static func head(_ title: String) {
        let names = ["count", "p50 us", "p90 us", "p99 us", "p99.9 us", "max us"].map { padded($0, 9) }
        print("\(padded(title, 44))  \(names.joined(separator: " "))")
    }

    func row(_ name: String) {
        let figures = [0.5, 0.9, 0.99, 0.999, 1].map { Self.padded("\(Double(quantile($0) / 100) / 10)", 9) }
        print("  \(Self.padded(name, 42))  \(Self.padded("\(sorted.count)", 9)) \(figures.joined(separator: " "))")
    }

    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
