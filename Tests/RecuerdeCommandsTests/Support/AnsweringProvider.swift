import NIOCore
import NIOPosix
import Synchronization

/// A provider over real HTTP on loopback that gives each request the same answer at once, and counts them.
final class AnsweringProvider: Sendable {
    private let response: String
    private let count = Mutex(0)
    private let port = Mutex(0)

    private init(_ text: String) {
        let body = """
            {"id":"m","type":"message","role":"assistant","model":"claude-haiku-4-5",\
            "content":[{"type":"text","text":"\(text)"}],"stop_reason":"end_turn","stop_sequence":null,\
            "usage":{"input_tokens":10,"output_tokens":5}}
            """
        response =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n" + body
    }

    /// Runs a provider that says `text`, without quotes in it, for the length of `body`.
    static func with<Result>(
        saying text: String,
        _ body: (AnsweringProvider) async throws -> Result
    ) async throws -> Result {
        let provider = AnsweringProvider(text)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(provider: provider))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        provider.port.withLock { $0 = channel.localAddress?.port ?? 0 }
        do {
            let result = try await body(provider)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    var baseURL: String { "http://127.0.0.1:\(port.withLock { $0 })" }

    /// How many requests there were.
    var requests: Int { count.withLock { $0 } }

    private func answer() -> String {
        count.withLock { $0 += 1 }
        return response
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let provider: AnsweringProvider
        private var received = ""

        init(provider: AnsweringProvider) {
            self.provider = provider
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            // The last byte of a request of this API closes its JSON; the service sends one request at a time.
            guard received.contains("\r\n\r\n"), received.hasSuffix("}") else { return }
            received = ""
            context.channel.writeAndFlush(ByteBuffer(string: provider.answer()), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
