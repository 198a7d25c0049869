/// Writes the Prometheus text format, version 0.0.4.
///
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""
    private var family = ""

    /// Begins a family of samples; the samples that follow belong to it.
    mutating func family(_ name: String, _ kind: Kind, _ help: String? = nil) {
        family = name
        if let help { text += "# HELP \(name) \(Self.escape(help, quotes: false))\n" }
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ value: Int) { sample([:], value) }

    mutating func sample(_ value: Double) { sample([:], value) }

    mutating func sample(_ labels: KeyValuePairs<String, String>, _ value: Int) {
        write(family, Array(labels), String(value))
    }

    mutating func sample(_ labels: KeyValuePairs<String, String>, _ value: Double) {
        write(family, Array(labels), Self.number(value))
    }

    mutating func sample(_ labels: MeterLabels, _ value: Int) {
        write(family, labels.pairs, String(value))
    }

    mutating func sample(_ labels: MeterLabels, _ value: Double) {
        write(family, labels.pairs, Self.number(value))
    }

    mutating func histogram(_ labels: KeyValuePairs<String, String>, _ histogram: Histogram) {
        write(Array(labels), histogram)
    }

    mutating func histogram(_ labels: MeterLabels, _ histogram: Histogram) {
        write(labels.pairs, histogram)
    }

    private mutating func write(_ labels: [(key: String, value: String)], _ histogram: Histogram) {
        for (bound, count) in histogram.cumulative {
            let le = bound.map(Self.number) ?? "+Inf"
            write(family + "_bucket", labels + [("le", le)], String(count))
        }
        write(family + "_sum", labels, Self.number(histogram.sum))
        write(family + "_count", labels, String(histogram.count))
    }

    private mutating func write(_ name: String, _ labels: [(key: String, value: String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{"
            text += labels.map { "\($0.key)=\"\(Self.escape($0.value, quotes: true))\"" }.joined(separator: ",")
            text += "}"
        }
        text += " \(value)\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
