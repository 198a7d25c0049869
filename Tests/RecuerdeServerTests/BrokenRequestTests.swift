import HummingbirdTesting
import NIOCore
import Testing

@testable import RecuerdeServer

/// What clients may send over a real socket and no HTTP client would.
@Suite(.timeLimit(.minutes(1))) struct BrokenRequestTests {
    private static let chunked = """
        POST /api/ai/feedback HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
        Transfer-Encoding: chunked\r\n\r\n
        """

    @Test func aClientThatGoesOnSendingAfterItsAnswerIsCutOff() async throws {
        let service = TestService { $0.requestBodyLimit = 100_000 }
        let answer = try await service.test(live: true) { client in
            try await RawConnection.exchange(port: client.port) { writer in
                let head = "POST /nope HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n"
                try await writer.write(ByteBuffer(string: head))
                let piece = ByteBuffer(repeating: 0x20, count: 10_000)
                while true { try await writer.write(piece) }
            }
        }
        #expect(answer.endedByServer)
        // A reset may have taken the answer away; another answer than this did not come.
        #expect(["", "HTTP/1.1 404"].contains(answer.status))
        #expect(service.lines.text.contains("\"status\":404"))
    }

    @Test(arguments: ["FOO /health/live HTTP/1.1\r\nHost: a\r\n\r\n", "GET /health/live\r\n\r\n", "nonsense\r\n\r\n"])
    func whatIsNoHTTPIsAProblemWithStatus400(text: String) async throws {
        let answer = try await TestService().test(live: true) { client in
            try await RawConnection.exchange(port: client.port, text)
        }
        #expect(answer.endedByServer)
        #expect(answer.status == "HTTP/1.1 400")
        #expect(answer.text.lowercased().contains("content-type: application/problem+json\r\n"))
        #expect(answer.body.contains("\"code\":\"malformed_request\""))
        #expect(!answer.text.contains("Content-Length: 0\r\n"))
    }

    @Test func aMethodThatTheRouteDoesNotTakeIs405OverARealSocketToo() async throws {
        let answer = try await TestService().test(live: true) { client in
            try await RawConnection.exchange(
                port: client.port,
                "PURGE /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
        }
        #expect(answer.status == "HTTP/1.1 405")
        #expect(answer.text.contains("Allow: GET, HEAD\r\n"))
    }

    @Test func aBrokenChunkIsTheClientsFaultAndNoErrorOfTheService() async throws {
        let service = TestService()
        let answer = try await service.test(live: true) { client in
            let answer = try await RawConnection.exchange(port: client.port, Self.chunked + "xyz\r\n{}\r\n")
            await service.lines.waitForLine(with: "request_handled")
            return answer
        }
        #expect(answer.endedByServer)
        #expect(answer.status == "HTTP/1.1 400")
        #expect(answer.text.contains("\"code\":\"body_not_received\""))
        #expect(service.lines.text.contains("\"status\":400"))
        #expect(!service.lines.text.contains("request_failed"))
    }

    @Test func aBodyThatBreaksOffIsTheClientsFaultAndNoErrorOfTheService() async throws {
        let service = TestService()
        try await service.test(live: true) { client in
            let head = "POST /api/ai/feedback HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"
            _ = try await RawConnection.exchange(port: client.port, head, thenFinishes: true)
            await service.lines.waitForLine(with: "request_handled")
        }
        #expect(service.lines.text.contains("\"status\":400"))
        #expect(!service.lines.text.contains("request_failed"))
    }

    @Test(arguments: [("/nope", "404"), ("/api/ai/feedback", "405"), ("/health/live", "200")])
    func anAnswerToHeadEndsWithItsHeader(path: String, status: String) async throws {
        let answer = try await TestService().test(live: true) { client in
            try await RawConnection.exchange(
                port: client.port,
                "HEAD \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
        }
        #expect(answer.status == "HTTP/1.1 \(status)")
        #expect(answer.body.isEmpty)
    }
}
