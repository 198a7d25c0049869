import Foundation

/// Finds one to five pieces of advice in a model's answer, whatever text stands around the JSON.
enum InsightsParser {
    /// The longest piece of advice that is taken, in characters.
    static let maximumLength = 600
    /// Brackets at which a JSON value is looked for, so that hostile text costs a bounded time.
    private static let maximumAttempts = 24

    private struct Object: Decodable {
        var insights: [String]
    }

    /// The advice, trimmed; nil where there is none in the form asked for: an array of strings, or an object whose
    /// `insights` is one. Of several the last, since a model may repeat what it was given, or think aloud, before it
    /// answers.
    static func parse(_ text: String) -> [String]? {
        let bytes = Array(text.utf8)
        var attempts = 0
        var index = 0
        var last: [String]?
        while index < bytes.count, attempts < maximumAttempts {
            defer { index += 1 }
            guard bytes[index] == UInt8(ascii: "[") || bytes[index] == UInt8(ascii: "{") else { continue }
            attempts += 1
            guard let end = end(of: bytes, from: index) else { continue }
            let data = Data(bytes[index...end])
            let found =
                (try? JSONDecoder().decode([String].self, from: data))
                ?? (try? JSONDecoder().decode(Object.self, from: data))?.insights
            guard let found else { continue }
            let insights = found.compactMap(AnswerText.line)
            guard !insights.isEmpty else { continue }
            last = Array(insights.prefix(InputLimits.insights))
            // What lies inside this value is part of it.
            index = end
        }
        return last
    }

    /// The index of the bracket that closes the one at `start`; brackets inside strings do not count.
    private static func end(of bytes: [UInt8], from start: Int) -> Int? {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for index in start..<bytes.count {
            let byte = bytes[index]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return index }
            default: break
            }
        }
        return nil
    }
}
