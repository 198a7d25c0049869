import Foundation

/// Text without what distinguishes spellings of one word: case, accents, Unicode form.
enum FoldedText {
    /// Lower case, without combining marks, so that `HABLÉ` and decomposed `hablé` are both `hable`; `ñ` becomes `n`.
    static func fold(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        let scalars = text.decomposedStringWithCompatibilityMapping.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .spacingMark, .enclosingMark, .format: false
            default: true
            }
        }
        return String(String.UnicodeScalarView(scalars)).lowercased()
    }

    /// The folded words of a text: runs of letters and digits.
    static func words(_ text: String) -> [String] {
        split(fold(text))
    }

    /// Runs of letters and digits, as they are.
    static func split(_ text: String) -> [String] {
        text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// Whether a sequence of words occurs in another, one after the other.
    static func contains(_ sequence: [String], in words: [String]) -> Bool {
        guard !sequence.isEmpty, sequence.count <= words.count else { return false }
        return (0...(words.count - sequence.count)).contains { start in
            words[start..<(start + sequence.count)].elementsEqual(sequence)
        }
    }
}
