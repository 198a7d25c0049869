package import HTTPTypes

/// The directives of all `Cache-Control` fields of a message (RFC 9111, section 5.2), by name in small letters.
///
/// Of a directive that is named twice the first value counts. What is not understood is no directive.
package struct ControlDirectives: Sendable, Hashable {
    private var values: [String: String] = [:]

    package init(_ fields: HTTPFields) {
        for field in fields[values: .cacheControl] {
            for directive in FieldList.members(of: field) {
                let parts = directive.split(separator: "=", maxSplits: 1).map(FieldList.trimmed)
                guard let name = parts.first?.lowercased(), !name.isEmpty else { continue }
                // One without an argument is told from one with an empty one by nobody.
                if values[name] == nil { values[name] = parts.count == 2 ? FieldList.unquoted(parts[1]) : "" }
            }
        }
    }

    package var isEmpty: Bool { values.isEmpty }

    /// Whether there is such a directive, with whatever argument.
    package func has(_ name: String) -> Bool {
        values[name] != nil
    }

    /// The argument of a directive in whole seconds; what is larger than 2^31 counts as 2^31 (RFC 9111, section 1.2.2). Nil where it is
    /// not there, or no number.
    package func seconds(_ name: String) -> Duration? {
        values[name].flatMap(FieldList.seconds)
    }
}

/// Lists and numbers in field values.
package enum FieldList {
    /// The members of a list (RFC 9110, section 5.6.1), without the empty ones. A comma between quotes separates nothing.
    package static func members(of value: String) -> [Substring] {
        var members: [Substring] = []
        var (start, isQuoted, isEscaped) = (value.startIndex, false, false)
        func take(to end: String.Index) {
            let member = trimmed(value[start..<end])
            if !member.isEmpty { members.append(member) }
        }
        for index in value.utf8.indices {
            let byte = value.utf8[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == UInt8(ascii: ","), !isQuoted {
                take(to: index)
                start = value.utf8.index(after: index)
            }
        }
        take(to: value.endIndex)
        return members
    }

    /// Without spaces and tabs at both ends.
    package static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    /// Without the quotes around it, if there are both.
    package static func unquoted(_ text: Substring) -> String {
        guard text.utf8.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
        return String(text.dropFirst().dropLast())
    }

    /// A delta-seconds value.
    package static func seconds(_ digits: String) -> Duration? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return .seconds(min(Int64(digits) ?? .max, 2_147_483_648))
    }
}
