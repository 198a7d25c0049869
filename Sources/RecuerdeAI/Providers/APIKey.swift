import Foundation

enum APIKey {
    /// The key without spaces around it; refuses one that cannot stand in a header, and never shows it.
    static func checked(_ key: String, setting: String) throws(AIServiceError) -> String {
        let trimmed = key.trimmingCharacters(in: .whitespacesAndNewlines)
        guard trimmed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), trimmed.utf8.count <= 4_096 else {
            throw AIServiceError(
                .configuration,
                message: "\(setting) contains characters that cannot stand in an HTTP header; check how it was copied"
            )
        }
        return trimmed
    }
}
