import ArgumentParser
import Logging
import RecuerdeServer

/// `recuerde serve`: runs the service until SIGTERM or SIGINT.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer learners over HTTP, from the cache, the provider or the built-in tutor.",
        discussion: """
            Ends on SIGTERM or SIGINT: no new requests are taken, those in flight may finish within \
            RECUERDE_SHUTDOWN_TIMEOUT. Exits with 78 if a setting is wrong and with 69 if the port is in use.
            """
    )

    @OptionGroup var options: SettingsOptions

    init() {}

    func run() async throws {
        try await ExitStatus.reporting {
            let file = try options.file()
            let reader = SettingsReader(
                flags: try options.flags(),
                environment: CommandIO.current.environment,
                file: file
            )
            let settings = try Settings(reader)
            var logger = Logger(label: "recuerde") { label in
                ServiceLogHandler(label: label, level: settings.logLevel, format: settings.logFormat)
            }
            logger.logLevel = settings.logLevel
            for name in file.map(EnvironmentFile.unknownNames) ?? [] {
                logger.warning("unknown_setting", metadata: ["name": "\(name)"])
            }
            try await ServiceAssembly(settings: settings, logger: logger).run()
        }
    }
}
