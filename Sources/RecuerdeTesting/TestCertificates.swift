import Foundation

/// Certificates for tests, made by the `openssl` program in a directory of their own, which goes with the value.
///
/// Making them takes about a tenth of a second; share one value among tests.
public final class TestCertificates: Sendable {
    /// Where the files are.
    public let directory: String

    /// Makes an authority, and what it has signed: see the properties.
    ///
    /// - Throws: `TestingError` if there is no `openssl`, or it fails.
    public init() throws {
        directory = try TemporaryDirectory.make("tls")
        // Should one of these throw, `deinit` removes the directory.
        for name in ["authority", "stranger"] { try makeAuthority(name) }
        try sign("server", names: "DNS:localhost,IP:127.0.0.1,IP:::1", days: 2)
        try sign("elsewhere", names: "DNS:elsewhere.example", days: 2)
        try sign("expired", names: "DNS:localhost,IP:127.0.0.1,IP:::1", days: -1)
        try sign("client", names: "DNS:client.example", days: 2)
    }

    deinit { TemporaryDirectory.remove(directory) }

    /// The authority that has signed all others.
    public var authority: String { path("authority.crt") }
    /// An authority that has signed none of them.
    public var stranger: String { path("stranger.crt") }
    /// For `localhost`, 127.0.0.1 and ::1.
    public var server: RedisServerOptions.TLSFiles { files("server") }
    /// For another name.
    public var elsewhere: RedisServerOptions.TLSFiles { files("elsewhere") }
    /// For `localhost`, 127.0.0.1 and ::1, until yesterday.
    public var expired: RedisServerOptions.TLSFiles { files("expired") }
    /// For a client: certificate and key.
    public var client: (certificate: String, key: String) { (path("client.crt"), path("client.key")) }

    private func files(_ name: String) -> RedisServerOptions.TLSFiles {
        .init(certificate: path("\(name).crt"), key: path("\(name).key"), authority: authority)
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private func makeAuthority(_ name: String) throws {
        try openssl(
            ["req", "-x509"] + Self.key + [
                "-keyout", path("\(name).key"), "-out", path("\(name).crt"), "-subj", "/CN=Test \(name)", "-days", "2",
            ]
        )
    }

    private func sign(_ name: String, names: String, days: Int) throws {
        try openssl(
            ["req"] + Self.key + ["-keyout", path("\(name).key"), "-out", path("\(name).csr"), "-subj", "/CN=\(name)"]
        )
        try "subjectAltName=\(names)\n".write(toFile: path("\(name).ext"), atomically: true, encoding: .utf8)
        try openssl([
            "x509", "-req", "-in", path("\(name).csr"), "-CA", authority, "-CAkey", path("authority.key"),
            "-CAcreateserial", "-days", "\(days)", "-extfile", path("\(name).ext"), "-out", path("\(name).crt"),
        ])
    }

    private func openssl(_ arguments: [String]) throws {
        let log = path("openssl.log")
        guard try ChildProcess.run("openssl", arguments: arguments, log: log) != 0 else { return }
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw TestingError(
            "openssl \(arguments.first ?? "") failed, or is not installed (apt-get install openssl): \(text)"
        )
    }
}
