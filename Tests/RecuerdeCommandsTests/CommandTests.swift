import ArgumentParser
import Foundation
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeCommands

/// What a command wrote.
final class RecordedOutput: Sendable {
    private let texts = Mutex((output: "", error: ""))

    var output: String { texts.withLock { $0.output } }
    var error: String { texts.withLock { $0.error } }

    func io(environment: [String: String]) -> CommandIO {
        CommandIO(
            environment: environment,
            write: { text in self.texts.withLock { $0.output += text } },
            writeError: { text in self.texts.withLock { $0.error += text } }
        )
    }
}

@Suite struct CommandTests {
    /// Runs a command line; returns its exit code and what it wrote.
    func run(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async -> (code: Int32, recorded: RecordedOutput) {
        let recorded = RecordedOutput()
        let code = await CommandIO.$current.withValue(recorded.io(environment: environment)) { () -> Int32 in
            do {
                var command = try RecuerdeCommand.parseAsRoot(arguments)
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
                return 0
            } catch let code as ExitCode {
                return code.rawValue
            } catch {
                return RecuerdeCommand.exitCode(for: error).rawValue
            }
        }
        return (code, recorded)
    }

    /// A file that is no file of the machine's.
    func noFile() throws -> (path: String, remove: @Sendable () -> Void) {
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).env")
        try Data().write(to: url)
        return (url.path(), { try? FileManager.default.removeItem(at: url) })
    }

