extension EnvironmentFile {
    /// The text of `.env.example`: every setting with its meaning and its default, all commented out.
    static var example: String {
        var text = """
            # Settings of `recuerde serve`. Copy this file to .env and change what you need.
            # Flags come before the environment, the environment before this file, this file before the defaults.
            # An empty value counts as not set. `recuerde config` shows what applies and where it came from.

            """
        for group in SettingsCatalogue.groups {
            text += "\n# --- \(group.title) ---\n"
            for setting in group.settings {
                text += "\n# \(setting.summary)\n#\(setting.name)=\(setting.fallbackText ?? "")\n"
            }
        }
        return text
    }
}
