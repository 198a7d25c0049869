import HTTPTypes
import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeServer

@Suite struct CacheRoutesTests {
    static let administrative = Route.all.filter { $0.template.hasPrefix("/api/cache") }

    private let service = TestService { $0.adminToken = Sample.token }

    /// The body that a route asks for.
    private func body(_ route: Route) -> String? { route == .invalidate ? #"{"tags":["x"]}"# : nil }

    private func path(_ route: Route) -> String { route.template.replacing("{key}", with: "a:b") }

    @Test(arguments: administrative) func withoutAConfiguredTokenItAnswers403(route: Route) async throws {
        let answer = try await TestService().test { client in
            try await client.send(route.method, path(route), headers: Sample.bearer)
        }
        #expect(answer.status == 403)
        #expect(answer.object["code"] as? String == "admin_not_configured")
    }

    @Test(arguments: administrative) func withoutTheTokenItAnswers401AndDoesNothing(route: Route) async throws {
        try await service.cache.set(CacheKey("a", "b"), to: "kept")
        try await service.test { client in
            let missing = try await client.send(route.method, path(route))
            #expect(missing.status == 401)
            #expect(missing.header("WWW-Authenticate") == "Bearer realm=\"recuerde\"")
            let wrong = try await client.send(route.method, path(route), headers: ["Authorization": "Bearer wrong"])
            #expect(wrong.status == 401)
            #expect(wrong.header("WWW-Authenticate")?.contains("invalid_token") == true)
        }
        #expect(service.cache.statistics().cacheSize == 1)
    }

    @Test(arguments: administrative) func withTheTokenItAnswers200(route: Route) async throws {
        let answer = try await service.test { client in
            try await client.send(route.method, path(route), body(route), headers: Sample.bearer)
        }
        #expect(answer.status == 200)
        #expect(answer.header("Cache-Control") == "no-store")
    }

    @Test func guessingIsLimitedAndTheRightTokenWaitsToo() async throws {
        try await service.test { client in
            for _ in 0..<5 {
                let wrong = ["Authorization": "Bearer wrong"]
                #expect(try await client.send(.get, "/api/cache/statistics", headers: wrong).status == 401)
            }
            let limited = try await client.send(.get, "/api/cache/statistics", headers: Sample.bearer)
            #expect(limited.status == 429)
            #expect(limited.header("Retry-After") == "12")
            service.clock.advance(by: .seconds(12))
            #expect(try await client.send(.get, "/api/cache/statistics", headers: Sample.bearer).status == 200)
        }
    }

    @Test func keysAreListedExplainedAndDeleted() async throws {
        let key = CacheKey("ai", "feedback", "a/b:c ñ")
        try await service.cache.set(key, to: "value")
        try await service.test { client in
            let listing = try await client.send(.get, "/api/cache/keys", headers: Sample.bearer).object
            #expect(listing["keys"] as? [String] == [key.text])
            #expect(listing["truncated"] as? Bool == false)
            let text = try #require((listing["keys"] as? [String])?.first)
            let path = "/api/cache/keys/" + encoded(text)

            let explanation = try await client.send(.get, path, headers: Sample.bearer).object
            #expect(explanation["key"] as? String == key.text)
            let memory = try #require(explanation["memory"] as? [String: Any])
            #expect(memory["state"] as? String == "fresh")
            #expect(memory["remaining_seconds"] as? Double == 3_600)

            let deleted = try await client.send(.delete, path, headers: Sample.bearer).object
            #expect(deleted["deleted"] as? Bool == true)
            let again = try await client.send(.delete, path, headers: Sample.bearer).object
            #expect(again["deleted"] as? Bool == false)
        }
        #expect(try await service.cache.get(key, as: String.self) == nil)
    }

    private func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
        }.joined()
    }

    @Test func aListingIsBounded() async throws {
        for number in 0..<20 { try await service.cache.set(CacheKey("k", "\(number)"), to: number) }
        try await service.test { client in
            let page = try await client.send(.get, "/api/cache/keys?limit=7", headers: Sample.bearer).object
            #expect((page["keys"] as? [String])?.count == 7)
            #expect(page["truncated"] as? Bool == true)
            for limit in ["0", "-1", "1001", "x", "", "99999999999999999999"] {
                let bad = try await client.send(.get, "/api/cache/keys?limit=\(limit)", headers: Sample.bearer)
                #expect(bad.status == 422, "\(limit)")
                #expect(bad.fields == ["limit"])
            }
        }
    }

    @Test(arguments: ["%", "%zz", "%FF"]) func aKeyThatCannotBeDecodedIs422(key: String) async throws {
        let answer = try await service.test { client in
            try await client.send(.get, "/api/cache/keys/\(key)", headers: Sample.bearer)
        }
        #expect(answer.status == 422)
        #expect(answer.fields == ["key"])
    }

    @Test func whatIsExpiredIsAMissAndMayStandIn() async throws {
        struct Failed: Error {}
        let key = CacheKey("ai", "hint", "ñ")
        var options = EntryOptions()
        options.maximumStaleness = .seconds(60)
        let cache = service.cache
        for path in ["/api/cache/keys/" + encoded(key.text), "/api/cache"] {
            try await cache.set(key, to: "old", options: options)
            try await service.test { client in
                let answer = try await client.send(.delete, path + "?keep_stale=true", headers: Sample.bearer).object
                #expect(answer["expired"] as? Bool == true || answer["cleared"] as? Int == 1)
            }
            #expect(try await cache.get(key, as: String.self) == nil)
            #expect(try await cache.value(for: key, options: options) { throw Failed() } == "old")
        }
    }

    /// An entry of the format plain cannot be expired.
    @Test func underPlainAKeyThatIsToBeExpiredIsDeletedAndSaidToBe() async throws {
        let remote = ScriptedRemoteTier(timeSource: ManualTimeSource())
        let service = TestService(remote: remote, format: .plain) { $0.adminToken = Sample.token }
        await service.cache.connect()
        try await service.cache.set("a", to: "old")
        try await service.test { client in
            let answer = try await client.send(.delete, "/api/cache/keys/a?keep_stale=true", headers: Sample.bearer)
            #expect(answer.object as? [String: Bool] == ["deleted": true])
        }
        #expect(try await service.cache.get("a", as: String.self) == nil)
    }

    @Test(arguments: ["/api/cache/keys/a", "/api/cache"]) func whatIsNeitherTrueNorFalseRemovesNothing(path: String)
        async throws
    {
        try await service.cache.set("a", to: "kept")
        try await service.test { client in
            for value in ["", "1", "TRUE", "yes"] {
                let bad = try await client.send(.delete, "\(path)?keep_stale=\(value)", headers: Sample.bearer)
                #expect(bad.status == 422, "\(value)")
                #expect(bad.fields == ["keep_stale"])
            }
        }
        #expect(try await service.cache.get("a", as: String.self) == "kept")
    }

    @Test func clearSaysHowManyThereWere() async throws {
        for number in 0..<5 { try await service.cache.set(CacheKey("k", "\(number)"), to: number) }
        try await service.test { client in
            let cleared = try await client.send(.delete, "/api/cache", headers: Sample.bearer).object
            #expect(cleared["cleared"] as? Int == 5)
            let again = try await client.send(.delete, "/api/cache", headers: Sample.bearer).object
            #expect(again["cleared"] as? Int == 0)
        }
    }

    @Test func statisticsAreReadAndReset() async throws {
        try await service.cache.set("k", to: 1)
        _ = try await service.cache.get("k", as: Int.self)
        _ = try await service.cache.get("absent", as: Int.self)
        try await service.test { client in
            let before = try await client.send(.get, "/api/cache/statistics", headers: Sample.bearer).object
            #expect(before["hits"] as? Int == 1)
            #expect(before["misses"] as? Int == 1)
            #expect(before["sets"] as? Int == 1)
            #expect(before["hit_rate_percent"] as? Double == 50)
            let after = try await client.send(.post, "/api/cache/statistics/reset", headers: Sample.bearer).object
            #expect(after["hits"] as? Int == 0)
            #expect(after["cache_size"] as? Int == 1)
        }
    }
}
