import ArgumentParser
import AsyncHTTPClient
import NIOCore

/// `recuerde invalidate`: tells a running service that records have changed, or that what carries a tag is void.
struct InvalidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invalidate",
        abstract: "Make void, in all processes, the answers that carry a tag or are made of a record.",
        discussion: """
            Answers carry the tags kind:feedback, kind:hint or kind:insights, model:NAME, and the records that their requests \
            named. The bearer token is read from RECUERDE_ADMIN_TOKEN, in the environment or the file of settings. Exits \
            with 0 if the service has taken it, with 1 if it refuses, and with 2 if it does not answer.
            """
    )

    @OptionGroup var options: SettingsOptions

    @Option(name: .customLong("tag"), help: "A tag, such as kind:hint. May be repeated.")
    var tags: [String] = []

    @Option(name: .customLong("record"), help: "A record that has changed, such as exercise:42. May be repeated.")
    var records: [String] = []

    @Flag(inversion: .prefixedNo, help: "Whether what is void may stand in where a new answer cannot be made.")
    var keepStale = true

    @Option(help: "Where the service is, such as http://127.0.0.1:8000. Without it, the settings tell.")
    var url: String?

    @Option(help: "Seconds to wait for the answer.")
    var timeout: Int = 5

    init() {}

    func validate() throws {
        guard !tags.isEmpty || !records.isEmpty else { throw ValidationError("Name a --tag or a --record.") }
        guard (1...600).contains(timeout) else { throw ValidationError("--timeout takes 1 to 600 seconds.") }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let settings = try Settings(options.reader())
            guard let token = settings.adminToken else {
                throw SettingsError(name: "RECUERDE_ADMIN_TOKEN", reason: "must be set: the service asks for it")
            }
            let call = InvalidationCall(
                baseURL: url ?? settings.localURL,
                token: token,
                timeout: .seconds(Int64(timeout))
            )
            let report = await call.send(.init(tags: tags, records: records, keep_stale: keepStale))
            guard report.exitCode == 0 else {
                CommandIO.current.writeError("recuerde: \(report.text)\n")
                throw ExitCode(report.exitCode)
            }
            CommandIO.current.write(report.text + "\n")
        }
    }
}
