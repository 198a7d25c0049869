import ArgumentParser
import NIOCore
import NIOHTTP1

/// `recuerde explain`: asks a running service what it knows about a key.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell what a running service holds under a key, and why a read of it hits or misses.",
        discussion: """
            Tells what stands in memory and in Redis, its tags and what has become of them, what waits for Redis, and the load that is \
            under way; never the value. The bearer token is read from RECUERDE_ADMIN_TOKEN, in the environment or the file of \
            settings. Exits with 0 if the service has told it, with 1 if it refuses, and with 2 if it does not answer.
            """
    )

    @OptionGroup var options: SettingsOptions

    @Argument(help: "The key as GET /api/cache/keys lists it. Where names are hidden, the clear one does as well.")
    var key: String

    @Flag(help: "Print the whole answer in JSON.")
    var json = false

    @Option(help: "Where the service is, such as http://127.0.0.1:8000. Without it, the settings tell.")
    var url: String?

    @Option(help: "Seconds to wait for the answer.")
    var timeout: Int = 5

    init() {}

    func validate() throws {
        guard !key.isEmpty else { throw ValidationError("The key is empty.") }
        guard (1...600).contains(timeout) else { throw ValidationError("--timeout takes 1 to 600 seconds.") }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let settings = try Settings(options.reader())
            guard let token = settings.adminToken else {
                throw SettingsError(name: "RECUERDE_ADMIN_TOKEN", reason: "must be set: the service asks for it")
            }
            let call = AdminCall(
                baseURL: url ?? settings.localURL,
                token: token,
                timeout: .seconds(Int64(timeout))
            )
            guard let answer = await call.send(.GET, "/api/cache/keys/" + AdminCall.pathPart(key)) else {
                CommandIO.current.writeError("recuerde: no answer from \(call.shown)\n")
                throw ExitCode(2)
            }
            guard answer.status == 200, let explanation = Explanation(json: answer.body) else {
                let (text, code) = AdminCall.refusal(answer.body, status: answer.status, from: call.shown)
                CommandIO.current.writeError("recuerde: \(text)\n")
                throw ExitCode(code)
            }
            CommandIO.current.write(json ? String(decoding: answer.body, as: UTF8.self) + "\n" : explanation.text)
        }
    }
}
