#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import Logging

/// One log line in the making.
struct LogLine {
    private static let reserved: Set<String> = ["timestamp", "level", "event", "logger"]

    private let format: LogFormat
    private var text = ""

    init(format: LogFormat) {
        self.format = format
    }

    mutating func begin(timestamp: Date, level: Logger.Level, event: String, logger: String) {
        let stamp = Self.timestamp(timestamp)
        switch format {
        case .json:
            text = "{\"timestamp\":\"\(stamp)\",\"level\":\"\(level.rawValue)\",\"event\":"
            text += Self.quoted(event)
            text += ",\"logger\":"
            text += Self.quoted(logger)
        case .text:
            let padding = String(repeating: " ", count: max(0, 8 - level.rawValue.count))
            text = "\(stamp) \(level.rawValue.uppercased())\(padding) \(Self.plain(event))"
        }
    }

    mutating func append(name: String, value: Logger.MetadataValue) {
        let name = Self.reserved.contains(name) ? "_" + name : name
        switch format {
        case .json:
            text += ","
            text += Self.quoted(name)
            text += ":"
            text += Self.json(value)
        case .text:
            text += " \(Self.plain(name))=\(Self.plain(Self.flat(value)))"
        }
    }

    consuming func finished() -> String {
        format == .json ? text + "}\n" : text + "\n"
    }

    /// ISO 8601 in UTC with milliseconds.
    static func timestamp(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let string): quoted(string)
        case .stringConvertible(let number as any FixedWidthInteger): String(describing: number)
        case .stringConvertible(let number as Double) where number.isFinite: String(describing: number)
        case .stringConvertible(let flag as Bool): String(describing: flag)
        case .stringConvertible(let other): quoted(other.description)
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let values):
            "{"
                + values.sorted { $0.key < $1.key }.map { quoted($0.key) + ":" + json($0.value) }
                .joined(separator: ",") + "}"
        }
    }

    private static func flat(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let string): string
        case .stringConvertible(let other): other.description
        case .array(let values): "[" + values.map(flat).joined(separator: ",") + "]"
        case .dictionary(let values):
            "{" + values.sorted { $0.key < $1.key }.map { "\($0.key)=\(flat($0.value))" }.joined(separator: ",") + "}"
        }
    }

    /// A value of the text format: quoted as soon as it holds anything that could be taken for the line's own marks.
    private static func plain(_ string: String) -> String {
        let simple =
            !string.isEmpty
            && string.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0 != "=" && !needsEscape($0) }
        return simple ? string : quoted(string)
    }

    /// A JSON string (RFC 8259) in which control characters of any kind are escaped.
    static func quoted(_ string: String) -> String {
        var result = "\""
        result.reserveCapacity(string.utf8.count + 2)
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where needsEscape(scalar): result += escaped(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Control characters, the line separators that some readers obey, and the marks that turn text around: all of them
    /// could make a person or a terminal see something that was not logged.
    private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x61C, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        // All scalars that need it lie in the basic plane, so that one unit suffices.
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
