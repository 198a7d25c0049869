import HTTPTypes
import Recuerde
import RecuerdeAI
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeServer

@Suite struct AnswerRoutesTests {
    private let provider = ScriptedProvider(saying: "Use the subjunctive after 'espero que'.")

    @Test func firstAMissThenAHitWithItsAge() async throws {
        let service = TestService(provider: provider)
        try await service.test { client in
            let first = try await client.send(.post, "/api/ai/feedback", Sample.feedback)
            #expect(first.status == 200)
            #expect(first.header("Cache-Status") == "recuerde; fwd=miss; stored")
            #expect(first.header("Age") == nil)
            #expect(first.object["feedback"] as? String == "Use the subjunctive after 'espero que'.")
            #expect(first.object["is_correct"] as? Bool == false)

            service.clock.advance(by: .seconds(100))
            let second = try await client.send(.post, "/api/ai/feedback", Sample.feedback)
            #expect(second.header("Cache-Status") == "recuerde; hit; ttl=3500; detail=memory")
            #expect(second.header("Age") == "100")
            let provenance = try #require(second.object["provenance"] as? [String: Any])
            #expect(provenance["source"] as? String == "memory")
            #expect(provenance["provider"] as? String == "anthropic")
        }
        #expect(provider.calls == 1)
    }

