public import CoreMetrics
public import Recuerde
public import RecuerdeRedis
public import ServiceLifecycle
import Synchronization

/// Reads a client's figures from time to time and sets gauges to them: `_connections`, those that are usable, and
/// `_commands_in_flight`, the length of its queues, each behind a prefix.
///
/// A service, which does its work in ``run()`` and nothing outside of it:
///
/// ```swift
/// let group = ServiceGroup(services: [RedisGauges(client: client)], logger: logger)
/// ```
///
/// It keeps the client, but does not connect it or shut it down.
public final class RedisGauges: Service {
    /// Thrown by a second ``run()``.
    public struct AlreadyRunning: Error, CustomStringConvertible {
        /// What to do.
        public var description: String { "these gauges are read already; call run() once, or make others" }
    }

    private let client: any RedisExecutor
    private let interval: Duration
    private let timeSource: any TimeSource
    private let connections: Meter
    private let commandsInFlight: Meter
    private let isRunning = Atomic<Bool>(false)

    /// Makes the gauges; reads nothing yet.
    ///
    /// - Parameters:
    ///   - client: whose figures are read; a read costs a few atomic loads for each node.
    ///   - interval: the time between two reads, at least 10 ms.
    ///   - prefix: what the names of the metrics begin with.
    ///   - dimensions: labels that both of them get, such as the name of one of several clients.
    ///   - factory: the backend; the one of the task or of the process unless given.
    ///   - timeSource: the clock of the interval.
    public init(
        client: any RedisExecutor,
        interval: Duration = .seconds(10),
        prefix: String = "recuerde_redis",
        dimensions: [(String, String)] = [],
        factory: any MetricsFactory = MetricsSystem.factory,
        timeSource: any TimeSource = SystemTimeSource()
    ) {
        self.client = client
        self.interval = max(interval, .milliseconds(10))
        self.timeSource = timeSource
        connections = Meter(label: "\(prefix)_connections", dimensions: dimensions, factory: factory)
        commandsInFlight = Meter(label: "\(prefix)_commands_in_flight", dimensions: dimensions, factory: factory)
    }

    /// Reads the figures once, for those who have a clock of their own, such as a scrape.
    public func read() {
        let figures = client.figures
        connections.set(figures.openConnections)
        commandsInFlight.set(figures.commandsInFlight)
    }

    /// Reads the figures now and after each interval, until the task is cancelled or a graceful shutdown begins, and once at the
    /// end.
    ///
    /// - Throws: ``AlreadyRunning`` while it runs already.
    public func run() async throws {
        guard !isRunning.exchange(true, ordering: .acquiringAndReleasing) else { throw AlreadyRunning() }
        await cancelWhenGracefulShutdown {
            repeat {
                self.read()
            } while (try? await self.timeSource.sleep(until: self.timeSource.now().advanced(by: self.interval))) != nil
        }
        read()
        isRunning.store(false, ordering: .releasing)
    }
}
