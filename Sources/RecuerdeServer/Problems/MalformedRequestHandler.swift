import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Gives the answer to a request that the HTTP parser refuses the body that every other problem has.
///
/// Such a request never reaches a route: the HTTP server answers it with a bare 400 and closes the connection.
final class MalformedRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var hasFailed = false

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        hasFailed = true
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Our own answers with this status always have a body.
        guard hasFailed, case .head(let head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.contentLength] == "0"
        else {
            context.write(data, promise: promise)
            return
        }
        let requestID = RequestIdentity.of([:])
        var (headers, body) = JSONBody.parts(of: .malformedRequest, requestID: requestID)
        headers[.contentLength] = String(body.readableBytes)
        if let name = RequestIdentity.header { headers[name] = requestID }
        context.write(
            wrapOutboundOut(.head(HTTPResponse(status: .badRequest, headerFields: headers))),
            promise: promise
        )
        context.write(wrapOutboundOut(.body(body)), promise: nil)
    }
}
