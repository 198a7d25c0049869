public import ArgumentParser

/// The program `recuerde`.
public struct RecuerdeCommand: AsyncParsableCommand {
    /// Name, version and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "recuerde",
        abstract: "A two-tier response cache for an AI service: memory, Redis, and answers that are paid for once.",
        discussion: """
            Without any settings, `recuerde serve` answers on 127.0.0.1:8000 from memory with the built-in tutor. \
            `recuerde config` shows every setting.
            """,
        version: ProgramVersion.current,
        subcommands: [
            ServeCommand.self, ConfigCommand.self, HealthCommand.self, ExplainCommand.self,
            InvalidateCommand.self, BenchCommand.self,
        ],
        defaultSubcommand: ServeCommand.self
    )

    /// Runs the program with the arguments of the process, and ends the process where the command fails.
    public static func start() async {
        await main()
    }

    /// Makes the command, as ArgumentParser needs it.
    public init() {}
}
