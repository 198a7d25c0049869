extension SettingsCatalogue {
    /// The table of settings for the README.
    static var markdown: String {
        var text = "| name | default | meaning |\n|---|---|---|\n"
        for setting in all {
            let fallback = setting.fallbackText.map { "`\($0)`" } ?? "none"
            let secret = setting.isSecret ? " Secret." : ""
            text += "| `\(setting.name)` | \(fallback) | \(setting.summary)\(secret) |\n"
        }
        return text
    }
}
