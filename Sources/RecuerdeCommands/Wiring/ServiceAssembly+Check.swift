import AsyncHTTPClient
import Recuerde
import RecuerdeAI
import RecuerdeRedis

extension ServiceAssembly {
    /// What a start would stumble over though every setting can be read by itself: files and addresses.
    ///
    /// Reads the files that settings name and opens nothing else. `serve` and `config` both ask here, so that the one
    /// never accepts what the other refuses.
    func faults() -> [SettingsError] {
        var faults = RemoteTierAssembly(settings: settings, logger: logger).tls.faults().map { fault in
            SettingsError(name: Self.setting(of: fault.part), reason: "cannot be used: \(fault.reason)")
        }
        do { _ = try makeProvider(httpClient: .shared) } catch { faults.append(Self.settingsError(error)) }
        do { _ = try aiConfiguration() } catch { faults.append(Self.settingsError(error)) }
        do { faults += try contradictions() } catch { faults.append(Self.settingsError(error)) }
        return faults
    }

    /// What contradicts itself in the configuration of the cache, and leaves it without what it is for. What merely has no effect is logged when the cache is
    /// made.
    private func contradictions() throws -> [SettingsError] {
        try cacheConfiguration().problems.filter { $0.severity == .error }.map { problem in
            let name =
                switch problem.id {
                case .encryptionNeedsEnvelope: "RECUERDE_ENCRYPTION"
                case .noTimeToLive: "REDIS_CACHE_TTL"
                default: "settings"
                }
            return SettingsError(name: name, reason: "cannot be used: \(problem.message); \(problem.advice)")
        }
    }

    private static func setting(of part: RedisTLSConfiguration.Fault.Part) -> String {
        switch part {
        case .trustRoots: "REDIS_TLS_CA_FILE"
        case .certificateChain: "REDIS_TLS_CERT_FILE"
        case .privateKey: "REDIS_TLS_KEY_FILE"
        }
    }

    /// The service's own errors of configuration begin with the name of the setting.
    private static func settingsError(_ error: any Error) -> SettingsError {
        if let error = error as? SettingsError { return error }
        guard let error = error as? AIServiceError else {
            return SettingsError(name: "settings", reason: "cannot be used together")
        }
        let parts = error.message.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return SettingsError(name: "settings", reason: error.message) }
        return SettingsError(name: parts[0], reason: parts[1])
    }
}