    @Test(arguments: [
        ("/api/ai/feedback", Sample.feedback, 3_600), ("/api/ai/hint", Sample.hint, 1_800),
        ("/api/ai/insights", Sample.insights, 7_200),
    ])
    func eachKindLivesForItsOwnTime(path: String, body: String, lifetime: Int64) async throws {
        let provider = ScriptedProvider(saying: #"["Review the endings."]"#)
        let service = TestService(provider: provider)
        try await service.test { client in
            _ = try await client.send(.post, path, body)
            service.clock.advance(by: .seconds(lifetime - 1))
            let last = try await client.send(.post, path, body)
            #expect(last.header("Cache-Status") == "recuerde; hit; ttl=1; detail=memory")
            service.clock.advance(by: .seconds(1))
            let next = try await client.send(.post, path, body)
            #expect(next.header("Cache-Status") == "recuerde; fwd=miss; stored")
        }
        #expect(provider.calls == 2)
    }

    @Test(arguments: [
        ("/api/ai/feedback", Sample.feedback, "feedback"), ("/api/ai/hint", Sample.hint, "hint"),
        ("/api/ai/insights", Sample.insights, "insights"),
    ])
    func withoutAProviderTheTutorAnswersAndIsCachedAsItself(path: String, body: String, field: String) async throws {
        try await TestService().test { client in
            let first = try await client.send(.post, path, body)
            #expect(first.status == 200)
            #expect(first.header("Cache-Status")?.hasPrefix("recuerde; fwd=miss; stored") == true)
            #expect(first.object[field] != nil)
            let second = try await client.send(.post, path, body)
            #expect(second.header("Cache-Status")?.hasPrefix("recuerde; hit; ttl=") == true)
            #expect((second.object["provenance"] as? [String: Any])?["provider"] as? String == "tutor")
        }
    }

    @Test func aProviderThatFailsNeverFailsTheCaller() async throws {
        let service = TestService(
            provider: ScriptedProvider { _ throws(ProviderError) in
                throw ProviderError(.serverError, message: "down", status: 500)
            }
        )
        let answer = try await service.test { client in try await client.send(.post, "/api/ai/hint", Sample.hint) }
        #expect(answer.status == 200)
        #expect(answer.header("Cache-Status") == "recuerde; fwd=miss; detail=provider_failed")
        #expect(service.cache.statistics().cacheSize == 0)
    }

    @Test func whenTheProviderIsDownAStaleAnswerStandsIn() async throws {
        let isDown = Atomic(false)
        let provider = ScriptedProvider { request throws(ProviderError) in
            guard !isDown.load(ordering: .relaxed) else { throw ProviderError(.serverError, message: "down") }
            return ProviderAnswer(text: "kept", model: request.model, usage: TokenUsage())
        }
        let service = TestService(provider: provider)
        try await service.test { client in
            _ = try await client.send(.post, "/api/ai/feedback", Sample.feedback)
            isDown.store(true, ordering: .relaxed)
            service.clock.advance(by: .seconds(3_700))
            let stale = try await client.send(.post, "/api/ai/feedback", Sample.feedback)
            #expect(stale.status == 200)
            #expect(stale.object["feedback"] as? String == "kept")
            #expect(stale.header("Cache-Status")?.hasPrefix("recuerde; fwd=stale; ttl=-100; detail=") == true)
            #expect(stale.header("Age") == "3700")
        }
    }

    @Test func onlyIfCachedAsksNobody() async throws {
        let service = TestService(provider: provider)
        let header = ["Cache-Control": "only-if-cached"]
        try await service.test { client in
            let absent = try await client.send(.post, "/api/ai/feedback", Sample.feedback, headers: header)
            #expect(absent.status == 504)
            #expect(absent.object["code"] as? String == "not_cached")
            _ = try await client.send(.post, "/api/ai/feedback", Sample.feedback)
            let kept = try await client.send(.post, "/api/ai/feedback", Sample.feedback, headers: header)
            #expect(kept.status == 200)
            // Nothing of this costs money, so that no age is too small.
            service.clock.advance(by: .seconds(2))
            let young = ["Cache-Control": "only-if-cached, max-age=1"]
            #expect(try await client.send(.post, "/api/ai/feedback", Sample.feedback, headers: young).status == 504)
        }
        #expect(provider.calls == 1)
    }

    @Test func maxAgeRefusesWhatIsOlder() async throws {
        let service = TestService(provider: provider)
        try await service.test { client in
            _ = try await client.send(.post, "/api/ai/feedback", Sample.feedback)
            service.clock.advance(by: .seconds(70))
            let young = ["Cache-Control": "max-age=70"]
            let hit = try await client.send(.post, "/api/ai/feedback", Sample.feedback, headers: young)
            #expect(hit.header("Age") == "70")
            let younger = ["Cache-Control": "max-age=69"]
            let miss = try await client.send(.post, "/api/ai/feedback", Sample.feedback, headers: younger)
            #expect(miss.header("Cache-Status") == "recuerde; fwd=miss; stored")
        }
        #expect(provider.calls == 2)
    }

    @Test(arguments: ["max-age=0", "max-age=59"]) func aSmallMaxAgeCostsMoneyAndNeedsTheToken(directive: String)
        async throws
    {
        let service = TestService(provider: provider) { $0.adminToken = Sample.token }
        let header = ["Cache-Control": directive]
        try await service.test { client in
            func status(_ headers: [String: String]) async throws -> String? {
                try await client.send(.post, "/api/ai/feedback", Sample.feedback, headers: headers)
                    .header("Cache-Status")
            }
            _ = try await status([:])
            service.clock.advance(by: .seconds(60))
            for _ in 0..<3 { #expect(try await status(header)?.hasPrefix("recuerde; hit") == true) }
            let wrong = header.merging(["Authorization": "Bearer wrong"]) { $1 }
            #expect(try await status(wrong)?.hasPrefix("recuerde; hit") == true)
            #expect(provider.calls == 1)
            let right = header.merging(Sample.bearer) { $1 }
            #expect(try await status(right) == "recuerde; fwd=miss; stored")
            #expect(provider.calls == 2)
            service.clock.advance(by: .seconds(61))
            #expect(try await status(header) == "recuerde; fwd=miss; stored")
            #expect(provider.calls == 3)
        }
    }

    @Test func noCacheAndNoStoreCostMoneyAndNeedTheToken() async throws {
        let service = TestService(provider: provider) { $0.adminToken = Sample.token }
        try await service.test { client in
            func status(_ directive: String, _ headers: [String: String]) async throws -> String? {
                let headers = headers.merging(["Cache-Control": directive]) { $1 }
                return try await client.send(.post, "/api/ai/feedback", Sample.feedback, headers: headers)
                    .header("Cache-Status")
            }
            _ = try await client.send(.post, "/api/ai/feedback", Sample.feedback)
            for directive in ["no-cache", "no-store"] {
                #expect(try await status(directive, [:])?.hasPrefix("recuerde; hit") == true)
                let wrong = ["Authorization": "Bearer wrong"]
                #expect(try await status(directive, wrong)?.hasPrefix("recuerde; hit") == true)
            }
            #expect(provider.calls == 1)
            #expect(try await status("no-cache", Sample.bearer) == "recuerde; fwd=request; stored")
            #expect(try await status("no-store", Sample.bearer) == "recuerde; fwd=bypass")
            #expect(provider.calls == 3)
        }
    }

    @Test func aBatchKeepsItsOrderAndABadItemFailsAlone() async throws {
        let long = String(repeating: "x", count: 300)
        let body = """
            [{"user_answer":"hable","correct_answer":"hable"},{"user_answer":7,"correct_answer":"x"},{},\
            {"user_answer":"\(long)","correct_answer":"x"},"nonsense",{"user_answer":"no","correct_answer":"hable"}]
            """
        let answer = try await TestService(provider: provider).test { client in
            try await client.send(.post, "/api/ai/feedback/batch", body)
        }
        #expect(answer.status == 200)
        let items = answer.array.compactMap { $0 as? [String: Any] }
        #expect(items.count == 6)
        #expect(items.map { $0["is_correct"] as? Bool } == [true, nil, nil, nil, nil, false])
        let errors = items.map { ($0["error"] as? [String: Any])?["errors"] as? [[String: Any]] }
        let fields = errors.map { $0?.first?["field"] as? String }
        #expect(fields == [nil, "user_answer", "user_answer", "user_answer", "item", nil])
        #expect(answer.header("Cache-Status") == "recuerde; fwd=miss")
    }

    @Test func anEmptyBatchIsAnEmptyAnswer() async throws {
        let answer = try await TestService().test { client in
            try await client.send(.post, "/api/ai/feedback/batch", "[]")
        }
        #expect(answer.status == 200)
        #expect(answer.text == "[]")
        #expect(answer.header("Cache-Status") == nil)
    }

    @Test(arguments: [
        ([:], "[{},7]"), (["Cache-Control": "only-if-cached"], #"[{"user_answer":"a","correct_answer":"b"}]"#),
    ])
    func aBatchWithoutAnyAnswerSaysNothingOfTheCache(headers: [String: String], body: String) async throws {
        let service = TestService(provider: provider)
        let answer = try await service.test { client in
            try await client.send(.post, "/api/ai/feedback/batch", body, headers: headers)
        }
        #expect(answer.status == 200)
        #expect(answer.array.allSatisfy { ($0 as? [String: Any])?["error"] != nil })
        #expect(answer.header("Cache-Status") == nil)
        #expect(provider.calls == 0)
    }

    @Test func aClientIsHeldToItsAllowance() async throws {
        let service = TestService { $0.rateLimitPerClient = 3 }
        try await service.test { client in
            for path in ["/api/ai/hint", "/api/ai/hint", "/api/ai/feedback"] {
                let body = path == "/api/ai/hint" ? Sample.hint : Sample.feedback
                #expect(try await client.send(.post, path, body).status == 200)
            }
            let limited = try await client.send(.post, "/api/ai/insights", Sample.insights)
            #expect(limited.status == 429)
            #expect(limited.header("Retry-After") == "20")
            #expect(try await client.send(.get, "/api/health/ai").status == 200)
            service.clock.advance(by: .seconds(20))
            #expect(try await client.send(.post, "/api/ai/insights", Sample.insights).status == 200)
        }
    }

    @Test func aBatchCountsAsManyRequestsAsItHasItems() async throws {
        let item = #"{"user_answer":"a","correct_answer":"b"}"#
        let service = TestService { $0.rateLimitPerClient = 5 }
        try await service.test { client async throws in
            let four = "[" + Array(repeating: item, count: 4).joined(separator: ",") + "]"
            #expect(try await client.send(.post, "/api/ai/feedback/batch", four).status == 200)
            #expect(try await client.send(.post, "/api/ai/feedback/batch", four).status == 429)
        }
    }

    @Test(arguments: [5, 6, 50]) func aBatchOfAFullAllowanceOrMoreIsAdmittedOnceTheLastIsPaidOff(count: Int)
        async throws
    {
        let item = #"{"user_answer":"a","correct_answer":"b"}"#
        let service = TestService { $0.rateLimitPerClient = 5 }
        let batch = "[" + Array(repeating: item, count: count).joined(separator: ",") + "]"
        try await service.test { client async throws in
            #expect(try await client.send(.post, "/api/ai/feedback/batch", batch).status == 200)
            service.clock.advance(by: .seconds(12))
            // Whoever heeds the answers gets there: first told when anything is admitted again, since the size of a batch is
            // known only then, and after that when all of it is.
            var waited: Int64 = 12
            var status = 0
            for _ in 0..<3 where status != 200 {
                let answer = try await client.send(.post, "/api/ai/feedback/batch", batch)
                status = answer.status
                let seconds = Int64(answer.header("Retry-After") ?? "") ?? 0
                service.clock.advance(by: .seconds(seconds))
                waited += seconds
            }
            #expect(status == 200)
            // One item in 12 s.
            #expect(waited >= Int64(count) * 12)
        }
    }

    @Test func clientsAreToldApartBehindATrustedProxy() async throws {
        let service = TestService {
            $0.rateLimitPerClient = 1
            $0.trustsForwardedFor = true
        }
        try await service.test { client async throws in
            func status(_ address: String) async throws -> Int {
                try await client.send(.post, "/api/ai/hint", Sample.hint, headers: ["X-Forwarded-For": address]).status
            }
            #expect(try await status("192.0.2.1") == 200)
            #expect(try await status("192.0.2.1") == 429)
            #expect(try await status("192.0.2.2") == 200)
            #expect(try await status("192.0.2.9, 192.0.2.2") == 429)
        }
    }

    @Test func nothingOfAQuestionOrAnAnswerIsLogged() async throws {
        let service = TestService(provider: ScriptedProvider(saying: "respuesta-secreta"))
        let body = #"{"user_answer":"secreto","correct_answer":"hable"}"#
        try await service.test { client in
            for _ in 0..<2 { _ = try await client.send(.post, "/api/ai/feedback", body) }
        }
        // All layers write to these lines.
        for event in ["cache_miss", "cache_hit", "request_handled"] {
            #expect(service.lines.text.contains("\"event\":\"\(event)\""), "\(event)")
        }
        #expect(!service.lines.text.contains("secret"))
    }

    @Test func healthCountsWhatHitsSaved() async throws {
        let service = TestService(provider: provider)
        try await service.test { client in
            for _ in 0..<4 { _ = try await client.send(.post, "/api/ai/feedback", Sample.feedback) }
            let health = try await client.send(.get, "/api/health/ai").object
            #expect(health["status"] as? String == "healthy")
            #expect(health["configured"] as? Bool == true)
            let savings = try #require(health["savings"] as? [String: Any])
            #expect(savings["calls"] as? Int == 3)
            #expect(savings["tokens"] as? Int == 360)
            let statistics = try #require(health["cache_statistics"] as? [String: Any])
            #expect(statistics["hits"] as? Int == 3)
            #expect(statistics["hit_rate_percent"] as? Double == 75)
            let kinds = try #require(statistics["kinds"] as? [String: [String: Any]])
            #expect(kinds["feedback"]?["hits"] as? Int == 3)
            let metrics = try await client.send(.get, "/metrics").text
            #expect(metrics.contains("recuerde_cache_answers_total{kind=\"feedback\",outcome=\"hit\"} 3\n"))
            #expect(metrics.contains("recuerde_provider_tokens_total{kind=\"feedback\",direction=\"in\"} 100\n"))
            #expect(metrics.contains("recuerde_saved_calls_total 3\n"))
        }
    }

    @Test func healthAndMetricsCountWhatWasNotPutToTheProvider() async throws {
        var ai = AIServiceConfiguration()
        ai.dailyBudgetDollars = 0.000001
        let service = TestService(provider: provider, ai: ai)
        try await service.test { client in
            for _ in 0..<2 { _ = try await client.send(.post, "/api/ai/feedback", Sample.feedback) }
            let health = try await client.send(.get, "/api/health/ai").object
            let usage = try #require(health["usage"] as? [String: Any])
            let total = try #require(usage["total"] as? [String: Any])
            #expect(total["refusals"] as? [String: Int] == ["budget_spent": 2])
            #expect(total["calls"] as? Int == 0)
            let metrics = try await client.send(.get, "/metrics").text
            let sample = "recuerde_provider_refusals_total{kind=\"feedback\",reason=\"budget_spent\"} 2\n"
            #expect(metrics.contains(sample))
        }
        #expect(provider.calls == 0)
    }
}
