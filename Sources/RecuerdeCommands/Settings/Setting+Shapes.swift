// The shapes that values have. Each is strict: what is not understood is refused, never guessed.

extension Setting where Value == Int {
    /// A whole number within a range, in decimal digits.
    static func integer(
        _ name: String,
        _ summary: String,
        default fallback: Int,
        in range: ClosedRange<Int>
    ) -> Setting {
        Setting(name, summary, default: fallback, defaultText: String(fallback)) { text throws(SettingFault) in
            try SettingText.integer(text, in: range)
        }
    }
}

extension Setting where Value == Int? {
    /// A whole number within a range, or nothing.
    static func optionalInteger(_ name: String, _ summary: String, in range: ClosedRange<Int>) -> Setting {
        Setting(name, summary, default: nil) { text throws(SettingFault) in
            try SettingText.integer(text, in: range)
        }
    }
}

extension Setting where Value == Double? {
    /// A decimal number within a range, or nothing.
    static func optionalNumber(_ name: String, _ summary: String, in range: ClosedRange<Double>) -> Setting {
        Setting(name, summary, default: nil) { text throws(SettingFault) in
            try SettingText.number(text, in: range)
        }
    }
}

extension Setting where Value == Duration {
    /// A whole number of seconds.
    static func seconds(
        _ name: String,
        _ summary: String,
        default fallback: Int,
        in range: ClosedRange<Int>
    ) -> Setting {
        Setting(name, summary, default: .seconds(fallback), defaultText: String(fallback)) {
            text throws(SettingFault) in
            .seconds(try SettingText.integer(text, in: range, unit: "seconds"))
        }
    }

    /// A whole number of milliseconds.
    static func milliseconds(
        _ name: String,
        _ summary: String,
        default fallback: Int,
        in range: ClosedRange<Int>
    ) -> Setting {
        Setting(name, summary, default: .milliseconds(fallback), defaultText: String(fallback)) {
            text throws(SettingFault) in
            .milliseconds(try SettingText.integer(text, in: range, unit: "milliseconds"))
        }
    }
}

extension Setting where Value == Bool {
    /// `true` or `false`.
    static func flag(_ name: String, _ summary: String, default fallback: Bool) -> Setting {
        Setting(name, summary, default: fallback, defaultText: String(fallback)) { text throws(SettingFault) in
            switch text.lowercased() {
            case "true": true
            case "false": false
            default: throw SettingFault("must be true or false")
            }
        }
    }
}

extension Setting where Value == String {
    /// Text without control characters.
    static func text(_ name: String, _ summary: String, default fallback: String, atMost limit: Int = 1_024) -> Setting
    {
        Setting(name, summary, default: fallback, defaultText: fallback) { text throws(SettingFault) in
            try SettingText.plain(text, atMost: limit)
        }
    }
}

extension Setting where Value == String? {
    /// Text without control characters, or nothing.
    static func optionalText(_ name: String, _ summary: String, atMost limit: Int = 4_096) -> Setting {
        Setting(name, summary, default: nil) { text throws(SettingFault) in
            try SettingText.plain(text, atMost: limit)
        }
    }

    /// A secret of visible ASCII characters, as HTTP headers can carry it, or nothing.
    static func secret(_ name: String, _ summary: String, atLeast minimum: Int = 1) -> Setting {
        Setting(name, summary, default: nil, isSecret: true) { text throws(SettingFault) in
            guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw SettingFault("must consist of visible ASCII characters without spaces")
            }
            guard text.utf8.count >= minimum else {
                throw SettingFault("must have at least \(minimum) characters")
            }
            guard text.utf8.count <= 4_096 else { throw SettingFault("must have at most 4096 characters") }
            return text
        }
    }

    /// An absolute http or https URL without credentials, or nothing.
    static func optionalURL(_ name: String, _ summary: String) -> Setting {
        Setting(name, summary, default: nil, shown: SettingText.withoutSecrets) { text throws(SettingFault) in
            let text = try SettingText.plain(text, atMost: 2_048)
            guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
                throw SettingFault("must be an absolute URL that begins with https:// (or http:// to this machine)")
            }
            guard !text.contains("@") else {
                throw SettingFault("must not hold credentials; they belong in the API key's setting")
            }
            return text
        }
    }
}

extension Setting where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a few words.
    static func choice(_ name: String, _ summary: String, default fallback: Value) -> Setting {
        Setting(name, summary, default: fallback, defaultText: fallback.rawValue) { text throws(SettingFault) in
            guard let value = Value(rawValue: text.lowercased()) else {
                throw SettingFault("must be \(Value.allCases.map(\.rawValue).joined(separator: " or "))")
            }
            return value
        }
    }
}
