import Foundation
import HTTPTypes
import Recuerde
import RecuerdeAI
import RecuerdeTesting
import Testing

@testable import RecuerdeServer

@Suite struct OpenAPITests {
    private func document() async throws -> [String: Any] {
        try await TestService().test { client in try await client.send(.get, "/openapi.json") }.object
    }

    private func at(_ path: String, _ document: [String: Any]) -> Any? {
        path.split(separator: "/").reduce(document as Any?) { value, part in
            (value as? [String: Any])?[String(part)]
        }
    }

    @Test func describesEveryRouteAndNoOther() async throws {
        let document = try await document()
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let described = Set(paths.flatMap { path, operations in operations.keys.map { "\($0.uppercased()) \(path)" } })
        let real = Set(Route.all.map { "\($0.method.rawValue) \($0.template)" })
        #expect(described == real)
    }

    @Test func everyRouteOfTheListIsServed() async throws {
        try await TestService().test { client in
            for route in Route.all {
                let path = route.template.replacing("{key}", with: "k")
                let answer = try await client.send(route.method, path, route.method == .post ? "{}" : nil)
                #expect(answer.status != 404 && answer.status != 405, "\(route.method.rawValue) \(path)")
            }
        }
    }

    @Test func everyReferenceLeadsSomewhere() async throws {
        let document = try await document()
        var references: Set<String> = []
        func collect(_ value: Any) {
            if let object = value as? [String: Any] {
                if let reference = object["$ref"] as? String { references.insert(reference) }
                object.values.forEach(collect)
            } else if let array = value as? [Any] {
                array.forEach(collect)
            }
        }
        collect(document)
        #expect(!references.isEmpty)
        for reference in references { #expect(at(String(reference.dropFirst(2)), document) != nil, "\(reference)") }
    }

    @Test(arguments: [
        ("FeedbackRequest/properties/user_answer/maxLength", InputLimits.answer),
        ("FeedbackRequest/properties/correct_answer/maxLength", InputLimits.answer),
        ("Exercise/properties/verb/maxLength", InputLimits.verb),
        ("Exercise/properties/tense/maxLength", InputLimits.tense),
        ("Exercise/properties/person/maxLength", InputLimits.person),
        ("Exercise/properties/trigger/maxLength", InputLimits.trigger),
        ("Exercise/properties/sentence/maxLength", InputLimits.sentence),
        ("Exercise/properties/correct_answer/maxLength", InputLimits.answer),
        ("HintRequest/properties/user_history/maxItems", InputLimits.historyItems),
        ("HintRequest/properties/level/maximum", InputLimits.hintLevels),
        ("HistoryItem/properties/verb/maxLength", InputLimits.verb),
        ("HistoryItem/properties/user_answer/maxLength", InputLimits.answer),
        ("InsightsRequest/properties/weak_areas/maxItems", InputLimits.weakAreas),
        ("WeakArea/properties/area/maxLength", InputLimits.area),
        ("WeakArea/properties/accuracy/maximum", Int(InputLimits.accuracy)),
        ("UserStats/properties/total_exercises/maximum", Int(InputLimits.figure)),
        ("UserStats/properties/accuracy/maximum", Int(InputLimits.accuracy)),
        ("InsightsAnswer/properties/insights/maxItems", InputLimits.insights),
        ("Records/maxItems", InputLimits.records), ("Record/maxLength", InputLimits.record),
        ("Invalidation/properties/tags/maxItems", InvalidationBody.mostTags),
        ("Invalidation/properties/records/maxItems", InvalidationBody.mostRecords),
        ("Invalidation/properties/tags/items/maxLength", InvalidationBody.longestTag),
    ])
    func quotesTheLimitsOfTheCode(path: String, limit: Int) async throws {
        let document = try await document()
        #expect(at("components/schemas/" + path, document) as? Int == limit)
    }

    @Test func quotesTheLimitsOfTheServer() async throws {
        let document = try await document()
        let configuration = ServerConfiguration()
        let description = try #require(at("info/description", document) as? String)
        #expect(description.contains("\(configuration.requestBodyLimit) bytes"))
        let statistics = try #require(at("components/schemas/UserStats/description", document) as? String)
        #expect(statistics.contains("\(InputLimits.furtherStatistics) further"))
        #expect(statistics.contains("\(InputLimits.statisticName) characters"))
        let paths = try #require(document["paths"] as? [String: Any])
        let batch = try #require(paths["/api/ai/feedback/batch"] as? [String: Any])
        let content = try #require(at("post/requestBody/content", batch) as? [String: [String: Any]])
        #expect((content["application/json"]?["schema"] as? [String: Any])?["maxItems"] as? Int == InputLimits.batch)
        let keys = try #require(paths["/api/cache/keys"] as? [String: [String: Any]])
        let parameter = try #require((keys["get"]?["parameters"] as? [[String: Any]])?.first)
        #expect((parameter["schema"] as? [String: Any])?["maximum"] as? Int == configuration.maximumKeysPerPage)
    }

    @Test func describesEveryMemberOfHealth() async throws {
        let document = try await document()
        let health = try await TestService().test { client in try await client.send(.get, "/api/health/ai") }.object
        let schema = try #require(at("components/schemas/Health", document) as? [String: Any])
        #expect(missing(health, in: schema, document).isEmpty)
    }

    @Test(arguments: [
        ("/api/ai/feedback", Sample.feedback, "FeedbackAnswer"), ("/api/ai/hint", Sample.hint, "HintAnswer"),
        ("/api/ai/insights", Sample.insights, "InsightsAnswer"), ("/api/ai/feedback", "{}", "Problem"),
        ("/api/ai/hint", "{", "Problem"), ("/api/ai/nothing", "{}", "Problem"),
    ])
    func describesEveryMemberOfAnAnswer(path: String, body: String, schema name: String) async throws {
        let document = try await document()
        let schema = try #require(at("components/schemas/\(name)", document) as? [String: Any])
        // Without a provider, with one, and from the cache: provenance has other members each time.
        for service in [TestService(), TestService(provider: ScriptedProvider(saying: "[\"Practise.\"]"))] {
            for _ in 0..<2 {
                let answer = try await service.test { client in try await client.send(.post, path, body) }.object
                #expect(!answer.isEmpty)
                #expect(missing(answer, in: schema, document) == [])
            }
        }
    }

    @Test func describesWhatAnInvalidationTakesAndGives() async throws {
        let document = try await document()
        let service = TestService { $0.adminToken = Sample.token }
        let schema = try #require(at("components/schemas/Invalidated", document) as? [String: Any])
        let order = try #require(at("components/schemas/Invalidation", document) as? [String: Any])
        #expect(missing(["tags": 0, "records": 0, "keep_stale": 0], in: order, document) == [])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let content = try #require(
            at("post/requestBody/content", paths["/api/cache/invalidate"] ?? [:]) as? [String: [String: Any]]
        )
        let example = try JSONSerialization.data(withJSONObject: content["application/json"]?["example"] ?? [:])
        let body = String(decoding: example, as: UTF8.self)
        let answer = try await service.test { client in
            try await client.send(.post, "/api/cache/invalidate", body, headers: Sample.bearer)
        }
        #expect(answer.status == 200)
        #expect(missing(answer.object, in: schema, document) == [])
    }

