import Foundation

/// Unicode Normalization Form C (UAX #15), applied once, where text enters a key.
package enum TextNormalization {
    /// The text in NFC. ASCII, the usual case, is returned as it is.
    package static func canonical(_ text: String) -> String {
        text.utf8.allSatisfy { $0 < 0x80 } ? text : text.precomposedStringWithCanonicalMapping
    }
}
