import HTTPTypes
import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeServer

@Suite struct OperationRoutesTests {
    @Test func healthHasTheNamesOfTheFirstGeneration() async throws {
        let answer = try await TestService().test { client in try await client.send(.get, "/api/health/ai") }
        #expect(answer.status == 200)
        let health = answer.object
        #expect(health["status"] as? String == "disabled")
        #expect(health["configured"] as? Bool == false)
        let cache = try #require(health["cache"] as? [String: [String: Any]])
        #expect(cache["redis"]?["available"] as? Bool == false)
        #expect(cache["redis"]?["healthy"] as? Bool == false)
        #expect(cache["redis"]?.keys.contains("url") == true)
        #expect(cache["fallback"]?["available"] as? Bool == true)
        #expect(cache["fallback"]?["size"] as? Int == 0)
        let names = [
            "hits", "misses", "sets", "deletes", "errors", "total_requests", "hit_rate_percent", "uptime_seconds",
            "backend", "redis_available", "cache_size",
        ]
        for statistics in [health["cache_statistics"] as? [String: Any], cache["statistics"]] {
            let statistics = try #require(statistics)
            for name in names { #expect(statistics[name] != nil, "\(name)") }
            #expect(statistics["backend"] as? String == "memory")
        }
        let savings = try #require(health["savings"] as? [String: Any])
        for name in ["calls", "tokens", "dollars", "seconds"] { #expect(savings[name] as? Int == 0, "\(name)") }
    }

    @Test(arguments: ["/health/live", "/health/ready", "/api/health/ai", "/metrics", "/openapi.json"])
    func answersGetAndHead(path: String) async throws {
        try await TestService().test { client in
            let get = try await client.send(.get, path)
            let head = try await client.send(.head, path)
            #expect(get.status == 200)
            #expect(!get.text.isEmpty)
            #expect(head.status == 200)
            #expect(head.text.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(1))) func healthThatIsSlowIsALateAnswerAndNoLateRequest() async throws {
        let remote = ScriptedRemoteTier(timeSource: ManualTimeSource())
        let service = TestService(remote: remote) { $0.requestTimeout = .seconds(3) }
        remote.hold()
        try await service.test { client in
            async let slow = client.send(.get, "/api/health/ai")
            while remote.waiting == 0 { await Task.yield() }
            await service.clock.waitForSleepers(atLeast: 1)
            service.clock.advance(by: .seconds(3))
            await service.lines.waitForLine(with: "request_timed_out")
            remote.release()
            let answer = try await slow
            #expect(answer.status == 503)
        }
    }

    @Test func metricsCountWhatWasAsked() async throws {
        try await TestService().test { client in
            for _ in 0..<3 { _ = try await client.send(.post, "/api/ai/feedback", "{") }
            _ = try await client.send(.get, "/nope")
            let answer = try await client.send(.get, "/metrics")
            #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
            let sample = "recuerde_http_requests_total{route=\"/api/ai/feedback\",method=\"POST\",status=\"4xx\"} 3\n"
            #expect(answer.text.contains(sample))
            #expect(answer.text.contains("route=\"unmatched\",method=\"GET\",status=\"4xx\"} 1\n"))
            #expect(answer.text.contains("recuerde_cache_redis_available 0\n"))
        }
    }

    @Test func whatWaitsForRedisIsToldByItsReason() async throws {
        let remote = ScriptedRemoteTier(timeSource: ManualTimeSource())
        let service = TestService(remote: remote)
        await service.cache.connect()
        remote.behave(.fail(RemoteTierError(.refused, "OOM")))
        try await service.cache.set("k", to: 1)
        remote.behave(.fail(RemoteTierError(.authenticationFailed, "WRONGPASS")))
        // The second is not even tried.
        for key in ["l", "m"] as [CacheKey] { try await service.cache.set(key, to: 1) }
        try await service.test { client in
            let health = try await client.send(.get, "/api/health/ai").object
            let statistics = try #require(health["cache_statistics"] as? [String: Any])
            let reasons = try #require(statistics["journal_reasons"] as? [String: Int])
            #expect(Set(reasons.keys) == Set(JournalReason.allCases.map(\.description)))
            #expect(reasons.filter { $0.value > 0 } == ["refused": 1, "authentication_failed": 2])
            #expect(statistics["journal_depth"] as? Int == 3)
            let metrics = try await client.send(.get, "/metrics").text
            #expect(metrics.contains("recuerde_cache_journal_depth 3\n"))
            for (reason, count) in reasons {
                #expect(metrics.contains("recuerde_cache_journal_waiting{reason=\"\(reason)\"} \(count)\n"))
            }
        }
    }

    @Test func aRequestKeepsItsIdOrGetsOne() async throws {
        let service = TestService()
        try await service.test { client in
            let given = try await client.send(.get, "/health/live", headers: ["X-Request-Id": "abc-123"])
            #expect(given.header("X-Request-Id") == "abc-123")
            let made = try await client.send(.get, "/health/live", headers: ["X-Request-Id": "has blanks"])
            #expect(made.header("X-Request-Id").map(RequestIdentity.isValid) == true)
            #expect(made.header("X-Request-Id") != "has blanks")
        }
        #expect(service.lines.text.contains("\"request_id\":\"abc-123\""))
    }

    @Test func aRequestLeavesOneLineWithItsRouteAndNoParameters() async throws {
        let service = TestService { $0.adminToken = Sample.token }
        try await service.test { client in
            _ = try await client.send(.get, "/api/cache/keys/secreto?x=secreto", headers: Sample.bearer)
        }
        let lines = service.lines.all.filter { $0.contains("request_handled") }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.contains("\"route\":\"/api/cache/keys/{key}\""))
        #expect(line.contains("\"method\":\"GET\""))
        #expect(line.contains("\"status\":200"))
        #expect(!service.lines.text.contains("secreto"))
        #expect(!service.lines.text.contains(Sample.token))
    }

    @Test func aRealServerAnswersOnLoopback() async throws {
        try await TestService().test(live: true) { client in
            let statuses = [
                try await client.send(.get, "/health/ready").status,
                try await client.send(.post, "/api/ai/feedback", "{").status,
                try await client.send(.get, "/nope").status,
            ]
            #expect(statuses == [200, 400, 404])
        }
    }
}
