import ArgumentParser
import AsyncHTTPClient
import NIOCore

/// `recuerde health`: asks a running service how it is.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a running service how it is.",
        discussion: """
            Exits with 0 if it is healthy (or healthy without a provider: 'disabled'), with 1 if it is degraded, and \
            with 2 if it is unhealthy or does not answer.
            """
    )

    @OptionGroup var options: SettingsOptions

    @Option(help: "Where the service is, such as http://127.0.0.1:8000. Without it, the settings tell.")
    var url: String?

    @Option(help: "Seconds to wait for the answer.")
    var timeout: Int = 5

    @Flag(help: "Print the whole answer in JSON.")
    var json = false

    init() {}

    func validate() throws {
        guard (1...600).contains(timeout) else { throw ValidationError("--timeout takes 1 to 600 seconds.") }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let base = try url ?? Settings(options.reader()).localURL
            let report = await HealthProbe(baseURL: base, timeout: .seconds(Int64(timeout))).ask()
            CommandIO.current.write(json ? report.body ?? report.text : report.text)
            if report.exitCode != 0 { throw ExitCode(report.exitCode) }
        }
    }
}
