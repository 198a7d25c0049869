import RecuerdeRedis

/// What was measured, printed as one JSON object.
struct Measurement {
    var operations: Int
    var seconds: Double
    /// Of one request, in nanoseconds, in any order.
    var latencies: [Int64]
    var cpuMicroseconds: Double
    /// The most memory above that of the client at rest, in bytes.
    var peakBytes = 0
    /// Latencies of small commands beside a great one, in nanoseconds.
    var beside: [Int64] = []
    /// Over which kind of connection the great replies came.
    var lane: RedisLane?

    var json: String {
        let sorted = latencies.sorted()
        var fields = [
            "\"ops_per_second\":\(round(Double(operations) / seconds))",
            "\"p50_us\":\(Self.percentile(sorted, 0.5))",
            "\"p99_us\":\(Self.percentile(sorted, 0.99))",
            "\"cpu_us_per_op\":\(round(cpuMicroseconds / Double(max(1, operations)), 1000))",
        ]
        if peakBytes > 0 { fields.append("\"peak_bytes\":\(peakBytes)") }
        if !beside.isEmpty {
            let sorted = beside.sorted()
            fields.append("\"beside_p50_us\":\(Self.percentile(sorted, 0.5))")
            fields.append("\"beside_p99_us\":\(Self.percentile(sorted, 0.99))")
            fields.append("\"beside_p999_us\":\(Self.percentile(sorted, 0.999))")
            fields.append("\"beside_max_us\":\(Self.percentile(sorted, 1))")
            fields.append("\"beside_count\":\(sorted.count)")
        }
        if let lane { fields.append("\"lane\":\"\(lane)\"") }
        return "{" + fields.joined(separator: ",") + "}"
    }

    static func percentile(_ sorted: [Int64], _ fraction: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let index = min(sorted.count - 1, Int(Double(sorted.count) * fraction))
        return Double(sorted[index]) / 1000
    }

    private func round(_ number: Double, _ places: Double = 10) -> Double {
        (number * places).rounded() / places
    }
}
