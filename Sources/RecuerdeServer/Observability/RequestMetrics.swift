import HTTPTypes
import Recuerde
import Synchronization

/// Counts requests by route, method and class of status.
///
/// Labels are bounded: the route is its template or `unmatched`, an uncommon method is `OTHER`. One short lock a
/// request.
final class RequestMetrics: Sendable {
    struct Label: Hashable, Comparable {
        let route: String
        let method: String
        let status: String

        static func < (left: Self, right: Self) -> Bool {
            (left.route, left.method, left.status) < (right.route, right.method, right.status)
        }
    }

    private struct State {
        var counts: [Label: Int] = [:]
        var durations: [String: Histogram] = [:]
    }

    static let unmatched = "unmatched"
    private static let templates = Set(Route.all.map(\.template))
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private let state = Mutex(State())

    /// The template if it is a route of the service, else `unmatched`.
    static func label(forRoute template: String?) -> String {
        template.flatMap { templates.contains($0) ? $0 : nil } ?? unmatched
    }

    /// The method if it is a common one, else `OTHER`: a client may invent methods without end.
    static func label(forMethod method: HTTPRequest.Method) -> String {
        methods.contains(method.rawValue) ? method.rawValue : "OTHER"
    }

    /// Counts one answered request.
    func record(route: String, method: HTTPRequest.Method, status: HTTPResponse.Status, duration: Duration) {
        let label = Label(route: route, method: Self.label(forMethod: method), status: "\(status.code / 100)xx")
        state.withLock { state in
            state.counts[label, default: 0] &+= 1
            state.durations[route, default: Histogram()].record(max(0, duration.inSeconds))
        }
    }

    /// Writes what was counted.
    func write(to text: inout PrometheusText) {
        let (counts, durations) = state.withLock { ($0.counts, $0.durations) }
        text.family("recuerde_http_requests_total", .counter, "Requests answered.")
        for (label, count) in counts.sorted(by: { $0.key < $1.key }) {
            text.sample(["route": label.route, "method": label.method, "status": label.status], count)
        }
        text.family("recuerde_http_request_duration_seconds", .histogram, "Time from request to answer.")
        for (route, histogram) in durations.sorted(by: { $0.key < $1.key }) {
            text.histogram(["route": route], histogram)
        }
    }
}
