import Foundation

/// The table that `recuerde bench` prints.
struct BenchReport {
    var measurements: [BenchMeasurement]
    var memoryUse: BenchMemoryUse?

    /// What the first generation of the service promised, in its documentation.
    private static func promise(for measurement: BenchMeasurement) -> String {
        switch (measurement.client, measurement.operation) {
        case ("memory", "set"): "10 000/s"
        case ("memory", "get"): "50 000/s"
        case ("redis", "set"): "5 000/s, 1 to 2 ms"
        case ("redis", "get"): "20 000/s, 1 to 2 ms"
        default: ""
        }
    }

    var table: String {
        let header = ["what", "operation", "tasks", "ops/s", "p50 µs", "p99 µs", "p99.9 µs", "first generation"]
        let rows = measurements.map { measurement in
            [
                measurement.client, measurement.operation, "\(measurement.tasks)",
                Self.grouped(measurement.operationsPerSecond), Self.short(measurement.p50),
                Self.short(measurement.p99), Self.short(measurement.p999), Self.promise(for: measurement),
            ]
        }
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).enumerated().map { index, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return (2...6).contains(index) ? space + cell.0 : cell.0 + space
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
        var text = ([line(header), rule] + rows.map(line)).joined(separator: "\n") + "\n"
        if let memoryUse {
            text += """

                memory per entry: \(Self.short(memoryUse.bytesPerEntry)) bytes, \
                \(Self.short(memoryUse.overheadPerEntry)) beyond key and value \
                (\(memoryUse.entries) entries; first generation: about 100 beyond)

                """
        }
        return text
    }

    /// One JSON object a line.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var lines = try measurements.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        if let memoryUse {
            let figures = [
                "bytes_per_entry": memoryUse.bytesPerEntry, "overhead_per_entry": memoryUse.overheadPerEntry,
            ]
            lines.append(String(decoding: try encoder.encode(figures), as: UTF8.self))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func grouped(_ number: Double) -> String {
        var digits = String(Int(number.rounded()))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return ([digits] + groups).joined(separator: " ")
    }

    private static func short(_ number: Double?) -> String {
        guard let number else { return "" }
        return number >= 100 ? String(Int(number.rounded())) : String((number * 100).rounded() / 100)
    }
}
