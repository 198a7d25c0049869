import ArgumentParser
import Logging

/// `recuerde config`: shows what applies, with secrets masked, and where each value came from.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the effective settings, secrets masked, and where each came from.",
        discussion: "Exits with 78 if a setting is wrong, and names each one that is."
    )

    @OptionGroup var options: SettingsOptions

    @Flag(help: "Print a commented .env file with every setting instead.")
    var example = false

    @Flag(help: "Print a Markdown table of every setting instead.")
    var markdown = false

    init() {}

    func run() async throws {
        if example { return CommandIO.current.write(EnvironmentFile.example) }
        if markdown { return CommandIO.current.write(SettingsCatalogue.markdown) }
        try await ExitStatus.reporting {
            let reader = try options.reader()
            CommandIO.current.write(SettingsReport(reader).text)
            var faults: [SettingsError] = []
            for setting in SettingsCatalogue.all {
                do throws(SettingsError) { try reader.check(setting) } catch { faults.append(error) }
            }
            if faults.isEmpty {
                let settings = try Settings(reader)
                // Nothing is logged by a check.
                let logger = Logger(label: "recuerde") { _ in SwiftLogNoOpLogHandler() }
                faults = ServiceAssembly(settings: settings, logger: logger).faults()
            }
            for fault in faults.dropLast() { CommandIO.current.writeError("recuerde: \(fault)\n") }
            if let last = faults.last { throw last }
        }
    }
}
