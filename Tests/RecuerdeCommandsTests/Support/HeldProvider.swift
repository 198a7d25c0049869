import NIOCore
import NIOPosix
import Synchronization

/// A provider over real HTTP on loopback that holds its answers back until a test lets them go.
final class HeldProvider: Sendable {
    /// Ends with the first request.
    let asked: AsyncStream<Void>
    private let askedSource: AsyncStream<Void>.Continuation
    private let waiting = Mutex<[any Channel]>([])
    private let listener = Mutex<(any Channel)?>(nil)

    private init() {
        (asked, askedSource) = AsyncStream.makeStream(of: Void.self)
    }

    /// Runs a provider for the length of `body`.
    static func with<Result>(_ body: (HeldProvider) async throws -> Result) async throws -> Result {
        let provider = HeldProvider()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(provider: provider))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        provider.listener.withLock { $0 = channel }
        do {
            let result = try await body(provider)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    var baseURL: String {
        "http://127.0.0.1:\(listener.withLock { $0?.localAddress?.port ?? 0 })"
    }

    /// Answers all who wait with `text`, in the words of the Anthropic API.
    func answer(_ text: String) {
        let body = """
            {"id":"m","type":"message","role":"assistant","model":"claude-haiku-4-5",\
            "content":[{"type":"text","text":"\(text)"}],"stop_reason":"end_turn","stop_sequence":null,\
            "usage":{"input_tokens":10,"output_tokens":5}}
            """
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
        let channels = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for channel in channels { channel.writeAndFlush(ByteBuffer(string: head + body), promise: nil) }
    }

    private func asks(_ channel: any Channel) {
        waiting.withLock { $0.append(channel) }
        askedSource.finish()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let provider: HeldProvider
        private var received = ""

        init(provider: HeldProvider) {
            self.provider = provider
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            // The last byte of a request of this API closes its JSON; the service sends one request at a time.
            guard received.contains("\r\n\r\n"), received.hasSuffix("}") else { return }
            received = ""
            provider.asks(context.channel)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
