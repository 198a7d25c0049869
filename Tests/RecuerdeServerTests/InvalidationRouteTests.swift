import HTTPTypes
import HummingbirdTesting
import Recuerde
import RecuerdeAI
import RecuerdeTesting
import Testing

@testable import RecuerdeServer

/// `POST /api/cache/invalidate`.
@Suite(.timeLimit(.minutes(1))) struct InvalidationRouteTests {
    private static let path = "/api/cache/invalidate"
    private static let long = String(repeating: "ñ", count: 101)

    private let service = TestService(provider: ScriptedProvider(saying: "[\"Practise.\"]")) {
        $0.adminToken = Sample.token
    }

    private static func feedback(_ answer: String, records: String = "[]") -> String {
        #"{"user_answer":"\#(answer)","correct_answer":"hable","records":\#(records)}"#
    }

    /// Where an answer to `answer` comes from.
    private func source(_ answer: String, records: String = "[]", _ client: any TestClientProtocol) async throws
        -> String?
    {
        let body = Self.feedback(answer, records: records)
        let provenance = try await client.send(.post, "/api/ai/feedback", body).object["provenance"] as? [String: Any]
        return provenance?["source"] as? String
    }

    private func invalidate(_ body: String, _ client: any TestClientProtocol) async throws -> Answer {
        try await client.send(.post, Self.path, body, headers: Sample.bearer)
    }

    @Test func aKindIsMadeVoid() async throws {
        try await service.test { client in
            #expect(try await source("a", client) == "load")
            #expect(try await client.send(.post, "/api/ai/hint", Sample.hint).status == 200)
            #expect(try await source("a", client) == "memory")
            let done = try await invalidate(#"{"tags":["kind:feedback","kind:insights","kind:feedback"]}"#, client)
            #expect(done.status == 200)
            #expect(done.header("Cache-Control") == "no-store")
            #expect(done.object as? [String: Int] == ["tags": 2, "records": 0, "journal_depth": 0])
            #expect(try await source("a", client) == "load")
            #expect(try await source("a", client) == "memory")
            let hint = try await client.send(.post, "/api/ai/hint", Sample.hint)
            #expect(hint.header("Cache-Status")?.contains("hit") == true)
        }
    }

    @Test func whatIsMadeOfARecordIsMadeVoidAndNothingElse() async throws {
        try await service.test { client in
            #expect(try await source("a", records: #"["exercise:42","learner:7"]"#, client) == "load")
            #expect(try await source("b", records: #"["exercise:43"]"#, client) == "load")
            #expect(try await source("c", client) == "load")
            let done = try await invalidate(#"{"records":["exercise:42","exercise:42","exercise:44"]}"#, client)
            #expect(done.object as? [String: Int] == ["tags": 0, "records": 2, "journal_depth": 0])
            #expect(try await source("b", client) == "memory")
            #expect(try await source("c", client) == "memory")
            #expect(try await source("a", client) == "load")
        }
    }

    @Test(arguments: [(nil, "stale"), ("true", "stale"), ("false", "tutor")])
    func whatIsVoidStandsInUnlessItIsNotToBeKept(keepStale: String?, expected: String) async throws {
        let remote = ScriptedRemoteTier(timeSource: ManualTimeSource())
        let fails = ScriptedProvider.Switch()
        let service = TestService(provider: ScriptedProvider(saying: "words", unless: fails), remote: remote) {
            $0.adminToken = Sample.token
        }
        try await service.test { client in
            #expect(try await source("a", records: #"["exercise:42"]"#, client) == "load")
            let rest = keepStale.map { #","keep_stale":\#($0)"# } ?? ""
            let done = try await invalidate(#"{"tags":["x"],"records":["exercise:42"]\#(rest)}"#, client)
            #expect(done.status == 200)
            fails.turn(on: true)
            #expect(try await source("a", client) == expected)
        }
    }

    struct Case: Sendable, CustomStringConvertible {
        var body: String
        var status = 422
        var fields: [String]

        init(_ body: String, _ fields: [String], status: Int = 422) {
            (self.body, self.fields, self.status) = (body, fields, status)
        }

        var description: String { String(body.prefix(60)) }
    }

    private static func list(_ item: String, _ count: Int) -> String {
        "[" + Array(repeating: "\"\(item)\"", count: count).joined(separator: ",") + "]"
    }

    static let bad = [
        Case("", [], status: 400), Case("{", [], status: 400), Case("[]", ["body"]), Case("{}", ["body"]),
        Case(#"{"tags":[]}"#, ["body"]), Case(#"{"tags":null,"records":[]}"#, ["body"]),
        Case(#"{"keep_stale":true}"#, ["body"]), Case(#"{"tags":"x"}"#, ["tags"]), Case(#"{"tags":[5]}"#, ["tags[0]"]),
        Case(#"{"tags":["x"],"keep_stale":"no"}"#, ["keep_stale"]),
        Case(#"{"tags":["x"],"keep_stale":1}"#, ["keep_stale"]),
        Case(#"{"tags":["x"],"tag":["y"]}"#, ["tag"]), Case(#"{"tags":["x"],"sécreto":1}"#, ["*"]),
        Case(#"{"tags":["x",""]}"#, ["tags[1]"]),
        Case(#"{"records":["x","exercise:1",":1"]}"#, ["records[0]", "records[2]"]),
        Case(#"{"records":[{"type":"exercise","id":"1"}]}"#, ["records[0]"]),
        Case(#"{"records":["a:\#(long)"]}"#, ["records[0]"]),
        Case(#"{"tags":["\#(String(repeating: "ñ", count: 513))"]}"#, ["tags[0]"]),
        Case(#"{"tags":\#(list("x", 101)),"records":\#(list("a:b", 101))}"#, ["tags", "records"]),
    ]

    @Test(arguments: bad) func badInputIsNamedAndChangesNothing(bad: Case) async throws {
        try await service.test { client in
            #expect(try await source("a", records: #"["a:b"]"#, client) == "load")
            try await service.cache.set("k", to: 1, options: Self.tagged("x"))
            let answer = try await invalidate(bad.body, client)
            #expect(answer.status == bad.status)
            #expect(answer.header("Content-Type") == "application/problem+json")
            #expect(Set(answer.fields) == Set(bad.fields))
            #expect(try await source("a", client) == "memory")
            #expect(try await service.cache.get("k") == 1)
        }
        #expect(service.cache.statistics().tagInvalidations == 0)
        #expect(!service.lines.text.contains("ñ") && !service.lines.text.contains("creto"))
    }

    @Test func asManyAndAsLongAsMayBeAreTaken() async throws {
        try await service.test { client in
            let tags = (0..<100).map { "\"\(String(repeating: "ñ", count: 509))\(100 + $0)\"" }.joined(separator: ",")
            let records = (0..<100).map { "\"a:\(String(repeating: "ñ", count: 95))\(100 + $0)\"" }
            let done = try await invalidate(
                #"{"tags":[\#(tags)],"records":[\#(records.joined(separator: ","))]}"#,
                client
            )
            #expect(done.object as? [String: Int] == ["tags": 100, "records": 100, "journal_depth": 0])
        }
    }

    @Test func onlyJSONIsReadAndOnlyWithinTheLimit() async throws {
        let small = TestService {
            $0.adminToken = Sample.token
            $0.requestBodyLimit = 1_024
        }
        try await small.test { client in
            let text = try await client.send(
                .post,
                Self.path,
                "{}",
                headers: Sample.bearer.merging(["Content-Type": "text/plain"]) { $1 }
            )
            #expect(text.status == 415)
            let large = try await invalidate(#"{"tags":\#(Self.list("x", 400))}"#, client)
            #expect(large.status == 413)
        }
    }

    @Test func moreDependentsThanAreFollowedAreRefusedBeforeAnythingIsDone() async throws {
        var dependencies = CacheDependencies()
        dependencies.declare("exercise") { id in
            .init(records: (0...CacheDependencies.limit).map { CacheRecord("learner", id: "\(id)-\($0)") })
        }
        let service = TestService(provider: ScriptedProvider(saying: "[]"), dependencies: dependencies) {
            $0.adminToken = Sample.token
        }
        try await service.test { client in
            #expect(try await source("a", records: #"["exercise:42"]"#, client) == "load")
            let answer = try await invalidate(#"{"tags":["kind:feedback"],"records":["exercise:42"]}"#, client)
            #expect(answer.status == 409)
            #expect(answer.object["code"] as? String == "too_many_dependents")
            #expect(try await source("a", records: #"["exercise:42"]"#, client) == "memory")
        }
    }

    @Test func underPlainItSaysThatThereAreNoTags() async throws {
        let remote = ScriptedRemoteTier(timeSource: ManualTimeSource())
        let service = TestService(remote: remote, format: .plain) { $0.adminToken = Sample.token }
        try await service.test { client in
            for body in [#"{"tags":["kind:feedback"]}"#, #"{"records":["exercise:42"]}"#] {
                let answer = try await invalidate(body, client)
                #expect(answer.status == 409)
                #expect(answer.object["code"] as? String == "tags_unsupported")
            }
        }
    }

    @Test func whileRedisIsAwayItHoldsHereAndSaysThatItWaits() async throws {
        let remote = ScriptedRemoteTier(timeSource: ManualTimeSource())
        let service = TestService(remote: remote) { $0.adminToken = Sample.token }
        await service.cache.connect()
        try await service.test { client in
            #expect(try await source("a", records: #"["exercise:42"]"#, client) == "tutor")
            remote.behave(.fail(RemoteTierError(.unavailable, "scripted")))
            let done = try await invalidate(#"{"tags":["x"],"records":["exercise:42"]}"#, client)
            #expect(done.status == 200)
            #expect(done.object as? [String: Int] == ["tags": 1, "records": 1, "journal_depth": 2])
            #expect(try await source("a", client) == "tutor")
        }
    }

    @Test func itIsCountedInStatisticsHealthAndMetrics() async throws {
        try await service.test { client in
            _ = try await source("a", client)
            _ = try await invalidate(#"{"tags":["kind:feedback"]}"#, client)
            _ = try await source("a", client)
            _ = try await service.cache.expire("k")
            let statistics = try await client.send(.get, "/api/cache/statistics", headers: Sample.bearer).object
            let health = try await client.send(.get, "/api/health/ai").object["cache_statistics"] as? [String: Any]
            for figures in [statistics, try #require(health)] {
                #expect(figures["tag_invalidations"] as? Int == 1)
                #expect(figures["void_by_tags"] as? [String: Int] == ["memory": 1, "redis": 0])
                #expect(figures["expires"] as? Int == 1)
                #expect(figures["lease_waits"] as? Int == 0 && figures["leases_lost"] as? Int == 0)
            }
            let metrics = try await client.send(.get, "/metrics").text
            for sample in [
                "tag_invalidations_total 1", "void_by_tags_total{tier=\"memory\"} 1",
                "void_by_tags_total{tier=\"redis\"} 0",
                "expires_total 1", "lease_waits_total 0", "leases_lost_total 0",
            ] { #expect(metrics.contains("\nrecuerde_cache_\(sample)\n"), "\(sample)") }
        }
        #expect(service.lines.text.contains("\"event\":\"cache_tags_invalidated\""))
        #expect(!service.lines.text.contains("kind:feedback"))
    }

    private static func tagged(_ tag: String) -> EntryOptions {
        var options = EntryOptions()
        options.tags = [tag]
        return options
    }
}
