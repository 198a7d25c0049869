/// Hears what a client does, for tracing spans and metrics.
///
/// Set it as ``RedisConfiguration/observer``. A client without one pays a look at a pointer for each command, and nothing
/// else; one that has an observer reads the clock twice, looks the command's family up and walks over the reply.
///
/// What an observer is told holds no key, no value and no secret. An operation is what one call of the client does, with all
/// its attempts, redirects and the wait for a connection; the spans made of it follow the conventions of OpenTelemetry
/// for databases, and the metrics are few and labelled with what callers do not choose, such as ``RedisOperation/family``,
/// which has six values. The library `RecuerdeRedisTelemetry` makes both (`RedisTracing`, `RedisMetrics`). What is to be read
/// from time to time rather than heard of stands in ``RedisClientFigures``.
/// Source: https://opentelemetry.io/docs/specs/semconv/db/redis/
///
/// All methods are called on whatever thread it happens on, event loops included, several at a time, and must not block.
public protocol RedisClientObserver: Sendable {
    /// What is kept from the start of an operation to its end, such as a span; nothing unless said.
    associatedtype Context: Sendable = Void

    /// A call begins. Called within the caller's task, so that task-local values (the parent of a span) are at hand.
    func operationStarted(_ operation: RedisOperation) -> Context

    /// The call ends. Called exactly once for each start, before the caller goes on.
    func operationEnded(_ operation: RedisOperation, _ end: RedisOperationEnd, _ context: Context)

    /// A command, or several of a pipeline, will be sent again, here or elsewhere.
    func repeated(_ repetition: RedisRepetition)

    /// A connection is usable, or is not used any more.
    func connectionChanged(_ change: RedisConnectionChange)
}

extension RedisClientObserver {
    /// Nothing.
    public func repeated(_ repetition: RedisRepetition) {}

    /// Nothing.
    public func connectionChanged(_ change: RedisConnectionChange) {}
}

extension RedisClientObserver where Context == Void {
    /// Nothing.
    public func operationStarted(_ operation: RedisOperation) {}
}
