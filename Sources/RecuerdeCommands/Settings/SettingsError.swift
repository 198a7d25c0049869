/// Settings that cannot be used: names the setting and what is wrong with it, in one line.
///
/// A value is never repeated, since it may be a secret.
struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The setting at fault, or the file that holds settings.
    let name: String
    /// What is wrong, and what would be right.
    let reason: String
    /// Where the value came from, if it came from anywhere.
    let source: SettingSource?

    /// Makes an error.
    init(name: String, reason: String, source: SettingSource? = nil) {
        self.name = name
        self.reason = reason
        self.source = source
    }

    /// One line: the name, where it was set, and what is wrong.
    var description: String {
        let place = source.map { " (from \($0.description))" } ?? ""
        return "\(name)\(place) \(reason)"
    }
}
