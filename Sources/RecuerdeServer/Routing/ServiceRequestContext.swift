import Hummingbird
import NIOCore
import Synchronization

/// What the service knows about one request.
struct ServiceRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    /// The address at the other end of the connection.
    let peer: SocketAddress?

    /// How the client is counted in limits.
    var client = "unknown"

    /// The id that the answer and the log lines carry.
    var requestID = ""

    /// How far the request has come; shared by all copies of this context.
    let progress = RequestProgress()

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress
    }
}

/// How far a request has come: tells a client that sends too slowly from an answer that takes too long.
final class RequestProgress: Sendable {
    private let bodyRead = Atomic(false)

    var hasReadBody: Bool {
        get { bodyRead.load(ordering: .relaxed) }
        set { bodyRead.store(newValue, ordering: .relaxed) }
    }
}
