import Foundation

/// Checks the text of a model's answer before it is shown or kept.
enum AnswerText {
    /// The longest feedback or hint that is taken, in characters: well beyond what the token limits let through.
    static let maximumLength = 4_000

    /// One piece of advice on one line; nil where nothing is left of it or it is too long.
    static func line(_ text: String) -> String? {
        let line = InputText.canonical(text)
        return line.isEmpty || line.count > InsightsParser.maximumLength ? nil : line
    }

    /// Feedback or a hint: trimmed, without control characters but line breaks; a tab is a space.
    ///
    /// - Throws: ``ProviderError`` with code `empty` or `unparseable`.
    static func paragraph(_ text: String) throws(ProviderError) -> String {
        let scalars = text.precomposedStringWithCanonicalMapping.unicodeScalars.filter {
            $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
        }
        .map { $0 == "\t" ? " " : $0 }
        let clean = String(String.UnicodeScalarView(scalars)).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !clean.isEmpty else { throw ProviderError(.empty, message: "the answer is empty") }
        guard clean.count <= maximumLength else {
            throw ProviderError(.unparseable, message: "the answer is longer than \(maximumLength) characters")
        }
        return clean
    }
}
