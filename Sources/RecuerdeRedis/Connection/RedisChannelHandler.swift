import NIOCore
import NIOTLS

/// The one handler of a connection: bytes in, replies to the core; commands out.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let attempt: Int
    /// True once the handshake is over.
    var isReady = false

    private let core: ConnectionCore
    private var parser: RESPParser
    private var context: ChannelHandlerContext?
    /// The first thing that went wrong: later ones are its consequences.
    private var firstError: (any Error)?

    init(core: ConnectionCore, attempt: Int) {
        self.core = core
        self.attempt = attempt
        let configuration = core.shared.configuration
        parser = RESPParser(
            limits: .init(replyBytes: configuration.maximumReplyBytes, depth: max(1, configuration.maximumReplyDepth))
        )
    }

    // MARK: Out

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func write(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    func writeAndFlush(_ bytes: ByteBuffer) {
        write(bytes)
        context?.flush()
    }

    func close(_ error: (any Error)? = nil) {
        firstError = firstError ?? error
        context?.close(promise: nil)
    }

    private func send(_ commands: [RedisCommand]) {
        guard !commands.isEmpty else { return }
        var bytes = ByteBuffer()
        for command in commands { bytes.writeImmutableBuffer(command.encoded) }
        writeAndFlush(bytes)
    }

    // MARK: In

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard let commands = core.opened(attempt: attempt, channel: context.channel) else {
            context.close(promise: nil)
            return
        }
        send(commands)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event { core.secured(attempt: attempt) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard firstError == nil else { return }
        parser.append(unwrapInboundIn(data))
        if isReady { core.receivedBytes() }
        do throws(RESPFault) {
            while firstError == nil, let value = try parser.next() {
                guard take(value) else { throw RESPFault("the peer sent a reply that nobody asked for") }
            }
        } catch {
            close(
                RedisError(
                    .protocolViolation,
                    phase: isReady ? .reply : .handshake,
                    message: "\(core.shared.address) does not speak RESP as it should: \(error.message)"
                )
            )
        }
    }

    private func take(_ value: RESPValue) -> Bool {
        if case .push(let elements) = value {
            core.shared.configuration.onPush?(elements)
            return true
        }
        if isReady { return core.receive(value) }
        send(core.receivedInHandshake(value, from: self))
        return true
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isReady { core.readComplete() }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isReady { core.writeWaiting() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Replies that came with the closing read are the callers' still.
        if isReady { core.readComplete() }
        core.closed(attempt: attempt, error: firstError)
        context.fireChannelInactive()
    }
}
