/// A measurement: an aligned table, or one JSON object a line.
struct LifeTable {
    let name: String
    let title: String
    /// With their units.
    let columns: [String]
    private(set) var rows: [(what: String, values: [String])] = []

    init(_ name: String, _ title: String, _ columns: [String]) {
        self.name = name
        self.title = title
        self.columns = columns
    }

    mutating func add(_ what: String, _ values: [String]) { rows.append((what, values)) }

    func print(json: Bool) {
        for row in rows where json {
            let fields = zip(columns, row.values).map { "\"\($0)\":\(Double($1) == nil ? "\"\($1)\"" : $1)" }
            Swift.print("{\"measurement\":\"\(name)\",\"what\":\"\(row.what)\",\(fields.joined(separator: ","))}")
        }
        if json { return }
        let first = max(title.count, rows.map(\.what.count).max() ?? 0)
        let widths = columns.indices.map { column in
            max(columns[column].count, rows.map { $0.values[column].count }.max() ?? 0)
        }
        func line(_ head: String, _ cells: [String]) {
            let padded = zip(cells, widths).map { Distribution.padded($0, $1) }
            Swift.print("\(Distribution.padded(head, first))  \(padded.joined(separator: "  "))")
        }
        line(title, columns)
        for row in rows { line(row.what, row.values) }
    }

    /// Nanoseconds as microseconds, milliseconds: with one decimal.
    static func us(_ nanoseconds: Int64) -> String { "\(Double(nanoseconds / 100) / 10)" }
    static func ms(_ nanoseconds: Int64) -> String { "\(Double(nanoseconds / 100_000) / 10)" }

    static func median(_ values: [Int64]) -> Int64 { values.isEmpty ? 0 : values.sorted()[values.count / 2] }
}
