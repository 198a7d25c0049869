#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a command reads from and writes to the process; tests put their own in its place.
struct CommandIO: Sendable {
    /// The variables of the environment.
    var environment: [String: String]
    /// Takes text for standard output.
    var write: @Sendable (String) -> Void
    /// Takes text for standard error.
    var writeError: @Sendable (String) -> Void

    /// What the command that runs in this task uses.
    @TaskLocal static var current = CommandIO(
        environment: ProcessInfo.processInfo.environment,
        write: { FileOutput.standardOutput.write($0) },
        writeError: { FileOutput.standardError.write($0) }
    )
}