    @Test func describesEveryMemberOfAnExplanation() async throws {
        let document = try await document()
        let schema = try #require(at("components/schemas/Explanation", document) as? [String: Any])
        let remote = ScriptedRemoteTier(timeSource: ManualTimeSource())
        let service = TestService(remote: remote) { $0.adminToken = Sample.token }
        var options = EntryOptions()
        options.tags = ["a"]
        options.maximumStaleness = .seconds(60)
        _ = try await service.cache.result(for: "k", options: options) { (_: LoadContext<Int>) in
            Loaded(1, validators: Validators(etag: "e", lastModified: "day"))
        }
        service.clock.advance(by: .seconds(1))
        try await service.cache.invalidate(tags: ["a"], by: .remove)
        var members: Set<String> = []
        for isAway in [false, true] {
            if isAway {
                remote.behave(.fail(RemoteTierError(.refused, "scripted")))
                try await service.cache.set("k", to: 2, options: options)
                try await service.cache.invalidate(tags: ["a"])
            }
            let answer = try await service.test { client in
                try await client.send(.get, "/api/cache/keys/k", headers: Sample.bearer)
            }.object
            #expect(missing(answer, in: schema, document) == [])
            members.formUnion(answer.keys)
            for holding in [answer["memory"], answer["redis"]].compactMap({ $0 as? [String: Any] }) {
                members.formUnion(holding.keys)
                for mark in holding["marks"] as? [[String: Any]] ?? [] { members.formUnion(mark.keys) }
            }
            for waiting in answer["journal"] as? [[String: Any]] ?? [] {
                let described = try #require(at("components/schemas/WaitingWrite", document) as? [String: Any])
                #expect(missing(waiting, in: described, document) == [])
                members.formUnion(waiting.keys)
            }
        }
        let met = [
            "etag", "last_modified", "payload", "expired_up_to", "removed_up_to", "redis_failure", "operation", "tag",
        ]
        for member in met { #expect(members.contains(member), "\(member)") }
    }

    @Test func describesEveryMemberOfTheStatistics() async throws {
        let document = try await document()
        let schema = try #require(at("components/schemas/Statistics", document) as? [String: Any])
        let answer = try await TestService { $0.adminToken = Sample.token }.test { client in
            try await client.send(.get, "/api/cache/statistics", headers: Sample.bearer)
        }.object
        #expect((answer["payload"] as? [String: Any])?.count == 10)
        #expect(missing(answer, in: schema, document) == [])
    }

    @Test func noticesAMemberThatIsNotDescribed() async throws {
        let document = try await document()
        let schema = try #require(at("components/schemas/FeedbackAnswer", document) as? [String: Any])
        var answer = try await TestService().test { client in
            try await client.send(.post, "/api/ai/feedback", Sample.feedback)
        }.object
        answer["surprise"] = 1
        answer["is_correct"] = nil
        #expect(Set(missing(answer, in: schema, document)) == ["surprise", "is_correct"])
    }

    /// The members of a value that its schema does not name, and those that the schema requires and the value lacks.
    private func missing(_ value: Any, in schema: [String: Any], _ document: [String: Any]) -> [String] {
        var schema = schema
        if let reference = schema["$ref"] as? String {
            schema = at(String(reference.dropFirst(2)), document) as? [String: Any] ?? [:]
        }
        guard let object = value as? [String: Any] else { return [] }
        guard let properties = schema["properties"] as? [String: [String: Any]] else {
            return schema["additionalProperties"] == nil ? ["properties"] : []
        }
        let required = schema["required"] as? [String] ?? []
        return required.filter { object[$0] == nil }
            + object.flatMap { name, member in
                properties[name].map { missing(member, in: $0, document) } ?? [name]
            }
    }
}
