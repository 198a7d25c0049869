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

    /// Folded, but for the letters that are letters of their own in Spanish: two texts that are alike here differ in
    /// their accents only.
    static func withoutAccents(_ text: String) -> String {
        withoutAccents(text, keeping: "ñü")
    }

    /// As ``withoutAccents(_:)``, with the dots over ü taken away too.
    static func withoutAccentsAndDots(_ text: String) -> String {
        withoutAccents(text, keeping: "ñ")
    }

    private static func withoutAccents(_ text: String, keeping kept: String) -> String {
        InputText.answer(text).map { kept.contains($0) ? String($0) : fold(String($0)) }.joined()
    }

    /// Where a sequence of words occurs in another, one after the other.
    static func places(of sequence: [String], in words: [String]) -> [Int] {
        guard !sequence.isEmpty, sequence.count <= words.count else { return [] }
        return (0...(words.count - sequence.count)).filter { start in
            words[start..<(start + sequence.count)].elementsEqual(sequence)
        }
    }
}
