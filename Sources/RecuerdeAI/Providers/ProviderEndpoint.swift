import Foundation

/// Where a provider is reached: its base URL, checked, and joined with the path of the call.
struct ProviderEndpoint: Sendable, Hashable {
    /// The base URL without what could be secret, in one spelling, whatever its case, slashes and default port, and
    /// whether it names the version or not: two spellings of one base share their answers.
    let baseURL: String
    /// The whole URL of the call.
    let url: String
    /// The host's name in lower case, an IPv6 address without brackets.
    let host: String

    /// Joins `baseURL` and `path`, which begins without `/` and is preceded by `v1` where the base names no version.
    ///
    /// - Throws: ``AIServiceError`` with code `configuration`; it names `setting` and never shows the URL, in which
    ///   there may be a password.
    init(baseURL text: String, path: String, setting: String) throws(AIServiceError) {
        func refuse(_ message: String) -> AIServiceError {
            AIServiceError(.configuration, message: "\(setting) \(message)")
        }
        guard let components = URLComponents(string: text.trimmingCharacters(in: .whitespaces)),
            let scheme = components.scheme?.lowercased(), scheme == "https" || scheme == "http"
        else { throw refuse("must be a URL that begins with https:// (or http:// on this machine)") }
        guard components.user == nil, components.password == nil else {
            throw refuse("must not contain a user name or password; give the key in its own setting")
        }
        guard components.query == nil, components.fragment == nil else {
            throw refuse("must not contain a query or a fragment")
        }
        let bare = (components.host ?? "").lowercased().filter { $0 != "[" && $0 != "]" }
        guard !bare.isEmpty else { throw refuse("must name a host") }
        guard scheme == "https" || Self.isLoopback(bare) else {
            throw refuse("must use https: plain http would show the key and the questions to the network")
        }
        if let port = components.port, !(1...65_535).contains(port) { throw refuse("must name a port from 1 to 65535") }
        let port = components.port == (scheme == "https" ? 443 : 80) ? nil : components.port
        let authority = (bare.contains(":") ? "[\(bare)]" : bare) + (port.map { ":\($0)" } ?? "")
        let segments = components.percentEncodedPath.split(separator: "/")
        let base = "\(scheme)://\(authority)" + segments.map { "/\($0)" }.joined()
        host = bare
        if base.hasSuffix("/\(path)") {
            baseURL = String(base.dropLast(path.count + 1))
        } else if segments.contains(where: Self.isVersion) {
            baseURL = base
        } else {
            baseURL = "\(base)/v1"
        }
        url = "\(baseURL)/\(path)"
    }

    /// Whether a path segment names an API version, as `v1` and `v1beta` do.
    private static func isVersion(_ segment: Substring) -> Bool {
        segment.first == "v" && segment.dropFirst().first?.isNumber == true
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
