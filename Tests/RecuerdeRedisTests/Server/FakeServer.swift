import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

@testable import RecuerdeRedis

/// A server on loopback that answers what a test tells it to: for what real servers do not do.
final class FakeServer: Sendable {
    /// What becomes of a command.
    enum Answer: Sendable {
        case bytes(String)
        /// The bytes, and then the end of the connection.
        case last(String)
        /// The bytes, so many milliseconds later.
        case later(String, Int64)
        case nothing
    }

    /// The number of the connection, from zero, and the words of the command.
    typealias Script = @Sendable (_ connection: Int, _ words: [String]) -> Answer

    static let greeting = "%2\r\n+version\r\n+9.9.9\r\n+proto\r\n:3\r\n"

    private let channel: any Channel
    private let log: Log

    private final class Log: Sendable {
        let commands = Mutex<[[String]]>([])
        let connections = Mutex<Int>(0)
        let ended = Mutex<Int>(0)
    }

    private init(channel: any Channel, log: Log) {
        self.channel = channel
        self.log = log
    }

    /// - Parameter tls: speaks TLS if it is given.
    static func with<Result>(
        tls: NIOSSLContext? = nil,
        _ script: @escaping Script,
        _ body: (FakeServer) async throws -> Result
    ) async throws -> Result {
        let log = Log()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = log.connections.withLock { count in
                        defer { count += 1 }
                        return count
                    }
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Handler(number: number, log: log, script: script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = FakeServer(channel: channel, log: log)
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    var url: String { "redis://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// The words of all commands of all connections, without those of the handshake.
    var commands: [[String]] {
        log.commands.withLock { $0 }.filter { !["HELLO", "CLIENT", "INFO", "AUTH", "SELECT"].contains($0.first) }
    }

    var handshakes: [[String]] {
        log.commands.withLock { $0 }.filter { ["HELLO", "CLIENT", "INFO", "AUTH", "SELECT"].contains($0.first) }
    }

    var connections: Int { log.connections.withLock { $0 } }

    var openConnections: Int { connections - log.ended.withLock { $0 } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let number: Int
        private let log: Log
        private let script: Script
        private var parser = RESPParser(limits: .init(replyBytes: 1 << 24, depth: 4))

        init(number: Int, log: Log, script: @escaping Script) {
            self.number = number
            self.log = log
            self.script = script
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            parser.append(unwrapInboundIn(data))
            while let value = try? parser.next() {
                let words = (value.elements ?? []).compactMap(\.string)
                log.commands.withLock { $0.append(words) }
                switch script(number, words) {
                case .nothing: break
                case .bytes(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                case .later(let text, let milliseconds):
                    let channel = context.channel
                    channel.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
                        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
                    }
                case .last(let text):
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                    context.close(promise: nil)
                    return
                }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            log.ended.withLock { $0 += 1 }
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    /// Greets, and answers everything else by another script.
    static func greeted(_ script: @escaping Script) -> Script {
        { connection, words in
            switch words.first {
            case "HELLO": .bytes(greeting)
            case "CLIENT": .bytes("+OK\r\n")
            default: script(connection, words)
            }
        }
    }
}
