import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose client goes on sending a body long after its request has been answered.
///
/// The HTTP server reads such a body to its end, however long it is and however slowly it comes, to find the next request
/// behind it.
final class UnreadBodyHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var state: UnreadBody
    private let patience: TimeAmount
    private var timer: Scheduled<Void>?

    /// - Parameters:
    ///   - limit: the most bytes that are thrown away after an answer.
    ///   - patience: how long that may take.
    init(limit: Int, patience: TimeAmount) {
        state = UnreadBody(limit: limit)
        self.patience = patience
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            state.requestBegins()
        case .body(let bytes):
            guard state.bodyArrives(bytes: bytes.readableBytes) != .close else {
                context.close(promise: nil)
                return
            }
        case .end:
            state.requestEnds()
            stopTimer()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
        context.write(data, promise: promise)
        guard isEnd, state.answerEnds() == .startTimer else { return }
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: patience) { context.value.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimer()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopTimer()
    }

    private func stopTimer() {
        timer?.cancel()
        timer = nil
    }
}
