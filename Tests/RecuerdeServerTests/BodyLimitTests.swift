import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Testing

@testable import RecuerdeServer

@Suite struct BodyLimitTests {
    private func collect(chunks: [Int], limit: Int, length: String? = nil) async throws -> Int {
        var head = HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/")
        if let length { head.headerFields[.contentLength] = length }
        let stream = AsyncStream<ByteBuffer> { continuation in
            for size in chunks { continuation.yield(ByteBuffer(repeating: 0x20, count: size)) }
            continuation.finish()
        }
        let request = Request(head: head, body: RequestBody(asyncSequence: stream))
        let context = ServiceRequestContext(
            source: ApplicationRequestContextSource(channel: EmbeddedPeer.channel, logger: Logger(label: "test"))
        )
        let size = try await JSONBody.collect(request, context: context, limit: limit).readableBytes
        #expect(context.progress.bodyReadAt != nil)
        return size
    }

    @Test func aBodyOfJustTheLimitIsRead() async throws {
        #expect(try await collect(chunks: [60, 40], limit: 100) == 100)
    }

    @Test(arguments: [nil, "50", "-1", "x"]) func whatComesWithoutAnHonestLengthIsStoppedAtTheLimit(
        length: String?
    ) async throws {
        let error = await #expect(throws: Problem.self) {
            try await collect(chunks: [60, 40, 1], limit: 100, length: length)
        }
        #expect(error?.status.code == 413)
    }

    @Test func anAnnouncedLengthOverTheLimitIsRefusedUnread() async throws {
        let error = await #expect(throws: Problem.self) { try await collect(chunks: [], limit: 100, length: "101") }
        #expect(error?.status.code == 413)
    }
}
