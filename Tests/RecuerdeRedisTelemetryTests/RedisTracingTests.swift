import InMemoryTracing
import RecuerdeTesting
import Testing
import Tracing

@testable import RecuerdeRedis
@testable import RecuerdeRedisTelemetry

@Suite struct SpansOfAClient {
    private let tracer = InMemoryTracer()

    /// The attributes of the one span that an operation gets.
    private func attributes(
        _ operation: RedisOperation,
        _ end: RedisOperationEnd,
        url: String = "redis://user:hunter2@redis.example:6380/3"
    ) throws -> (span: FinishedInMemorySpan, attributes: [String: SpanAttribute]) {
        let tracing = RedisTracing(url: try RedisURL(url), tracer: tracer)
        tracing.operationEnded(operation, end, tracing.operationStarted(operation))
        let spans = tracer.popFinishedSpans()
        #expect(spans.count == 1 && tracer.activeSpans.isEmpty)
        let span = try #require(spans.first)
        var attributes: [String: SpanAttribute] = [:]
        span.attributes.forEach { attributes[$0] = $1 }
        return (span, attributes)
    }

    private let get = RedisOperation(RedisCommand("GET", "secret key"), database: 3)

    @Test func areNamedAndDescribedByTheConventions() throws {
        let (span, attributes) = try attributes(get, .made(bytes: 5))
        #expect(span.operationName == "GET" && span.kind == .client && span.status == nil)
        #expect(
            attributes == [
                "db.system.name": "redis", "db.operation.name": "GET", "db.namespace": "3",
                "server.address": "redis.example", "server.port": 6380,
            ]
        )
    }

    @Test func ofAPipelineSayItsSize() throws {
        let same = RedisOperation([RedisCommand("GET", "a"), RedisCommand("GET", "b")], database: 0)
        let (span, attributes) = try attributes(same, .made())
        #expect(span.operationName == "PIPELINE GET")
        #expect(attributes["db.operation.name"] == "PIPELINE GET" && attributes["db.operation.batch.size"] == 2)
        let mixed = RedisOperation([RedisCommand("GET", "a"), RedisCommand("TTL", "b")], database: 0)
        #expect(try self.attributes(mixed, .made()).span.operationName == "PIPELINE")
        // One command is no batch; none at all is one of size zero.
        let one = try self.attributes(RedisOperation([RedisCommand("GET", "a")], database: 0), .made())
        #expect(one.span.operationName == "GET" && one.attributes["db.operation.batch.size"] == nil)
        let none = try self.attributes(RedisOperation([RedisCommand](), database: 0), .made())
        #expect(none.attributes["db.operation.batch.size"] == 0)
    }

    @Test(arguments: [
        ("WRONGTYPE Operation against a key", "WRONGTYPE", "WRONGTYPE"), ("OOM not allowed", "OOM", "OOM"),
        // What a script may answer.
        ("alice@example.com is unknown", nil, "server"), ("SECRET:key", nil, "server"),
    ])
    func ofAnErrorReplyHoldItsCodeAndNotItsWords(text: String, code: String?, type: String) throws {
        let (span, attributes) = try attributes(get, .made(error: .reply(text)))
        #expect(attributes["db.response.status_code"] == code.map { .string($0) })
        #expect(attributes["error.type"] == .string(type))
        #expect(span.status == SpanStatus(code: .error) && span.errors.isEmpty && span.events.isEmpty)
    }

    @Test func ofAFailureOfTheClientSayWhichItWas() throws {
        let error = RedisError(.deadlineExceeded, phase: .reply, message: "")
        let (span, attributes) = try attributes(get, .made(error: error))
        #expect(attributes["error.type"] == "deadlineExceeded" && attributes["db.response.status_code"] == nil)
        #expect(span.status?.code == .error)
    }

    @Test func ofACancelledCallAreNoErrors() throws {
        let (span, attributes) = try attributes(get, .made(isCancelled: true))
        #expect(attributes["error.type"] == "CancellationError" && span.status == nil)
    }

    @Test(arguments: [
        ("redis+cluster://a:7000,b:7000", "a,b", 7000), ("redis+cluster://a:7000,b:7001", "a:7000,b:7001", nil),
        ("redis+sentinel://user:pw@s1,s2/mymaster?sentinelPassword=hunter2", "s1,s2", 26379),
        ("redis+unix:///run/redis.sock?db=3", "/run/redis.sock", nil),
    ]) func nameTheServersOfTheURLAndTheNodeThatAnswered(url: String, address: String, port: Int?) throws {
        let node = RedisServerAddress(RedisURL.Endpoint(host: "10.0.0.7", port: 7005))
        let (_, attributes) = try attributes(get, .made(server: node), url: url)
        #expect(attributes["server.address"] == .string(address))
        #expect(attributes["server.port"] == port.map { .int64(Int64($0)) })
        #expect(attributes["network.peer.address"] == "10.0.0.7" && attributes["network.peer.port"] == 7005)
        // The only server there is has been named already.
        let own = RedisServerAddress(try RedisURL(url))
        let alone = try self.attributes(get, .made(server: own), url: "redis://\(own.address == address ? "x" : "a"):1")
        #expect(alone.attributes["network.peer.address"] != nil)
    }

    @Test func areChildrenOfTheCallersSpanAndHoldNothingOfItsData() async throws {
        try await withRedisServer { server in
            let url = try RedisURL(server.url)
            try await withClient(url, RedisTracing(url: url, tracer: tracer)) { client in
                try await tracer.withAnySpan("request", ofKind: .server) { _ in
                    _ = try await client.send(RedisCommand("SET", "hunter2", "hunter2"), timeout: nil)
                    _ = try? await client.send(RedisCommand("LPUSH", "hunter2", "hunter2"), timeout: nil)
                    let script = "return redis.error_reply(ARGV[1])"
                    _ = try? await client.send(
                        RedisCommand("EVAL", arguments: [script, "1", "hunter2", "-hunter2 and more"]),
                        timeout: nil
                    )
                    _ = try await client.pipeline([RedisCommand("GET", "hunter2")], timeout: nil)
                }
            }
            let spans = tracer.finishedSpans
            let parent = try #require(spans.first { $0.operationName == "request" })
            let children = spans.filter { $0.operationName != "request" }
            #expect(children.map(\.operationName) == ["SET", "LPUSH", "EVAL", "GET"])
            for child in children {
                #expect(child.parentSpanID == parent.spanID && child.traceID == parent.traceID)
                #expect(child.attributes.get("server.port") == .int64(Int64(server.port)))
                #expect(child.attributes.get("network.peer.address") == nil)
                #expect(!"\(child.attributes) \(child.events) \(child.errors)".contains("hunter2"))
            }
            #expect(children[1].attributes.get("db.response.status_code") == "WRONGTYPE")
            #expect(children[2].attributes.get("error.type") == "server")
        }
    }

    @Test func areMadeByTheTracerOfTheTaskUnlessOneIsGiven() async throws {
        let tracing = RedisTracing(url: try RedisURL("redis://localhost"))
        withTracer(tracer) { tracing.operationEnded(get, .made(), tracing.operationStarted(get)) }
        #expect(tracer.popFinishedSpans().count == 1)
        // Where there is none, nothing is recorded and nothing described.
        let span = tracing.operationStarted(get)
        #expect(!span.isRecording && span.attributes.isEmpty)
        tracing.operationEnded(get, .made(), span)
        #expect(tracer.finishedSpans.isEmpty)
    }
}
