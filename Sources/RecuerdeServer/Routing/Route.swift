public import HTTPTypes

/// One route of the service.
///
/// The one list of routes, ``all``, is what the router, the answers with status 405, the labels of metrics and the check of
/// the OpenAPI document are made from.
public struct Route: Sendable, Hashable {
    /// The method.
    public let method: HTTPRequest.Method
    /// The path, with parameters in braces.
    public let template: String

    private init(_ method: HTTPRequest.Method, _ template: String) {
        self.method = method
        self.template = template
    }

    static let feedback = Route(.post, "/api/ai/feedback")
    static let feedbackBatch = Route(.post, "/api/ai/feedback/batch")
    static let hint = Route(.post, "/api/ai/hint")
    static let insights = Route(.post, "/api/ai/insights")
    static let health = Route(.get, "/api/health/ai")
    static let live = Route(.get, "/health/live")
    static let ready = Route(.get, "/health/ready")
    static let metrics = Route(.get, "/metrics")
    static let openAPI = Route(.get, "/openapi.json")
    static let statistics = Route(.get, "/api/cache/statistics")
    static let resetStatistics = Route(.post, "/api/cache/statistics/reset")
    static let keys = Route(.get, "/api/cache/keys")
    static let explainKey = Route(.get, "/api/cache/keys/{key}")
    static let deleteKey = Route(.delete, "/api/cache/keys/{key}")
    static let clear = Route(.delete, "/api/cache")
    static let invalidate = Route(.post, "/api/cache/invalidate")

    /// Every route of the service.
    public static let all: [Route] = [
        feedback, feedbackBatch, hint, insights, health, live, ready, metrics, openAPI,
        statistics, resetStatistics, keys, explainKey, deleteKey, clear, invalidate,
    ]

    /// The methods that `path` takes, in the order of their names; empty if there is no such path.
    static func methods(at path: String) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/")
        var methods = Set(all.filter { $0.matches(parts) }.map(\.method))
        if methods.contains(.get) { methods.insert(.head) }
        return methods.sorted { $0.rawValue < $1.rawValue }
    }

    private func matches(_ parts: [Substring]) -> Bool {
        let own = template.split(separator: "/")
        return own.count == parts.count && zip(own, parts).allSatisfy { $0.first == "{" || $0 == $1 }
    }
}
