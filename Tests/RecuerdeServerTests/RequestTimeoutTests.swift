import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Recuerde
import RecuerdeAI
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeServer

@Suite struct RequestTimeoutTests {
    /// A responder that waits until it is cancelled, as a body that never ends or a provider that hangs makes it.
    private struct Hanging: HTTPResponder {
        let readsBody: Bool
        let clock: ManualTimeSource

        func respond(to request: Request, context: ServiceRequestContext) async throws -> Response {
            if readsBody { context.progress.hasReadBody = true }
            try await clock.sleep(until: .distantFuture)
            return Response(status: .ok)
        }
    }

    private func answer(readsBody: Bool) async throws -> (response: Response, lines: RecordedLines) {
        let clock = ManualTimeSource()
        let lines = RecordedLines()
        var configuration = ServerConfiguration()
        configuration.requestTimeout = .seconds(7)
        let responder = ServiceResponder(
            base: Hanging(readsBody: readsBody, clock: clock),
            configuration: configuration,
            timeSource: clock,
            metrics: RequestMetrics(),
            logger: Logger(label: "test") { ServiceLogHandler(label: $0, sink: lines) }
        )
        let request = Request(
            head: HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/api/ai/hint"),
            body: RequestBody(buffer: ByteBuffer())
        )
        let context = ServiceRequestContext(
            source: ApplicationRequestContextSource(channel: EmbeddedPeer.channel, logger: Logger(label: "test"))
        )
        async let response = responder.respond(to: request, context: context)
        await clock.waitForSleepers(atLeast: 2)
        clock.advance(by: .seconds(7))
        return (try await response, lines)
    }

    @Test func anAnswerThatTakesTooLongIs503() async throws {
        let (response, lines) = try await answer(readsBody: true)
        #expect(response.status.code == 503)
        #expect(response.headers[.retryAfter] == "1")
        #expect(lines.text.contains("\"event\":\"request_timed_out\""))
        #expect(lines.text.contains("\"status\":503"))
    }

    @Test func aRequestThatDoesNotArriveIs408() async throws {
        let (response, _) = try await answer(readsBody: false)
        #expect(response.status.code == 408)
    }

    @Test func aProviderThatHangsIsCutOffAndTheNextRequestIsServed() async throws {
        let clock = Mutex<ManualTimeSource?>(nil)
        let provider = ScriptedProvider { _ throws(ProviderError) in
            try? await clock.withLock { $0 }?.sleep(until: .distantFuture)
            throw ProviderError(.cancelled, message: "cancelled")
        }
        let service = TestService(provider: provider) { $0.requestTimeout = .seconds(3) }
        clock.withLock { $0 = service.clock }
        try await service.test { client in
            async let slow = client.send(.post, "/api/ai/feedback", Sample.feedback)
            await service.clock.waitForSleepers(atLeast: 2)
            service.clock.advance(by: .seconds(3))
            let answer = try await slow
            #expect(answer.status == 503)
            #expect(try await client.send(.get, "/health/live").status == 200)
        }
    }
}
