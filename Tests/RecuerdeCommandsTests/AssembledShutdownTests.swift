import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import RecuerdeServer
import RecuerdeTesting
import ServiceLifecycleTestKit
import Testing

@testable import RecuerdeCommands

/// The whole service as `recuerde serve` puts it together, with Redis and a provider, when it is told to end.
@Suite(.timeLimit(.minutes(1))) struct AssembledShutdownTests {
    private static let question = #"{"user_answer":"hablo","correct_answer":"hable"}"#

    private func ask(_ port: Int) async throws -> (status: UInt, text: String) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/api/ai/feedback")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: Self.question))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1_048_576)
        return (response.status.code, String(buffer: body))
    }

    /// Returns once nobody listens on the port; the time limit of the test is the bound.
    private func waitUntilRefused(_ port: Int) async {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        while let channel = try? await bootstrap.connect(host: "127.0.0.1", port: port).get() {
            try? await channel.close()
        }
    }

    @Test func whatIsUnderWayIsFinishedAndKeptAndNothingNewIsTaken() async throws {
        try await withRedisServer { redis in
            try await HeldProvider.with { provider in
                let lines = ServiceLines()
                let environment = [
                    "REDIS_URL": redis.url, "RECUERDE_PORT": "0", "ANTHROPIC_API_KEY": "k",
                    "ANTHROPIC_BASE_URL": provider.baseURL,
                ]
                let settings = try Settings(SettingsReader(environment: environment))
                let logger = Logger(label: "test") { ServiceLogHandler(label: $0, level: .info, sink: lines) }
                let assembly = ServiceAssembly(settings: settings, logger: logger)
                try await testGracefulShutdown { trigger in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await assembly.run() }
                        let port = try #require(await lines.ports.first { _ in true })
                        async let response = ask(port)
                        for await _ in provider.asked {}

                        trigger.triggerGracefulShutdown()
                        await waitUntilRefused(port)
                        // Redis does not take the answer now, so that it waits in the journal.
                        redis.pause()
                        provider.answer("late but whole")
                        let (status, text) = try await response
                        #expect(status == 200)
                        #expect(text.contains("late but whole"))

                        redis.resume()
                        try await group.waitForAll()
                    }
                }
                let entries = try redis.command("KEYS", "subjunctive:v2:*").split(separator: "\n")
                #expect(entries.count == 1)
                let events = lines.all.compactMap { line in
                    ["request_handled", "service_stopped"].first { line.contains("\"event\":\"\($0)\"") }
                }
                #expect(events == ["request_handled", "service_stopped"])
            }
        }
    }
}
