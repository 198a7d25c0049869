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
    /// A responder that waits for its body for a while and then for its answer, or for ever.
    private struct Waiting: HTTPResponder {
        /// Seconds; nil for a body that never ends.
        let body: Int64?
        /// Seconds; nil for an answer that never comes.
        let answer: Int64?
        let clock: ManualTimeSource

        func respond(to request: Request, context: ServiceRequestContext) async throws -> Response {
            try await wait(body)
            context.progress.bodyIsIn()
            try await wait(answer)
            return Response(status: .ok)
        }

        private func wait(_ seconds: Int64?) async throws {
            if seconds == 0 { return }
            let deadline = seconds.map { clock.now().advanced(by: .seconds($0)) }
            try await clock.sleep(until: deadline ?? .distantFuture)
        }
    }

    /// What comes of a request whose limit is 7 s, when time passes in these steps.
    private func answer(
        body: Int64?,
        answer: Int64?,
        method: HTTPRequest.Method = .post,
        steps: [Int64] = [7]
    ) async throws -> (response: Response, lines: RecordedLines) {
        let clock = ManualTimeSource()
        let lines = RecordedLines()
        var configuration = ServerConfiguration()
        configuration.requestTimeout = .seconds(7)
        let responder = ServiceResponder(
            base: Waiting(body: body, answer: answer, clock: clock),
            configuration: configuration,
            timeSource: clock,
            metrics: RequestMetrics(),
            logger: Logger(label: "test") { ServiceLogHandler(label: $0, sink: lines) }
        )
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "a", path: "/api/ai/hint"),
            body: RequestBody(buffer: ByteBuffer())
        )
        let context = ServiceRequestContext(
            source: ApplicationRequestContextSource(channel: EmbeddedPeer.channel, logger: Logger(label: "test"))
        )
        async let response = responder.respond(to: request, context: context)
        for step in steps {
            await clock.waitForSleepers(atLeast: 2)
            clock.advance(by: .seconds(step))
        }
        return (try await response, lines)
    }

    @Test func anAnswerThatTakesTooLongIs503() async throws {
        let (response, lines) = try await answer(body: 0, answer: nil)
        #expect(response.status.code == 503)
        #expect(response.headers[.retryAfter] == "1")
        #expect(lines.text.contains("\"event\":\"request_timed_out\""))
        #expect(lines.text.contains("\"status\":503"))
    }

    @Test func aRequestThatDoesNotArriveIs408() async throws {
        let (response, _) = try await answer(body: nil, answer: nil)
        #expect(response.status.code == 408)
        #expect(response.headers[.connection] == "close")
    }

    @Test func aSlowBodyTakesNoTimeFromTheAnswer() async throws {
        let (response, _) = try await answer(body: 5, answer: 6, steps: [5, 2, 4])
        #expect(response.status.code == 200)
    }

    @Test func anAnswerHasTheRequestsTimeFromTheEndOfTheBodyAndNoMore() async throws {
        let (response, _) = try await answer(body: 5, answer: nil, steps: [5, 2, 5])
        #expect(response.status.code == 503)
    }

    @Test(arguments: [(0, 503), (nil, 408)] as [(Int64?, Int)])
    func aLateAnswerToHeadHasNoBody(body: Int64?, status: Int) async throws {
        let (response, _) = try await answer(body: body, answer: nil, method: .head)
        #expect(response.status.code == status)
        #expect(response.body.contentLength == 0)
    }

    @Test func aProviderThatHangsIsCutOffAndTheTutorAnswersInTime() async throws {
        let clock = Mutex<ManualTimeSource?>(nil)
        let provider = ScriptedProvider { _ throws(ProviderError) in
            try? await clock.withLock { $0 }?.sleep(until: .distantFuture)
            throw ProviderError(.cancelled, message: "cancelled")
        }
        var ai = AIServiceConfiguration()
        ai.loadTimeout = .seconds(2)
        let service = TestService(provider: provider, ai: ai) { $0.requestTimeout = .seconds(3) }
        clock.withLock { $0 = service.clock }
        try await service.test { client in
            async let slow = client.send(.post, "/api/ai/feedback", Sample.feedback)
            // The request's limit, the load's, and the provider.
            await service.clock.waitForSleepers(atLeast: 3)
            service.clock.advance(by: .seconds(2))
            let answer = try await slow
            #expect(answer.status == 200)
            #expect(answer.header("Cache-Status") == "recuerde; fwd=miss; detail=provider_failed")
            #expect((answer.object["provenance"] as? [String: Any])?["source"] as? String == "tutor")
            #expect(try await client.send(.get, "/health/live").status == 200)
        }
    }
}
