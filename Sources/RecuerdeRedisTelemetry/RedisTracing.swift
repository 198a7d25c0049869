public import RecuerdeRedis
public import Tracing

/// Makes a span of each call of a Redis client, named and described by the OpenTelemetry conventions for databases.
///
/// ```swift
/// configuration.observer = RedisTracing(url: configuration.url)
/// configuration.observer = RedisTracing(url: configuration.url).and(RedisMetrics())
/// ```
///
/// A span holds the whole call as its caller sees it, with all attempts, redirects and waits. It is a child of the span that is current
/// where the call is made, its kind is client, and its name is that of the operation: `GET`; `PIPELINE GET`, or `PIPELINE` if the
/// commands of the pipeline differ.
///
/// | attribute | value |
/// |---|---|
/// | `db.system.name` | `redis`, for Valkey too |
/// | `db.operation.name` | the name of the span |
/// | `db.operation.batch.size` | the number of commands of a pipeline, unless there is one |
/// | `db.namespace` | the database of the URL, as text |
/// | `server.address`, `server.port` | what the URL names. Several hosts of a cluster or of sentinels have commas between them, with their ports if those differ |
/// | `network.peer.address`, `network.peer.port` | the node or the master that was asked last, where that is another than `server.address` and known |
/// | `db.response.status_code` | the code of the server's error, such as `WRONGTYPE` |
/// | `error.type` | the same; where the server said none, the `RedisError.Code`; `CancellationError` if the caller's task was cancelled |
///
/// The status is an error, without a message, if the call failed; not if it was cancelled. Of a pipeline the first failure counts. No key, value,
/// script or credential is in a span, nor the words of an error reply, since scripts may put anything into those.
///
/// Where no tracer is installed, an operation costs a look for it and an empty span; attributes are only made for spans that are recorded.
/// Source: https://opentelemetry.io/docs/specs/semconv/db/redis/
public struct RedisTracing: RedisClientObserver {
    /// The span of an operation.
    public typealias Context = any Tracing.Span

    private let tracer: (any Tracer)?
    private let server: RedisSpanServer

    /// Makes an observer for a client.
    ///
    /// - Parameters:
    ///   - url: that of the client, which names the server of the spans; its credentials are not kept.
    ///   - tracer: who makes the spans; nil: the tracer that is current where the call is made, or that of the process.
    public init(url: RedisURL, tracer: (any Tracer)? = nil) {
        server = RedisSpanServer(url)
        self.tracer = tracer
    }

    /// Starts a span.
    public func operationStarted(_ operation: RedisOperation) -> any Tracing.Span {
        let span = (tracer ?? InstrumentationSystem.tracer).startSpan(operation.name, ofKind: .client)
        guard span.isRecording else { return span }
        span.updateAttributes { attributes in
            attributes["db.system.name"] = "redis"
            attributes["db.operation.name"] = operation.name
            attributes["db.namespace"] = String(operation.database)
            if operation.commandCount != 1 { attributes["db.operation.batch.size"] = operation.commandCount }
            attributes["server.address"] = server.address
            if let port = server.port { attributes["server.port"] = port }
        }
        return span
    }

    /// Ends the span.
    public func operationEnded(_ operation: RedisOperation, _ end: RedisOperationEnd, _ context: any Tracing.Span) {
        if context.isRecording { describe(end, in: context) }
        context.end()
    }

    private func describe(_ end: RedisOperationEnd, in span: any Tracing.Span) {
        let peer = end.server.flatMap { server.names($0) ? nil : $0 }
        let statusCode = end.error?.serverCode.flatMap(Self.statusCode)
        let errorType = statusCode ?? end.error?.code.description ?? (end.isCancelled ? "CancellationError" : nil)
        if peer != nil || errorType != nil {
            span.updateAttributes { attributes in
                if let peer {
                    attributes["network.peer.address"] = peer.address
                    if let port = peer.port { attributes["network.peer.port"] = port }
                }
                if let statusCode { attributes["db.response.status_code"] = statusCode }
                if let errorType { attributes["error.type"] = errorType }
            }
        }
        if end.error != nil { span.setStatus(SpanStatus(code: .error)) }
    }

    /// A code as servers have them. A script may answer with an error that begins with anything.
    private static func statusCode(_ code: String) -> String? {
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let isCode = (1...32).contains(code.utf8.count) && code.utf8.allSatisfy { capitals.contains($0) }
        return isCode ? code : nil
    }
}
