import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import RecuerdeAI
import ServiceLifecycle
import Testing

@testable import RecuerdeServer

@Suite struct GracefulShutdownTests {
    @Test func aRequestInFlightIsFinishedBeforeTheServerEnds() async throws {
        let (asked, askedSource) = AsyncStream.makeStream(of: Void.self)
        let (released, releaseSource) = AsyncStream.makeStream(of: Void.self)
        let provider = ScriptedProvider { request throws(ProviderError) in
            askedSource.finish()
            for await _ in released {}
            return ProviderAnswer(text: "late but whole", model: request.model, usage: TokenUsage())
        }
        let service = TestService(provider: provider) { $0.port = 0 }
        let (ports, portSource) = AsyncStream.makeStream(of: Int.self)
        let application = makeApplication(
            service: service.service,
            cache: service.cache,
            configuration: service.configuration,
            timeSource: service.clock,
            logger: service.logger
        ) { port in portSource.yield(port) }
        let group = ServiceGroup(configuration: .init(services: [application], logger: Logger(label: "test")))

        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try #require(await ports.first { _ in true })
            let client = TestClient(host: "127.0.0.1", port: port)
            client.connect()
            async let response = client.post(
                "/api/ai/feedback",
                headers: [.contentType: "application/json"],
                body: ByteBuffer(string: Sample.feedback)
            )
            for await _ in asked {}
            await group.triggerGracefulShutdown()
            releaseSource.finish()
            let answer = try await response
            #expect(answer.status == .ok)
            #expect(answer.body.map { String(buffer: $0) }?.contains("late but whole") == true)
            try await tasks.waitForAll()
            try? await client.shutdown()
        }
    }
}
