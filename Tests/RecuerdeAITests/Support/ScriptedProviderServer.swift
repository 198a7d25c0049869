import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A provider over real HTTP on loopback that does what a script says, step by step, whatever connection a request
/// comes on. The last step is repeated for all further requests.
final class ScriptedProviderServer: Sendable {
    enum Step: Sendable {
        case reply(status: Int, headers: [String: String] = [:], body: String)
        /// Reads the request and never answers.
        case hang
        /// Closes the connection after the request.
        case cut
        /// Promises a body, sends a part of it, and closes the connection.
        case cutInBody
        /// Sends bytes that are no HTTP.
        case garbage
        /// A body of this many bytes.
        case huge(Int)
    }

    struct Request: Sendable {
        var head: String
        var body: String

        func header(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, parts[0].lowercased() == name.lowercased() {
                    return parts[1].trimmingPrefix(" ").description
                }
            }
            return nil
        }

        var path: String {
            head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        }
    }

    private struct State {
        var script: [Step]
        var requests: [Request] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    private init(script: [Step]) {
        state = Mutex(State(script: script))
    }

    /// Runs a server for the length of `body`.
    static func with<Result>(
        _ script: [Step],
        _ body: (ScriptedProviderServer) async throws -> Result
    ) async throws -> Result {
        let server = ScriptedProviderServer(script: script)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(server: server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.channel.withLock { $0 = channel }
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    var baseURL: String {
        "http://127.0.0.1:\(channel.withLock { $0?.localAddress?.port ?? 0 })"
    }

    var requests: [Request] {
        state.withLock { $0.requests }
    }

    /// Returns when at least `count` requests have come.
    func waitForRequests(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.requests.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    private func next(_ request: Request) -> Step {
        let (step, ready) = state.withLock { state in
            state.requests.append(request)
            let count = state.requests.count
            let ready = state.watchers.filter { $0.count <= count }.map(\.continuation)
            state.watchers.removeAll { $0.count <= count }
            let step = state.script.count > 1 ? state.script.removeFirst() : state.script.first ?? .hang
            return (step, ready)
        }
        for continuation in ready { continuation.resume() }
        return step
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let server: ScriptedProviderServer
        private var received: [UInt8] = []

        init(server: ScriptedProviderServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received.append(contentsOf: unwrapInboundIn(data).readableBytesView)
            let text = String(decoding: received, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { return }
            var request = Request(head: String(text[..<end.lowerBound]), body: "")
            let length = request.header("content-length").flatMap { Int($0) } ?? 0
            let headLength = text[..<end.upperBound].utf8.count
            guard received.count >= headLength + length else { return }
            request.body = String(decoding: received[headLength..<(headLength + length)], as: UTF8.self)
            received.removeFirst(headLength + length)
            act(server.next(request), context)
        }

        private func act(_ step: Step, _ context: ChannelHandlerContext) {
            switch step {
            case .reply(let status, let headers, let body):
                var text = "HTTP/1.1 \(status) Status\r\ncontent-type: application/json\r\n"
                for (name, value) in headers { text += "\(name): \(value)\r\n" }
                send("\(text)content-length: \(body.utf8.count)\r\n\r\n\(body)", context)
            case .hang:
                break
            case .cut:
                context.close(promise: nil)
            case .cutInBody:
                send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"type\":", context)
                context.close(promise: nil)
            case .garbage:
                send("\u{1}\u{2}this is not HTTP\r\n\r\n", context)
                context.close(promise: nil)
            case .huge(let count):
                send("HTTP/1.1 200 OK\r\ncontent-length: \(count)\r\n\r\n", context)
                send(String(repeating: "x", count: count), context)
            }
        }

        private func send(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: text)), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
