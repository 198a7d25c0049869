import Logging
import Recuerde

/// Makes the remote tier that the settings ask for.
struct RemoteTierAssembly {
    /// A remote tier and how to close it.
    struct Remote: Sendable {
        let tier: any RemoteTier
        let shutdown: @Sendable () async -> Void
    }

    let settings: Settings
    let logger: Logger

    /// The tier, or `nil` where no Redis is configured. Opens nothing.
    ///
    /// - Throws: ``SettingsError`` where the settings cannot be used.
    func make() throws -> Remote? {
        nil
    }
}
