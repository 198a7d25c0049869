extension CacheKey: ExpressibleByStringInterpolation {
    /// A key written down in the source: `:` separates its parts.
    public init(stringLiteral value: String) {
        self.init(parts: value.split(separator: ":", omittingEmptySubsequences: false).map(String.init))
    }

    /// A key whose literal text is structure and whose interpolated values are escaped parts, or pieces of parts.
    public init(stringInterpolation: StringInterpolation) {
        if stringInterpolation.length > Self.maximumLength {
            self.init(fault: .tooLong, kind: nil)
        } else {
            self.init(escaped: stringInterpolation.escaped, isEmpty: stringInterpolation.isEmpty, kind: nil)
        }
    }

    /// Gathers the text of a key, escaping what is interpolated.
    public struct StringInterpolation: StringInterpolationProtocol {
        var escaped = ""
        var length = 0
        var isEmpty = true

        public init(literalCapacity: Int, interpolationCount: Int) {
            escaped.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        /// Adds structure: `:` keeps its meaning, all else is escaped.
        public mutating func appendLiteral(_ literal: String) {
            length += literal.utf8.count
            for (index, part) in literal.split(separator: ":", omittingEmptySubsequences: false).enumerated() {
                if index > 0 { escaped.append(":") }
                append(String(part))
            }
        }

        /// Adds text that came from elsewhere; nothing in it can act as structure.
        public mutating func appendInterpolation(_ text: some StringProtocol) {
            gather(String(text))
        }

        /// Adds a whole number.
        public mutating func appendInterpolation(_ number: some BinaryInteger) {
            gather(String(number))
        }

        /// Adds a value by its description, for instance a UUID.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible & Sendable) {
            gather(value.description)
        }

        private mutating func gather(_ text: String) {
            length += text.utf8.count
            // What is too long is refused later; escaping it first would be work for nothing.
            if length <= CacheKey.maximumLength { append(text) }
        }

        private mutating func append(_ part: String) {
            if !part.isEmpty { isEmpty = false }
            KeyEscaping.append(TextNormalization.canonical(part), to: &escaped)
        }
    }
}
