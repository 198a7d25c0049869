/// Reads a file of settings: one `NAME=value` a line, as shells and container tools write them.
///
/// Blank lines and lines that begin with `#` are skipped; `export` before a name is allowed; a value may stand in single
/// quotes (taken as it is) or double quotes (with `\n`, `\"`, `\\` and `\$`); outside quotes a `#` after a blank begins
/// a comment. Nothing is substituted. Anything else is refused with the number of its line.
enum EnvironmentFile {
    /// The settings of a text, by name; of a name that stands there twice, the last one.
    ///
    /// - Throws: ``SettingsError`` that names the line, never its content.
    static func parse(_ text: String, path: String) throws(SettingsError) -> [String: String] {
        var values: [String: String] = [:]
        var number = 0
        for rawLine in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            var line = trim(rawLine)
            if number == 1, line.unicodeScalars.first == "\u{FEFF}" {
                line = Substring(line.unicodeScalars.dropFirst())
            }
            if line.isEmpty || line.first == "#" { continue }
            if line.hasPrefix("export ") { line = trim(line.dropFirst(7)) }
            guard let equals = line.firstIndex(of: "=") else {
                throw fault(path, number, "is not of the form NAME=value")
            }
            let name = trim(line[..<equals])
            guard isName(name) else { throw fault(path, number, "does not begin with a name") }
            guard let value = value(of: trim(line[line.index(after: equals)...])) else {
                throw fault(path, number, "has quotes that do not match")
            }
            values[String(name)] = value
        }
        return values
    }

    private static func fault(_ path: String, _ line: Int, _ reason: String) -> SettingsError {
        SettingsError(name: path, reason: "line \(line) \(reason)")
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy {
            switch $0 {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
            default: false
            }
        }
    }

    private static func value(of text: Substring) -> String? {
        switch text.first {
        case "'": return quoted(text.dropFirst(), by: "'", escapes: false)
        case "\"": return quoted(text.dropFirst(), by: "\"", escapes: true)
        default:
            var end = text.startIndex
            var previous: Character = " "
            while end < text.endIndex {
                if text[end] == "#" && (previous == " " || previous == "\t") { break }
                previous = text[end]
                end = text.index(after: end)
            }
            return String(trim(text[..<end]))
        }
    }

    private static func quoted(_ text: Substring, by quote: Character, escapes: Bool) -> String? {
        var result = ""
        var isEscaped = false
        for (offset, character) in text.enumerated() {
            if isEscaped {
                switch character {
                case "n": result.append("\n")
                case "\"", "\\", "$": result.append(character)
                default:
                    result.append("\\")
                    result.append(character)
                }
                isEscaped = false
            } else if escapes && character == "\\" {
                isEscaped = true
            } else if character == quote {
                let rest = trim(text.dropFirst(offset + 1))
                return rest.isEmpty || rest.first == "#" ? result : nil
            } else {
                result.append(character)
            }
        }
        return nil
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
