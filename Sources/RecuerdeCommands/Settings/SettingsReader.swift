import Configuration

/// Reads settings from layers, the first that has a value winning: flags, environment, file.
///
/// An empty value counts as not set, in every layer: container tools pass variables that nobody filled.
struct SettingsReader: Sendable {
    /// One place where settings come from.
    struct Layer: Sendable {
        let source: SettingSource
        let reader: ConfigReader

        init(_ source: SettingSource, provider: any ConfigProvider) {
            self.source = source
            reader = ConfigReader(provider: provider)
        }

        init(_ source: SettingSource, values: [String: String]) {
            self.init(source, provider: EnvironmentVariablesProvider(environmentVariables: values))
        }
    }

    let layers: [Layer]

    init(layers: [Layer]) {
        self.layers = layers
    }

    /// The usual layers.
    init(flags: [String: String] = [:], environment: [String: String] = [:], file: EnvironmentFile.Loaded? = nil) {
        var layers = [Layer(.flag, values: flags), Layer(.environment, values: environment)]
        if let file { layers.append(Layer(.file(file.path), values: file.values)) }
        self.init(layers: layers)
    }

    /// The value of a setting, or its default.
    func value<Value>(_ setting: Setting<Value>) throws(SettingsError) -> Value {
        guard let (text, source) = text(of: setting) else { return setting.fallback }
        do {
            return try setting.parse(text)
        } catch {
            throw SettingsError(name: setting.name, reason: error.reason, source: source)
        }
    }

    /// Throws for the first setting whose text cannot be read.
    func check(_ setting: any AnySetting) throws(SettingsError) {
        guard let (text, source) = text(of: setting) else { return }
        do {
            try setting.check(text)
        } catch {
            throw SettingsError(name: setting.name, reason: error.reason, source: source)
        }
    }

    /// The text that was set, and where.
    func text(of setting: some AnySetting) -> (text: String, source: SettingSource)? {
        for layer in layers {
            guard let text = layer.reader.string(forKey: setting.key, isSecret: setting.isSecret) else { continue }
            let trimmed = text.trimmingBlanks
            if !trimmed.isEmpty { return (trimmed, layer.source) }
        }
        return nil
    }
}

extension StringProtocol {
    /// The text without spaces, tabs and line ends at either end.
    var trimmingBlanks: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
