public import CoreMetrics
public import RecuerdeRedis

/// Counts and times what a Redis client does, in whatever backend of swift-metrics there is.
///
/// ```swift
/// configuration.observer = RedisMetrics()
/// ```
///
/// | metric (behind the prefix) | kind | labels |
/// |---|---|---|
/// | `_operation_duration_seconds` | timer, nanoseconds | `family` |
/// | `_commands_total` | counter: commands asked for, each of a pipeline | `family` |
/// | `_bytes_total` | counter: requests as they are sent, contents of replies | `family`, `direction`: `sent`, `received` |
/// | `_failures_total` | counter: calls that got no reply, or an error | `reason`: a `RedisError.Code`, or `cancelled` |
/// | `_repetitions_total` | counter: retries and redirects | `kind`: `retry`, `moved`, `ask` |
/// | `_connections_opened_total` | counter | `kind`: `first`, `reconnect` |
/// | `_connections_lost_total` | counter: closed for a failure, not by the client itself | – |
///
/// No label has a value that a caller, a key or a server can choose: family and the others have fewer than a dozen values each. All
/// metrics are made at once, with the observer; an operation then costs one look into an array of six and what the backend
/// takes for five calls. ``RedisGauges`` adds what is to be read rather than heard: connections and commands in flight.
///
/// Make one for each set of `dimensions`, and give it to as many clients as those are to count together. The metrics are never
/// destroyed, because others may have been made under the same names.
public final class RedisMetrics: RedisClientObserver {
    /// What is kept for each family of commands.
    private struct Family: Sendable {
        let duration: Timer
        let commands: Counter
        let sent: Counter
        let received: Counter
    }

    /// By `RedisCommandFamily.ordinal`.
    private let families: [Family]
    private let failures: [RedisError.Code: Counter]
    private let cancellations: Counter
    private let repetitions: [RedisRepetition.Kind: Counter]
    private let firstConnections: Counter
    private let reconnects: Counter
    private let lostConnections: Counter

    /// Makes all metrics.
    ///
    /// - Parameters:
    ///   - prefix: what the names of the metrics begin with.
    ///   - dimensions: labels that all of them get, such as the name of one of several clients.
    ///   - factory: the backend; the one of the task or of the process unless given.
    public init(
        prefix: String = "recuerde_redis",
        dimensions: [(String, String)] = [],
        factory: any MetricsFactory = MetricsSystem.factory
    ) {
        func counter(_ name: String, _ labels: [(String, String)] = []) -> Counter {
            Counter(label: "\(prefix)_\(name)", dimensions: dimensions + labels, factory: factory)
        }
        families = RedisCommandFamily.allCases.map { family in
            let label = ("family", family.description)
            return Family(
                duration: Timer(
                    label: "\(prefix)_operation_duration_seconds",
                    dimensions: dimensions + [label],
                    preferredDisplayUnit: .seconds,
                    factory: factory
                ),
                commands: counter("commands_total", [label]),
                sent: counter("bytes_total", [label, ("direction", "sent")]),
                received: counter("bytes_total", [label, ("direction", "received")])
            )
        }
        failures = Self.table(RedisError.Code.all) { counter("failures_total", [("reason", $0.description)]) }
        cancellations = counter("failures_total", [("reason", "cancelled")])
        repetitions = Self.table(RedisRepetition.Kind.all) {
            counter("repetitions_total", [("kind", $0.description)])
        }
        firstConnections = counter("connections_opened_total", [("kind", "first")])
        reconnects = counter("connections_opened_total", [("kind", "reconnect")])
        lostConnections = counter("connections_lost_total")
    }

    private static func table<Key: Hashable>(_ keys: [Key], _ make: (Key) -> Counter) -> [Key: Counter] {
        var table: [Key: Counter] = [:]
        for key in keys { table[key] = make(key) }
        return table
    }

    /// Counts the end of an operation.
    public func operationEnded(_ operation: RedisOperation, _ end: RedisOperationEnd, _ context: Void) {
        let ordinal = operation.family.ordinal
        if families.indices.contains(ordinal) {
            let family = families[ordinal]
            family.duration.recordNanoseconds(end.duration.clampedNanoseconds)
            family.commands.increment(by: operation.commandCount)
            family.sent.increment(by: operation.requestBytes)
            family.received.increment(by: end.replyBytes)
        }
        if end.isCancelled {
            cancellations.increment()
        } else if let error = end.error {
            failures[error.code]?.increment()
        }
    }

    /// Counts a retry or a redirect.
    public func repeated(_ repetition: RedisRepetition) {
        repetitions[repetition.kind]?.increment()
    }

    /// Counts a connection that is open, or has been lost.
    public func connectionChanged(_ change: RedisConnectionChange) {
        if change.isOpen {
            (change.isReconnect ? reconnects : firstConnections).increment()
        } else if change.error != nil {
            lostConnections.increment()
        }
    }
}
