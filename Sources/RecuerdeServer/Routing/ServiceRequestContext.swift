import Hummingbird
import NIOCore
import Recuerde
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
    var progress = RequestProgress(timeSource: SystemTimeSource())

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress
    }
}

/// How far a request has come: tells a client that sends too slowly from an answer that takes too long.
final class RequestProgress: Sendable {
    private static let unread = Int64.min

    private let timeSource: any TimeSource
    private let readAt = Atomic(unread)

    init(timeSource: any TimeSource) {
        self.timeSource = timeSource
    }

    /// The body is in, or is not waited for: from now on it is the answer that takes its time. Only the first call counts.
    func bodyIsIn() {
        _ = readAt.compareExchange(expected: Self.unread, desired: timeSource.now().nanoseconds, ordering: .relaxed)
    }

    /// When the body was in; `nil` while it is waited for.
    var bodyReadAt: MonotonicInstant? {
        let nanoseconds = readAt.load(ordering: .relaxed)
        return nanoseconds == Self.unread ? nil : MonotonicInstant(nanoseconds: nanoseconds)
    }
}
