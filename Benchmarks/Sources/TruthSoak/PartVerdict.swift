/// What a judge of a part found.
struct PartVerdict {
    private(set) var violations: [(name: String, count: Int)]
    private(set) var examples: [String] = []
    /// Rows of the table, by their groups.
    private(set) var figures: [(group: String, rows: [(String, String)])] = []

    /// - Parameter names: Of all violations that are looked for.
    init(_ names: [String]) { violations = names.map { ($0, 0) } }

    var count: Int { violations.reduce(0) { $0 + $1.count } }

    mutating func violate(_ name: String, _ example: String) {
        guard let index = violations.firstIndex(where: { $0.name == name }) else {
            return violations.append((name, 1))
        }
        violations[index].count += 1
        // Of each the first few.
        if violations[index].count <= 5 { examples.append("\(name): \(example)") }
    }

    mutating func tell(_ group: String, _ rows: [(String, String)]) { figures.append((group, rows)) }

    func print(_ title: String) {
        Swift.print(title)
        for figure in figures {
            Swift.print(figure.group)
            for (name, value) in figure.rows { row(name, value) }
        }
        Swift.print("violations: \(count)")
        for (name, count) in violations { row(name, "\(count)") }
        for example in examples.prefix(20) { Swift.print("  ! \(example)") }
    }
}
