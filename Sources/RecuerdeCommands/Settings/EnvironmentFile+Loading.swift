#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension EnvironmentFile {
    /// What a file held.
    struct Loaded: Sendable, Hashable {
        var path: String
        var values: [String: String]
    }

    /// Reads a file.
    ///
    /// - Parameter isRequired: Whether it is an error that there is none: yes where someone named the file.
    static func load(_ path: String, isRequired: Bool) throws(SettingsError) -> Loaded? {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            let isMissing = (error as? CocoaError)?.code == .fileReadNoSuchFile
            if isMissing && !isRequired { return nil }
            throw SettingsError(name: path, reason: isMissing ? "does not exist" : "cannot be read")
        }
        guard data.count <= 1_048_576, let text = String(bytes: data, encoding: .utf8) else {
            throw SettingsError(name: path, reason: "is not a text file in UTF-8 of at most 1 MiB")
        }
        return Loaded(path: path, values: try parse(text, path: path))
    }

    /// Names in the file that look like settings of this service but are not: most often a slip of the keyboard.
    static func unknownNames(in loaded: Loaded) -> [String] {
        let known = Set(SettingsCatalogue.all.map(\.name))
        let prefixes = ["RECUERDE_", "REDIS_", "ANTHROPIC_", "OPENAI_", "LOG_"]
        return loaded.values.keys.filter { name in
            !known.contains(name) && prefixes.contains { name.hasPrefix($0) }
        }.sorted()
    }
}
