import ArgumentParser

/// The flags that change settings, the same for every command that reads them.
struct SettingsOptions: ParsableArguments {
    @Option(help: "Read settings from this file. Without it, .env in the working directory is read if there is one.")
    var envFile: String?

    @Option(help: "Host name or address to listen on (RECUERDE_HOST).")
    var host: String?

    @Option(help: "TCP port to listen on; 0 takes a free one (RECUERDE_PORT).")
    var port: String?

    @Option(help: "Where Redis is (REDIS_URL). Others on this machine can read flags: no password here.")
    var redisURL: String?

    @Option(help: "Lowest level that is logged (LOG_LEVEL).")
    var logLevel: String?

    @Option(help: "How log lines look: json or text (LOG_FORMAT).")
    var logFormat: String?

    @Option(name: .customLong("set"), help: "Any setting that is no secret, as NAME=value. May be repeated.")
    var assignments: [String] = []

    init() {}

    func validate() throws {
        _ = try flags()
    }

    /// Settings by name, as flags gave them.
    func flags() throws(ValidationError) -> [String: String] {
        var flags: [String: String] = [:]
        for assignment in assignments {
            guard let equals = assignment.firstIndex(of: "=") else {
                throw ValidationError("--set takes NAME=value.")
            }
            let name = String(assignment[..<equals])
            guard let setting = SettingsCatalogue.all.first(where: { $0.name == name }) else {
                throw ValidationError("--set: there is no setting of that name. 'recuerde config' lists them.")
            }
            guard !setting.isSecret else {
                throw ValidationError(
                    "--set \(name): give secrets in the environment or a file; flags can be read by others."
                )
            }
            flags[name] = String(assignment[assignment.index(after: equals)...])
        }
        if let redisURL, RedisLocation.holdsCredentials(redisURL) {
            throw ValidationError(
                "--redis-url: give a URL with a password in the environment or a file (REDIS_URL); flags can be read "
                    + "by others."
            )
        }
        flags["RECUERDE_HOST"] = host ?? flags["RECUERDE_HOST"]
        flags["RECUERDE_PORT"] = port ?? flags["RECUERDE_PORT"]
        flags["REDIS_URL"] = redisURL
        flags["LOG_LEVEL"] = logLevel ?? flags["LOG_LEVEL"]
        flags["LOG_FORMAT"] = logFormat ?? flags["LOG_FORMAT"]
        return flags
    }

    /// The file of settings, if there is one.
    func file() throws(SettingsError) -> EnvironmentFile.Loaded? {
        try EnvironmentFile.load(envFile ?? ".env", isRequired: envFile != nil)
    }

    /// The layers that settings come from.
    func reader() throws -> SettingsReader {
        SettingsReader(flags: try flags(), environment: CommandIO.current.environment, file: try file())
    }
}
