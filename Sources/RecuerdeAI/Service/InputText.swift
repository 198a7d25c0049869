import Foundation

/// Text of a request in one form, so that spellings of the same thing share an answer.
enum InputText {
    /// In NFC, without control and invisible characters, trimmed, each run of white space one space.
    static func canonical(_ text: String) -> String {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
            if scalar.properties.isWhitespace {
                if !word.isEmpty { words.append(String(word)) }
                word = .init()
                continue
            }
            switch scalar.properties.generalCategory {
            case .control, .format: continue
            default: word.append(scalar)
            }
        }
        if !word.isEmpty { words.append(String(word)) }
        // Taking an invisible character away may bring two together that compose.
        return words.joined(separator: " ").precomposedStringWithCanonicalMapping
    }

    /// As ``canonical(_:)``, in lower case: answers, and the names of verbs, tenses and persons. Accents stay.
    static func answer(_ text: String) -> String {
        canonical(text).lowercased().precomposedStringWithCanonicalMapping
    }
}
