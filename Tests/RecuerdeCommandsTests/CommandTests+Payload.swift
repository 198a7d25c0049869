import ArgumentParser
import Testing

@testable import RecuerdeCommands

/// Settings of compression, encryption and hidden names, as commands take and show them.
extension CommandTests {
    /// 32 bytes each, and what must never be shown of them.
    private static let secrets = [
        "hushhushhushhushhushhushhushhushhushhushhus=", "COVERTCOVERTCOVERTCOVERTCOVERTCOVERTCOVERTs=",
    ]
    private static let keys = "RECUERDE_ENCRYPTION_KEYS"

    private static let wrong: [(environment: [String: String], message: String)] = [
        ([keys: secrets[0]], "\(keys) (from environment) cannot be used: key 1 of 1 is not of the form id:base64"),
        (
            [keys: "a:hush!"],
            "\(keys) (from environment) cannot be used: key 1 of 1: the secret of an encryption key is not Base64;"
        ),
        (
            [keys: "a:hushhush"],
            "\(keys) (from environment) cannot be used: key 1 of 1: an encryption key has 32 bytes, and the one given has 6;"
        ),
        (
            [keys: "\(secrets[0]):a"],
            "\(keys) (from environment) cannot be used: key 1 of 1: the secret of an encryption key is not Base64;"
        ),
        (
            [keys: "a:\(secrets[0]), a:\(secrets[1])"],
            "\(keys) (from environment) cannot be used: two encryption keys have the same identifier"
        ),
        (
            [keys: "a:\(secrets[0]),:\(secrets[1])"],
            "\(keys) (from environment) cannot be used: key 2 of 2: the identifier of an encryption key is"
        ),
        ([keys: ","], "\(keys) (from environment) must be a list of 1 to 100 keys"),
        (["RECUERDE_ENCRYPTION": "required"], "\(keys) must be set where RECUERDE_ENCRYPTION is required"),
        (["RECUERDE_ENCRYPTION": "preferred"], "\(keys) must be set where RECUERDE_ENCRYPTION is preferred"),
        (
            ["RECUERDE_ENCRYPTION": "always"],
            "RECUERDE_ENCRYPTION (from environment) must be off or preferred or required"
        ),
        (
            [keys: "a:\(secrets[0])", "RECUERDE_ENCRYPTION_KEY_ID": "b"],
            "RECUERDE_ENCRYPTION_KEY_ID must be the identifier of one of \(keys)"
        ),
        (["RECUERDE_ENCRYPTION_KEY_ID": "a"], "RECUERDE_ENCRYPTION_KEY_ID must be the identifier of one of \(keys)"),
        (
            ["RECUERDE_NAME_SECRET": "hush!"],
            "RECUERDE_NAME_SECRET (from environment) cannot be used: the secret for names is not Base64;"
        ),
        (
            ["RECUERDE_NAME_SECRET": "hushhush"],
            "RECUERDE_NAME_SECRET (from environment) cannot be used: the secret for names has 6 bytes and needs 32;"
        ),
        (
            ["RECUERDE_COMPRESSION_BYTES": "31"],
            "RECUERDE_COMPRESSION_BYTES (from environment) must be a whole number from 32 to 8388608"
        ),
        (["RECUERDE_COMPRESSION": "yes"], "RECUERDE_COMPRESSION (from environment) must be true or false"),
        (
            [keys: "a:\(secrets[0])", "RECUERDE_ENCRYPTION": "required", "REDIS_CACHE_FORMAT": "plain"],
            "RECUERDE_ENCRYPTION cannot be used: entries of the format plain cannot be encrypted, so nothing is kept at all;"
        ),
    ]

    @Test(.timeLimit(.minutes(1)), arguments: wrong.indices, ["serve", "config"])
    func whatCannotBeEncryptedWithIsOneLineAndExitCode78(index: Int, command: String) async throws {
        let file = try noFile()
        defer { file.remove() }
        let (environment, message) = Self.wrong[index]
        let (code, recorded) = await run([command, "--env-file", file.path, "--port", "0"], environment: environment)
        #expect(code == 78)
        #expect(recorded.error.hasPrefix("recuerde: \(message)"), "\(recorded.error)")
        #expect(recorded.error.split(separator: "\n").count == 1)
        for text in ["hush", "COVERT"] { #expect(!(recorded.error + recorded.output).contains(text)) }
    }

    @Test func configShowsWhichKeysThereAreAndNoSecret() async throws {
        let file = try noFile()
        defer { file.remove() }
        var environment = ["RECUERDE_ENCRYPTION": "preferred", "RECUERDE_NAME_SECRET": Self.secrets[1]]
        environment[Self.keys] = "2026-11:\(Self.secrets[0]),2026-05:\(Self.secrets[1])"
        // That the format has no room for it is a warning of the log, for nothing is kept less than before.
        for format in ["envelope", "plain"] {
            environment["REDIS_CACHE_FORMAT"] = format
            let (code, recorded) = await run(["config", "--env-file", file.path], environment: environment)
            #expect(code == 0 && recorded.error.isEmpty)
            let lines = recorded.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(lines.contains([Self.keys, "2026-11:****,2026-05:****", "environment"]))
            #expect(lines.contains(["RECUERDE_NAME_SECRET", "****", "environment"]))
            #expect(lines.contains(["RECUERDE_COMPRESSION", "true", "default"]))
            for text in ["hush", "COVERT"] { #expect(!recorded.output.contains(text)) }
        }
    }

    @Test(arguments: [keys, "RECUERDE_NAME_SECRET"]) func secretsAreNotTakenFromFlags(name: String) async throws {
        let (code, recorded) = await run(["config", "--set", "\(name)=\(Self.secrets[0])"])
        #expect(code == ExitCode.validationFailure.rawValue)
        #expect(!recorded.error.contains("hush"))
    }
}
