import AsyncHTTPClient
import Foundation
import RecuerdeAI

extension ServiceAssembly {
    /// What a start would stumble over though every setting can be read by itself: files and addresses.
    ///
    /// Reads the files that settings name and opens nothing else. `serve` and `config` both ask here, so that the one
    /// never accepts what the other refuses.
    func faults() -> [SettingsError] {
        var faults = [
            Self.fault("REDIS_TLS_CA_FILE", settings.tlsCAFile, holds: "CERTIFICATE"),
            Self.fault("REDIS_TLS_CERT_FILE", settings.tlsCertificateFile, holds: "CERTIFICATE"),
            Self.fault("REDIS_TLS_KEY_FILE", settings.tlsKeyFile, holds: "PRIVATE KEY"),
        ].compactMap { $0 }
        do { _ = try makeProvider(httpClient: .shared) } catch { faults.append(Self.settingsError(error)) }
        do { _ = try aiConfiguration() } catch { faults.append(Self.settingsError(error)) }
        return faults
    }

    /// Looks for a block of PEM (RFC 7468) whose label ends in `label`; its content is for the TLS library to judge.
    private static func fault(_ name: String, _ path: String?, holds label: String) -> SettingsError? {
        guard let path else { return nil }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            return SettingsError(name: name, reason: "names a file that cannot be read")
        }
        let isPEM = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).contains {
            $0.hasPrefix("-----BEGIN ") && $0.hasSuffix(label + "-----")
        }
        return isPEM ? nil : SettingsError(name: name, reason: "names a file without a PEM block \"\(label)\"")
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
