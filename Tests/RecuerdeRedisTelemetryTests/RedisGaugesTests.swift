import Logging
import MetricsTestKit
import Recuerde
import RecuerdeTesting
import ServiceLifecycle
import Synchronization
import Testing

@testable import RecuerdeRedis
@testable import RecuerdeRedisTelemetry

@Suite struct GaugesOfAClient {
    /// An executor that has figures, and does nothing.
    private final class Figures: RedisExecutor {
        let present = Mutex(RedisClientFigures())
        let address = "redis://nowhere"
        let commandTimeout = Duration.seconds(1)

        var figures: RedisClientFigures { present.withLock { $0 } }

        func set(_ connections: Int, _ commands: Int) {
            present.withLock {
                $0.openConnections = connections
                $0.commandsInFlight = commands
            }
        }

        func connect() async throws {}
        func send(_ command: RedisCommand, timeout: Duration?) async throws -> RESPValue { .null }
        func send(_ command: RedisCommand, timeout: Duration?, lane: RedisLane) async throws -> RESPValue { .null }
        func subscription(to channels: [String], patterns: [String], buffer: Int) -> RedisSubscription {
            .failing(with: RedisError(.invalidCommand, phase: .checking, message: "there is nobody to subscribe at"))
        }
        func pipeline(
            _ commands: [RedisCommand],
            timeout: Duration?
        ) async throws -> [Result<RESPValue, RedisError>] { [] }
        func shutdown() async {}
    }

    private let backend = TestMetrics()
    private let clock = ManualTimeSource()

    private func value(_ name: String) -> Double? {
        backend.meters(label: "recuerde_redis_\(name)").first?.lastValue
    }

    @Test func areReadAtOnceAfterEachIntervalAndAtTheEnd() async throws {
        let client = Figures()
        let gauges = RedisGauges(client: client, interval: .seconds(10), factory: backend, timeSource: clock)
        #expect(value("connections") == nil)
        client.set(3, 17)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await gauges.run() }
            await clock.waitForSleepers(atLeast: 1)
            #expect(value("connections") == 3 && value("commands_in_flight") == 17)
            client.set(2, 0)
            clock.advance(by: .seconds(9))
            #expect(value("connections") == 3)
            clock.advance(by: .seconds(1))
            await clock.waitForSleepers(atLeast: 1)
            #expect(value("connections") == 2 && value("commands_in_flight") == 0)
            // One reader is enough.
            await #expect(throws: RedisGauges.AlreadyRunning.self) { try await gauges.run() }
            client.set(0, 0)
            group.cancelAll()
        }
        #expect(value("connections") == 0)
        #expect(try backend.expectMeter("recuerde_redis_connections").values == [3, 2, 0])
    }

    @Test func areAServiceAndEndWithTheGroupOfTheirs() async throws {
        let client = Figures()
        let gauges = RedisGauges(client: client, interval: .seconds(10), factory: backend, timeSource: clock)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(services: [gauges], logger: logger)
        client.set(3, 17)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await clock.waitForSleepers(atLeast: 1)
            #expect(value("connections") == 3 && value("commands_in_flight") == 17)
            client.set(1, 4)
            // Nobody moves the clock: the end does not wait for the next reading, and brings one of its own.
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(try backend.expectMeter("recuerde_redis_connections").values == [3, 1])
        #expect(try backend.expectMeter("recuerde_redis_commands_in_flight").values == [17, 4])
    }

    @Test func canBeRunAgainAfterTheyWereStopped() async throws {
        let gauges = RedisGauges(client: Figures(), factory: backend, timeSource: clock)
        for _ in 0..<2 {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await gauges.run() }
                await clock.waitForSleepers(atLeast: 1)
                group.cancelAll()
            }
        }
        #expect(try backend.expectMeter("recuerde_redis_connections").values.count == 4)
    }

    @Test func areNeverReadInATightLoop() async {
        let gauges = RedisGauges(client: Figures(), interval: .zero, factory: backend, timeSource: clock)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await gauges.run() }
            await clock.waitForSleepers(atLeast: 1)
            clock.advance(by: .milliseconds(9))
            #expect(clock.sleepers == 1)
            group.cancelAll()
        }
    }
}
