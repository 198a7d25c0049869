import CoreMetrics
import MetricsTestKit
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis
@testable import RecuerdeRedisTelemetry

@Suite struct MetricsOfAClient {
    private let backend = TestMetrics()

    private func total(_ name: String, _ labels: [(String, String)] = []) -> Int64 {
        backend.counterTotal(label: "recuerde_redis_\(name)", dimensions: labels)
    }

    @Test func everyFamilyHasItsPlace() {
        let ordinals = RedisCommandFamily.allCases.map(\.ordinal)
        #expect(ordinals == Array(0..<RedisCommandFamily.allCases.count))
    }

    @Test func areMadeAtOnceAndNeverAgain() {
        let metrics = RedisMetrics(factory: backend)
        let made = (backend.counters.count, backend.timers.count)
        #expect(made.1 == RedisCommandFamily.allCases.count)
        for name in ["GET", "MY.COMMAND", "ANOTHER"] {
            let operation = RedisOperation(RedisCommand(name, "some key"), database: 0)
            metrics.operationEnded(operation, .made(error: .reply("WHATEVER it is")), ())
        }
        #expect(backend.counters.count == made.0 && backend.timers.count == made.1)
    }

    @Test func countAndTimeByFamily() throws {
        let metrics = RedisMetrics(dimensions: [("client", "a")], factory: backend)
        let get = RedisOperation(RedisCommand("GET", "some key"), database: 0)
        let sets = RedisOperation([RedisCommand("SET", "a", "b"), RedisCommand("SET", "c", "d")], database: 0)
        metrics.operationEnded(get, .made(bytes: 7), ())
        metrics.operationEnded(sets, .made(bytes: 4), ())
        let read = [("client", "a"), ("family", "read")]
        let write = [("client", "a"), ("family", "write")]
        let timer = try backend.expectTimer("recuerde_redis_operation_duration_seconds", read)
        #expect(timer.values == [3_000_000])
        #expect(try backend.expectTimer("recuerde_redis_operation_duration_seconds", write).values.count == 1)
        #expect(total("commands_total", read) == 1 && total("commands_total", write) == 2)
        #expect(total("bytes_total", read + [("direction", "received")]) == 7)
        #expect(total("bytes_total", write + [("direction", "received")]) == 4)
        #expect(total("bytes_total", read + [("direction", "sent")]) == Int64(get.requestBytes))
        #expect(total("bytes_total", write + [("direction", "sent")]) == Int64(sets.requestBytes))
        #expect(total("failures_total") == 0)
    }

    @Test func countFailuresByWhatTheClientKnowsOfThem() {
        let metrics = RedisMetrics(factory: backend)
        let operation = RedisOperation(RedisCommand("GET", "k"), database: 0)
        metrics.operationEnded(operation, .made(error: .reply("WRONGTYPE of k")), ())
        metrics.operationEnded(operation, .made(error: .reply("MADEUP of k")), ())
        metrics.operationEnded(operation, .made(isCancelled: true), ())
        for code in RedisError.Code.all {
            let error = RedisError(code, phase: .reply, message: "")
            metrics.operationEnded(operation, .made(error: error), ())
        }
        #expect(total("failures_total", [("reason", "server")]) == 3)
        #expect(total("failures_total", [("reason", "cancelled")]) == 1)
        for code in RedisError.Code.all where code != .server {
            #expect(total("failures_total", [("reason", code.description)]) == 1)
        }
    }

    @Test func countRepetitionsAndConnections() {
        let metrics = RedisMetrics(factory: backend)
        let error = RedisError(.connectionLost, phase: .reply, message: "")
        for kind in [RedisRepetition.Kind.retry, .moved, .moved, .ask] {
            metrics.repeated(RedisRepetition(kind: kind, error: error))
        }
        #expect(total("repetitions_total", [("kind", "retry")]) == 1)
        #expect(total("repetitions_total", [("kind", "moved")]) == 2)
        #expect(total("repetitions_total", [("kind", "ask")]) == 1)
        let server = RedisServerAddress(RedisURL.Endpoint(host: "redis.example", port: 6379))
        func change(_ isOpen: Bool, _ isReconnect: Bool = false, _ error: RedisError? = nil) {
            metrics.connectionChanged(
                .init(isOpen: isOpen, server: server, isReconnect: isReconnect, error: error)
            )
        }
        change(true)
        change(false, false, error)
        change(true, true)
        // Replaced by a younger one, or closed by its owner.
        change(false)
        #expect(total("connections_opened_total", [("kind", "first")]) == 1)
        #expect(total("connections_opened_total", [("kind", "reconnect")]) == 1)
        #expect(total("connections_lost_total") == 1)
    }

    @Test func ofARealServerComeFromTheClientItself() async throws {
        let observer = RedisMetrics(factory: backend)
        try await withRedisServer { server in
            try await withClient(try RedisURL(server.url), observer) { client in
                _ = try await client.send(RedisCommand("SET", "k", "value"), timeout: nil)
                _ = try await client.pipeline([RedisCommand("GET", "k"), RedisCommand("GET", "k")], timeout: nil)
                _ = try? await client.send(RedisCommand("LPUSH", "k", "x"), timeout: nil)
                #expect(total("commands_total", [("family", "write")]) == 2)
                #expect(total("commands_total", [("family", "read")]) == 2)
                #expect(total("bytes_total", [("family", "read"), ("direction", "received")]) == 10)
                #expect(total("failures_total", [("reason", "server")]) == 1)
                #expect(total("connections_opened_total", [("kind", "first")]) >= 1)
            }
        }
        #expect(total("connections_lost_total") == 0)
    }
}
