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
    /// Room for the replies of one read.
    private var spare: [RESPValue] = []
    private var context: ChannelHandlerContext?
    /// The first thing that went wrong: later ones are its consequences.
    private var firstError: (any Error)?
    /// True once the core has been told of the end.
    private var isDetached = false

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

    /// Stops and resumes reading from the socket. What has been read by then is still handed on.
    func setReading(_ isReading: Bool) {
        try? context?.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    /// Reads no more than one buffer before it looks whether reading goes on.
    func readOneMessageAtATime() {
        try? context?.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }

    /// Closes in good order: with TLS, the peer is told and given a moment to answer.
    func close() {
        context?.close(promise: nil)
    }

    /// Closes after another connection has taken over: what the peer still says belongs to no command.
    func retire() {
        isDetached = true
        close()
    }

    /// Closes because something is wrong. The core looks for another connection at once, and does not wait until a
    /// peer that may be frozen has agreed to the end of this one.
    func abort(_ error: any Error) {
        guard firstError == nil else { return }
        firstError = error
        context?.close(promise: nil)
        detach()
    }

    private func detach() {
        guard !isDetached else { return }
        isDetached = true
        // Replies that came before the end are the callers' still.
        if isReady { core.readComplete() }
        core.closed(attempt: attempt, error: firstError)
        // A part of a large reply is as heavy as the whole of it.
        if parser.heldBytes >= HeavyReplies.bytes {
            var held = parser.abandon()
            HeavyReplies.letGo(&held)
        }
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
        guard !isDetached else { return }
        parser.append(unwrapInboundIn(data))
        if isReady { core.receivedBytes() }
        var values: [RESPValue] = []
        swap(&values, &spare)
        do throws(RESPFault) {
            var fault: RESPFault?
            do throws(RESPFault) { try parser.all(into: &values) } catch { fault = error }
            // What came before a fault is good.
            try take(values)
            if let fault { throw fault }
        } catch {
            abort(
                RedisError(
                    .protocolViolation,
                    phase: isReady ? .reply : .handshake,
                    message: "\(core.shared.address) does not speak RESP as it should: \(error.message)"
                )
            )
        }
        if parser.takeHeaviest() >= HeavyReplies.bytes {
            HeavyReplies.letGo(&values)
            core.hasHeavyCompletions = true
        }
        values.removeAll(keepingCapacity: values.capacity <= 4096)
        swap(&values, &spare)
    }

    /// Hands the values on in their order, as many replies at once as stand side by side.
    private func take(_ values: [RESPValue]) throws(RESPFault) {
        var index = 0
        while index < values.count, !isDetached {
            if case .push(let elements) = values[index] {
                core.receive(push: elements, from: self)
                index += 1
            } else if isReady {
                let end = values[index...].firstIndex { if case .push = $0 { true } else { false } } ?? values.count
                guard core.receive(values[index..<end]) else {
                    throw RESPFault("the peer sent a reply that nobody asked for")
                }
                index = end
            } else {
                send(core.receivedInHandshake(values[index], from: self))
                index += 1
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isReady, !isDetached { core.readComplete() }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isReady, !isDetached { core.writeWaiting() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        abort(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        detach()
        context.fireChannelInactive()
    }
}
