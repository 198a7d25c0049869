import HTTPTypes
import Recuerde
import Testing

@testable import RecuerdeServer

/// What bad input gets: 4xx with problem+json that names the field, nothing kept, nothing logged of the content.
@Suite struct BadInputTests {
    struct Case: Sendable, CustomStringConvertible {
        var path: String
        var body: String
        var status: Int
        var code: String
        var field: String?

        init(_ path: String, _ body: String, _ status: Int, _ code: String, _ field: String? = nil) {
            self.path = path
            self.body = body
            self.status = status
            self.code = code
            self.field = field
        }

        var description: String { "\(path) \(body.prefix(60))" }
    }

    static let long = String(repeating: "secreto", count: 300)

    static let cases = [
        Case("/api/ai/feedback", "", 400, "malformed_json"),
        Case("/api/ai/feedback", "{secreto", 400, "malformed_json"),
        Case("/api/ai/feedback", "{}", 422, "invalid_field", "user_answer"),
        Case("/api/ai/feedback", #"{"user_answer":"secreto"}"#, 422, "invalid_field", "correct_answer"),
        Case("/api/ai/feedback", #"{"user_answer":5,"correct_answer":"secreto"}"#, 422, "invalid_field", "user_answer"),
        Case(
            "/api/ai/feedback",
            #"{"user_answer":"\#(long)","correct_answer":"x"}"#,
            422,
            "invalid_field",
            "user_answer"
        ),
        Case(
            "/api/ai/feedback",
            #"{"user_answer":"x","correct_answer":"x","exercise_context":{"verb":"\#(long)","tense":"t","person":"","trigger":""}}"#,
            422,
            "invalid_field",
            "exercise_context.verb"
        ),
        Case(
            "/api/ai/feedback",
            #"{"user_answer":"x","correct_answer":"x","language":"secreto"}"#,
            422,
            "invalid_field",
            "language"
        ),
        Case("/api/ai/feedback/batch", "{}", 422, "invalid_field", "body"),
        Case(
            "/api/ai/feedback/batch",
            "[" + Array(repeating: "{}", count: 51).joined(separator: ",") + "]",
            422,
            "invalid_field",
            "body"
        ),
        Case("/api/ai/hint", "{}", 422, "invalid_field", "exercise"),
        Case("/api/ai/hint", #"{"exercise":{"verb":["secreto"]}}"#, 422, "invalid_field", "exercise.verb"),
        Case(
            "/api/ai/hint",
            #"{"exercise":{"verb":"secreto","tense":"secreto","person":"","trigger":""},"level":"secreto"}"#,
            422,
            "invalid_field",
            "level"
        ),
        Case(
            "/api/ai/hint",
            #"{"exercise":{"verb":"secreto","tense":"secreto","person":"","trigger":""},"level":4}"#,
            422,
            "invalid_field",
            "level"
        ),
        Case(
            "/api/ai/hint",
            #"{"exercise":{"verb":"ser","tense":"present","person":"","trigger":""},"records":["secreto"]}"#,
            422,
            "invalid_field",
            "records[0]"
        ),
        Case(
            "/api/ai/feedback",
            #"{"user_answer":"x","correct_answer":"x","records":"secreto"}"#,
            422,
            "invalid_field",
            "records"
        ),
        Case("/api/ai/insights", #"{"user_stats":{},"records":["\#(long):1"]}"#, 422, "invalid_field", "records[0]"),
        Case("/api/ai/insights", #"{"user_stats":[]}"#, 422, "invalid_field", "user_stats"),
        Case(
            "/api/ai/insights",
            #"{"user_stats":{"total_exercises":99999999999999999999}}"#,
            422,
            "invalid_field",
            "user_stats.total_exercises"
        ),
        Case("/api/ai/insights", #"{"user_stats":{"accuracy":1e400}}"#, 400, "malformed_json"),
        Case(
            "/api/ai/insights",
            #"{"user_stats":{},"weak_areas":[{"area":"secreto"}]}"#,
            422,
            "invalid_field",
            "weak_areas[0].accuracy"
        ),
    ]

    @Test(arguments: cases) func isRefusedWithTheFieldAndWithoutItsContent(bad: Case) async throws {
        let service = TestService()
        let answer = try await service.test { client in try await client.send(.post, bad.path, bad.body) }
        #expect(answer.status == bad.status)
        #expect(answer.header("Content-Type") == "application/problem+json")
        #expect(answer.object["code"] as? String == bad.code)
        #expect(answer.object["status"] as? Int == bad.status)
        #expect(answer.object["type"] as? String == "about:blank")
        #expect(answer.object["request_id"] as? String == answer.header("X-Request-Id"))
        if let field = bad.field { #expect(answer.fields.contains(field), "\(answer.fields)") }
        #expect(!answer.text.contains("secreto"))
        #expect(!service.lines.text.contains("secreto"))
        #expect(service.cache.statistics().cacheSize == 0)
    }

    @Test(arguments: [
        "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json", "",
    ])
    func anotherContentTypeIs415(type: String) async throws {
        let answer = try await TestService().test { client in
            try await client.send(.post, "/api/ai/feedback", "{}", headers: ["Content-Type": type])
        }
        #expect(answer.status == 415)
        #expect(answer.header("Accept") == "application/json")
    }

    @Test(arguments: ["application/json", "APPLICATION/JSON; charset=UTF-8", "application/vnd.x+json"])
    func contentTypesOfJSONAreRead(type: String) async throws {
        let answer = try await TestService().test { client in
            try await client.send(.post, "/api/ai/feedback", "{", headers: ["Content-Type": type])
        }
        #expect(answer.status == 400)
    }

    @Test func aContentEncodingIs415() async throws {
        let answer = try await TestService().test { client in
            try await client.send(.post, "/api/ai/feedback", "{}", headers: ["Content-Encoding": "gzip"])
        }
        #expect(answer.status == 415)
    }

    @Test func aBodyOverTheLimitIs413AndTheServiceGoesOn() async throws {
        let service = TestService { $0.requestBodyLimit = 1_000 }
        let big = "\"" + String(repeating: "x", count: 100_000) + "\""
        try await service.test { client in
            let announced = try await client.send(.post, "/api/ai/feedback", big)
            #expect(announced.status == 413)
            #expect(announced.object["detail"] as? String == "The body may have at most 1000 bytes.")
            #expect(try await client.send(.get, "/health/live").status == 200)
        }
    }

    @Test func anUnknownRouteIs404() async throws {
        let answer = try await TestService().test { client in try await client.send(.get, "/nope/secreto?a=secreto") }
        #expect(answer.status == 404)
        #expect(answer.object["code"] as? String == "not_found")
        #expect(!answer.text.contains("secreto"))
    }

    @Test(arguments: [
        ("GET", "/api/ai/feedback", "POST"), ("PUT", "/api/ai/hint", "POST"), ("POST", "/metrics", "GET, HEAD"),
        ("GET", "/api/cache", "DELETE"), ("PATCH", "/api/cache/keys/secreto", "DELETE, GET, HEAD"),
        ("OPTIONS", "/api/health/ai", "GET, HEAD"), ("HEAD", "/api/ai/feedback", "POST"),
    ])
    func anUnknownMethodIs405WithAllow(method: String, path: String, allowed: String) async throws {
        let method = try #require(HTTPRequest.Method(method))
        let service = TestService()
        let answer = try await service.test { client in try await client.send(method, path) }
        #expect(answer.status == 405)
        #expect(answer.header("Allow") == allowed)
        #expect(!service.lines.text.contains("secreto"))
    }
}