    @Test func configShowsEverySettingAndItsSource() async throws {
        let file = try noFile()
        defer { file.remove() }
        let (code, recorded) = await run(
            ["config", "--env-file", file.path, "--port", "9000", "--set", "REDIS_POOL_SIZE=3"],
            environment: ["ANTHROPIC_API_KEY": "hush", "REDIS_URL": "redis://:hush@h:1/0"]
        )
        #expect(code == 0)
        let lines = recorded.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines.contains(["RECUERDE_PORT", "9000", "flag"]))
        #expect(lines.contains(["REDIS_POOL_SIZE", "3", "flag"]))
        #expect(lines.contains(["ANTHROPIC_API_KEY", "****", "environment"]))
        #expect(lines.contains(["REDIS_URL", "redis://****@h:1/0", "environment"]))
        #expect(lines.contains(["LOG_LEVEL", "info", "default"]))
        #expect(!recorded.output.contains("hush"))
    }

    @Test func configNamesEveryFault() async throws {
        let file = try noFile()
        defer { file.remove() }
        let (code, recorded) = await run(
            ["config", "--env-file", file.path],
            environment: ["RECUERDE_PORT": "x", "ANTHROPIC_API_KEY": "hush hush"]
        )
        #expect(code == 78)
        #expect(recorded.error.split(separator: "\n").count == 2)
        #expect(recorded.error.contains("recuerde: RECUERDE_PORT (from environment) must be"))
        #expect(recorded.error.contains("recuerde: ANTHROPIC_API_KEY (from environment) must"))
        #expect(!recorded.error.contains("hush"))
    }

    @Test(arguments: [["serve"], ["health"], ["invalidate", "--tag", "x"], ["config"], []])
    func aBadSettingIsOneLineAndExitCode78(command: [String]) async throws {
        let file = try noFile()
        defer { file.remove() }
        let (code, recorded) = await run(
            command + ["--env-file", file.path],
            environment: ["REDIS_CACHE_TTL": "soon"]
        )
        #expect(code == 78)
        #expect(
            recorded.error
                == "recuerde: REDIS_CACHE_TTL (from environment) must be a whole number of seconds from 1 to 315360000\n"
        )
    }

    @Test(
        arguments: ["REDIS_TLS_CA_FILE", "REDIS_TLS_CERT_FILE", "REDIS_TLS_KEY_FILE", "RECUERDE_PRICES_FILE"],
        ["serve", "config"]
    )
    func aFileThatCannotBeUsedIsOneLineAndExitCode78(setting: String, command: String) async throws {
        let file = try noFile()
        defer { file.remove() }
        let nonsense = try noFile()
        defer { nonsense.remove() }
        let marks = ["CERTIFICATE", "PRIVATE KEY"].map { "-----BEGIN \($0)-----\nbm9uc2Vuc2U=\n-----END \($0)-----\n" }
        try Data(marks.joined().utf8).write(to: URL(filePath: nonsense.path))
        let certificates = try TestCertificates()
        var good = ["REDIS_TLS_CA_FILE": certificates.authority, "RECUERDE_PORT": "0"]
        good["REDIS_TLS_CERT_FILE"] = certificates.client.certificate
        good["REDIS_TLS_KEY_FILE"] = certificates.client.key
        if command == "config" { #expect(await run([command, "--env-file", file.path], environment: good).code == 0) }
        // The first does not exist, the second is empty, the third only looks like one.
        for path in ["/nonexistent/file", file.path, nonsense.path] {
            let environment = good.merging([setting: path]) { $1 }
            let (code, recorded) = await run([command, "--env-file", file.path], environment: environment)
            #expect(code == 78)
            #expect(recorded.error.hasPrefix("recuerde: \(setting) "))
            #expect(recorded.error.split(separator: "\n").count == 1)
        }
    }

    @Test(arguments: ["serve", "config"]) func aKeyOfAnotherCertificateIsExitCode78(command: String) async throws {
        let file = try noFile()
        defer { file.remove() }
        let certificates = try TestCertificates()
        let (code, recorded) = await run(
            [command, "--env-file", file.path, "--port", "0"],
            environment: [
                "REDIS_TLS_CERT_FILE": certificates.client.certificate, "REDIS_TLS_KEY_FILE": certificates.server.key,
            ]
        )
        #expect(code == 78)
        #expect(recorded.error.hasPrefix("recuerde: REDIS_TLS_KEY_FILE cannot be used: "))
        #expect(recorded.error.split(separator: "\n").count == 1)
    }

    @Test(arguments: ["serve", "config"]) func aBaseURLThatWouldShowTheKeyIsExitCode78(command: String) async throws {
        let file = try noFile()
        defer { file.remove() }
        let (code, recorded) = await run(
            [command, "--env-file", file.path, "--port", "0"],
            environment: ["ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "http://example.com"]
        )
        #expect(code == 78)
        #expect(recorded.error.hasPrefix("recuerde: ANTHROPIC_BASE_URL "))
    }

    @Test func settingsComeFromTheNamedFile() async throws {
        let file = try noFile()
        defer { file.remove() }
        try Data("RECUERDE_PORT=7777\nRECUERDE_HOST=h\n".utf8).write(to: URL(filePath: file.path))
        let (code, recorded) = await run(
            ["config", "--env-file", file.path],
            environment: ["RECUERDE_HOST": "e"]
        )
        #expect(code == 0)
        let lines = recorded.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines.contains(["RECUERDE_PORT", "7777", file.path]))
        #expect(lines.contains(["RECUERDE_HOST", "e", "environment"]))
    }

    @Test func aNamedFileThatIsNotThereIsExitCode78() async throws {
        let (code, recorded) = await run(["serve", "--env-file", "/nonexistent.env"])
        #expect(code == 78)
        #expect(recorded.error == "recuerde: /nonexistent.env does not exist\n")
    }

    @Test(arguments: [
        ["config", "--set", "REDIS_POOL_SIZE"], ["config", "--set", "NO_SUCH=1"],
        ["config", "--set", "ANTHROPIC_API_KEY=hush"], ["config", "--set", "REDIS_URL=redis://h"],
        ["config", "--redis-url", "redis://:hush@h:1/0"], ["serve", "--redis-url", "hush@h"],
        ["nonsense"], ["health", "--timeout", "0"],
    ])
    func aBadFlagIsAUsageError(arguments: [String]) async throws {
        let (code, _) = await run(arguments)
        #expect(code == ExitCode.validationFailure.rawValue)
    }

    @Test func configPrintsTheExampleFile() async throws {
        let (code, recorded) = await run(["config", "--example"])
        #expect(code == 0)
        #expect(recorded.output == EnvironmentFile.example)
    }

    @Test func healthSaysThatNobodyAnswers() async throws {
        let file = try noFile()
        defer { file.remove() }
        // Port 1 of loopback: nothing listens there, and connecting is refused at once.
        let (code, recorded) = await run(["health", "--env-file", file.path, "--port", "1"])
        #expect(code == 2)
        #expect(recorded.output == "no answer from http://127.0.0.1:1\n")
    }
}
