import Configuration

/// One setting: its name, what it means, and how its text is read.
///
/// Everything that is said about a setting anywhere (`recuerde config`, `.env.example`, the README's table, error
/// messages) is taken from here.
struct Setting<Value: Sendable>: Sendable {
    /// The name in the environment and in `.env`.
    let name: String
    /// What applies when nobody sets it.
    let fallback: Value
    /// The default as text; `nil` for none.
    let fallbackText: String?
    /// Whether the value must never be shown, nor be given by a flag that every user of the machine can read.
    let isSecret: Bool
    /// One sentence for people.
    let summary: String
    /// Reads the text, or says what would be right.
    let parse: @Sendable (String) throws(SettingFault) -> Value
    /// How a value that was set is shown.
    let shown: @Sendable (String) -> String

    init(
        _ name: String,
        _ summary: String,
        default fallback: Value,
        defaultText: String? = nil,
        isSecret: Bool = false,
        shown: (@Sendable (String) -> String)? = nil,
        parse: @escaping @Sendable (String) throws(SettingFault) -> Value
    ) {
        self.name = name
        self.summary = summary
        self.fallback = fallback
        fallbackText = defaultText
        self.isSecret = isSecret
        self.parse = parse
        self.shown = shown ?? { isSecret ? "****" : $0 }
    }
}

/// A setting whose type does not matter to the reader.
protocol AnySetting: Sendable {
    var name: String { get }
    var fallbackText: String? { get }
    var isSecret: Bool { get }
    var summary: String { get }
    /// Throws where the text cannot be read.
    func check(_ text: String) throws(SettingFault)
    /// How a value that was set is shown to people.
    func masked(_ text: String) -> String
}

extension Setting: AnySetting {
    func check(_ text: String) throws(SettingFault) {
        _ = try parse(text)
    }

    func masked(_ text: String) -> String {
        shown(text)
    }
}

extension AnySetting {
    /// The key under which swift-configuration finds the name: `REDIS_CACHE_TTL` is `redis.cache.ttl`.
    var key: ConfigKey {
        ConfigKey(name.lowercased().split(separator: "_").map(String.init))
    }
}
