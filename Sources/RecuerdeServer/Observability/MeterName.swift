/// Names as Prometheus allows them.
///
/// <https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels>
enum MeterName {
    /// The name with `_` for whatever is not allowed, and before a digit at the beginning.
    static func sanitized(_ name: String, allowsColon: Bool) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": result.unicodeScalars.append(scalar)
            case "0"..."9":
                if result.isEmpty { result = "_" }
                result.unicodeScalars.append(scalar)
            case ":" where allowsColon: result.unicodeScalars.append(scalar)
            default: result += "_"
            }
        }
        return result.isEmpty ? "_" : result
    }
}

/// What tells the series of one name apart: labels in the order of their names, none twice.
struct MeterLabels: Sendable, Hashable, Comparable {
    struct Label: Sendable, Hashable {
        let name: String
        let value: String
    }

    let labels: [Label]

    /// Of two labels of one name the last counts.
    init(_ dimensions: [(String, String)]) {
        var values: [String: String] = [:]
        for (name, value) in dimensions { values[MeterName.sanitized(name, allowsColon: false)] = value }
        labels = values.sorted { $0.key < $1.key }.map { Label(name: $0.key, value: $0.value) }
    }

    /// As the text format writes them.
    var pairs: [(key: String, value: String)] { labels.map { ($0.name, $0.value) } }

    static func < (left: Self, right: Self) -> Bool {
        left.labels.lexicographicallyPrecedes(right.labels) { ($0.name, $0.value) < ($1.name, $1.value) }
    }
}
