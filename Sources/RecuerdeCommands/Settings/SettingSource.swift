/// Where the value of a setting came from.
struct SettingSource: Sendable, Hashable, CustomStringConvertible {
    private enum Wrapped: Sendable, Hashable {
        case flag, environment, file(String), fallback
    }

    private let wrapped: Wrapped

    /// A flag of the command line.
    static let flag = SettingSource(wrapped: .flag)
    /// The environment of the process.
    static let environment = SettingSource(wrapped: .environment)
    /// Nobody set it: the documented default.
    static let fallback = SettingSource(wrapped: .fallback)

    /// A file of settings.
    static func file(_ path: String) -> SettingSource { SettingSource(wrapped: .file(path)) }

    /// One word or a path, for people.
    var description: String {
        switch wrapped {
        case .flag: "flag"
        case .environment: "environment"
        case .file(let path): path
        case .fallback: "default"
        }
    }
}
