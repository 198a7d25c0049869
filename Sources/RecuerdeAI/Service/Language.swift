/// The language in which a learner is addressed.
public enum Language: String, Codable, Sendable, Hashable, CaseIterable {
    /// English, the default.
    case english = "en"
    /// Spanish.
    case spanish = "es"
}
