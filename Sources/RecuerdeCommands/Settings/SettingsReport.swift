/// What `recuerde config` shows: every setting, its value with secrets masked, and where it came from.
struct SettingsReport: Sendable {
    struct Row: Sendable, Hashable {
        let name: String
        let shown: String
        let source: SettingSource
    }

    let groups: [(title: String, rows: [Row])]

    init(_ reader: SettingsReader) {
        groups = SettingsCatalogue.groups.map { group in
            (
                group.title,
                group.settings.map { setting in
                    guard let (text, source) = reader.text(of: setting) else {
                        return Row(name: setting.name, shown: setting.fallbackText ?? "-", source: .fallback)
                    }
                    return Row(name: setting.name, shown: setting.masked(text), source: source)
                }
            )
        }
    }

    /// A table for people.
    var text: String {
        let rows = groups.flatMap(\.rows)
        let nameWidth = rows.map(\.name.count).max() ?? 0
        let valueWidth = rows.map(\.shown.count).max() ?? 0
        return groups.map { group in
            "# \(group.title)\n"
                + group.rows.map { row in
                    "\(row.name.padded(to: nameWidth))  \(row.shown.padded(to: valueWidth))  \(row.source)\n"
                }.joined()
        }.joined(separator: "\n")
    }
}

extension String {
    /// The text with blanks added up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
