import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Recuerde
import RecuerdeHummingbird
import RecuerdeTesting
import Testing

/// What is kept, and for how long.
@Suite struct StoringTests {
    @Test func answersFromTheCacheWhileTheResponseIsFresh() async throws {
        let site = TestSite("max-age=60")
        try await site.test { client async throws in
            let first = try await client.ask()
            #expect(first.text == "1")
            #expect(first.cacheStatus == "recuerde; fwd=miss; stored")
            #expect(first.field("Age") == nil)
            site.time.advance(by: .seconds(40))
            let second = try await client.ask()
            #expect(second.text == "1")
            #expect(second.status == .ok)
            #expect(second.field("Age") == "40")
            #expect(second.cacheStatus == "recuerde; hit; ttl=20; detail=memory")
            #expect(second.field("Cache-Control") == "max-age=60")
            #expect(second.field("Content-Length") == "1")
            site.time.advance(by: .seconds(20))
            #expect(try await client.ask().text == "2")
        }
    }

    @Test(arguments: [
        "no-store", "private", "no-cache", "max-age=60, private", "max-age=60, no-cache=\"x, y\"",
        "private=\"x\", max-age=60",
        "max-age=0", "max-age=x", "public", "s-maxage=0, max-age=60", "max-age=60, no-store", "",
    ])
    func keepsNothingThatMayNotBeKept(cacheControl: String) async throws {
        let site = TestSite(cacheControl)
        try await site.test { client async throws in
            #expect(try await client.ask().cacheStatus == "recuerde; fwd=miss")
            #expect(try await client.ask().text == "2")
        }
    }

    @Test(arguments: [
        ("s-maxage=30, max-age=60", 30), ("max-age=60", 60), ("MAX-AGE=\"60\"", 60), ("max-age=60, max-age=90", 60),
    ])
    func livesAsLongAsItsHandlerSays(cacheControl: String, seconds: Int) async throws {
        let site = TestSite(cacheControl)
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(seconds) - .milliseconds(1))
            #expect(try await client.ask().text == "1")
            site.time.advance(by: .milliseconds(1))
            #expect(try await client.ask().text == "2")
        }
    }

    @Test func livesUntilItsExpiresWhereItSaysNoAge() async throws {
        let site = TestSite([.date: "Sun, 06 Nov 1994 08:49:37 GMT", .expires: "Sun, 06 Nov 1994 08:50:37 GMT"])
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(59))
            #expect(try await client.ask().text == "1")
            site.time.advance(by: .seconds(1))
            #expect(try await client.ask().text == "2")
        }
        let invalid = TestSite([.expires: "0"])
        try await invalid.test { client async throws in
            _ = try await client.ask()
            #expect(try await client.ask().text == "2")
        }
    }

    @Test func countsTheAgeThatTheResponseCameWith() async throws {
        let site = TestSite([.cacheControl: "max-age=60", .age: "50"])
        try await site.test { client async throws in
            #expect(try await client.ask().field("Age") == "50")
            site.time.advance(by: .seconds(9))
            #expect(try await client.ask().field("Age") == "59")
            site.time.advance(by: .seconds(1))
            #expect(try await client.ask().text == "2")
        }
    }

    @Test func keepsByDefaultOnlyIfToldForHowLong() async throws {
        let site = TestSite(ResponseCacheConfiguration(defaultTimeToLive: .seconds(10)), [:])
        try await site.test { client async throws in
            _ = try await client.ask()
            #expect(try await client.ask().text == "1")
            site.time.advance(by: .seconds(10))
            #expect(try await client.ask().text == "2")
        }
        let unsaid = TestSite([:])
        try await unsaid.test { client async throws in
            _ = try await client.ask()
            #expect(try await client.ask().text == "2")
        }
    }

    @Test(arguments: [
        (404, true, true), (301, true, true), (302, false, true), (206, false, false), (500, false, false),
        (403, false, false),
    ])
    func keepsByStatus(code: Int, byDefault: Bool, ifAsked: Bool) async throws {
        let cases: [(HTTPFields, Bool)] = [([:], byDefault), ([.cacheControl: "max-age=60"], ifAsked)]
        for (fields, isKept) in cases {
            let site = TestSite(ResponseCacheConfiguration(defaultTimeToLive: .seconds(10))) { _, run in
                Response(status: .init(code: code), headers: fields, body: .text("\(run)"))
            }
            try await site.test { client async throws in
                _ = try await client.ask()
                let second = try await client.ask()
                #expect(second.text == (isKept ? "1" : "2"))
                #expect(second.status.code == code)
            }
        }
    }

    @Test func keepsNothingThatSetsACookie() async throws {
        let site = TestSite([.cacheControl: "public, max-age=60", .setCookie: "a=b"])
        try await site.test { client async throws in
            #expect(try await client.ask().field("Set-Cookie") == "a=b")
            #expect(try await client.ask().text == "2")
        }
    }

    @Test(arguments: [HTTPField(name: .authorization, value: "Bearer t"), HTTPField(name: .cookie, value: "a=b")])
    func requestsWithCredentialsNeitherFillNorUseTheCache(credentials: HTTPField) async throws {
        let site = TestSite("public, s-maxage=60, must-revalidate")
        let fields = HTTPFields([credentials])
        try await site.test { client async throws in
            #expect(try await client.ask("/a", .get, fields).cacheStatus == "recuerde; fwd=bypass")
            #expect(try await client.ask().text == "2")
            #expect(try await client.ask("/a", .get, fields).text == "3")
            #expect(try await client.ask().text == "2")
        }
    }

    @Test func tellsTargetsApartByPathAndQueryAsTheyAreWritten() async throws {
        let site = TestSite("max-age=60")
        try await site.test { client async throws in
            let targets = ["/a", "/a?", "/a?x=1&y=2", "/a?y=2&x=1", "/%61"]
            for (index, target) in targets.enumerated() { #expect(try await client.ask(target).text == "\(index + 1)") }
            for (index, target) in targets.enumerated() { #expect(try await client.ask(target).text == "\(index + 1)") }
        }
    }

    @Test func aClosureMayNormaliseTargetsAndLeaveSomeAlone() async throws {
        var configuration = ResponseCacheConfiguration()
        configuration.target = { $0.uri.path == "/alone" ? nil : $0.uri.path }
        let site = TestSite(configuration, [.cacheControl: "max-age=60"])
        try await site.test { client async throws in
            _ = try await client.ask("/a?x=1")
            #expect(try await client.ask("/a?x=2").text == "1")
            #expect(try await client.ask("/alone").text == "2")
            #expect(try await client.ask("/alone").text == "3")
        }
    }

    @Test func aLongerBodyIsPassedOnAsItComesAndNotKept() async throws {
        var configuration = ResponseCacheConfiguration()
        configuration.maximumBodyBytes = 10
        let site = TestSite(configuration) { request, run in
            let length = request.uri.path == "/short" ? 10 : 11
            let chunks = Array(repeating: ByteBuffer(string: "\(run)"), count: length)
            return Response(status: .ok, headers: [.cacheControl: "max-age=60"], body: .init(contentsOf: chunks))
        }
        try await site.test { client async throws in
            #expect(try await client.ask("/short").text == "1111111111")
            #expect(try await client.ask("/short").text == "1111111111")
            #expect(try await client.ask("/long").text == "22222222222")
            #expect(try await client.ask("/long").text == "33333333333")
        }
    }

    @Test func aBodyOfUnknownLengthIsPassedOnAsItComes() async throws {
        let site = TestSite { _, run in
            Response(
                status: .ok,
                headers: [.cacheControl: "max-age=60"],
                body: .init { writer in
                    try await writer.write(ByteBuffer(string: "\(run)"))
                    try await writer.finish([.eTag: "\"end\""])
                }
            )
        }
        try await site.test { client async throws in
            let first = try await client.ask()
            #expect(first.text == "1")
            #expect(first.trailerHeaders?[.eTag] == "\"end\"")
            #expect(try await client.ask().text == "2")
        }
    }

    @Test func aBodyWithTrailersIsPassedOnWithThem() async throws {
        let site = TestSite { _, run in
            Response(
                status: .ok,
                headers: [.cacheControl: "max-age=60"],
                body: .init(contentLength: 1) { writer in
                    try await writer.write(ByteBuffer(string: "\(run)"))
                    try await writer.finish([.eTag: "\"end\""])
                }
            )
        }
        try await site.test { client async throws in
            #expect(try await client.ask().trailerHeaders?[.eTag] == "\"end\"")
            #expect(try await client.ask().text == "2")
        }
    }

    @Test func fieldsOfOneConnectionAreNotKept() async throws {
        let site = TestSite { _, _ in
            var fields: HTTPFields = [.cacheControl: "max-age=60", .connection: "X-Hop", .contentType: "text/plain"]
            if let hop = HTTPField.Name("X-Hop") { fields[hop] = "1" }
            return Response(status: .ok, headers: fields, body: .text("a"))
        }
        try await site.test { client async throws in
            _ = try await client.ask()
            let hit = try await client.ask()
            #expect(hit.field("Connection") == nil)
            #expect(hit.field("X-Hop") == nil)
            #expect(hit.field("Content-Type") == "text/plain")
        }
    }

    @Test func eachCombinationThatVaryNamesIsKeptByItself() async throws {
        let site = TestSite { request, run in
            let language = request.headers[.acceptLanguage] ?? "-"
            return Response(
                status: .ok,
                headers: [.cacheControl: "max-age=60", .vary: "Accept-Language, Accept-Encoding"],
                body: .text("\(language) \(run)")
            )
        }
        try await site.test { client async throws in
            #expect(try await client.ask("/a", .get, [.acceptLanguage: "es"]).text == "es 1")
            let second = try await client.ask("/a", .get, [.acceptLanguage: "eu"])
            #expect(second.text == "eu 2")
            #expect(second.cacheStatus == "recuerde; fwd=vary-miss; stored")
            #expect(try await client.ask("/a", .get, [.acceptLanguage: "eu", .acceptEncoding: "br"]).text == "eu 3")
            #expect(try await client.ask("/a").text == "- 4")
            #expect(try await client.ask("/a", .get, [.acceptLanguage: " es"]).text == "es 1")
            #expect(try await client.ask("/a", .get, [.acceptLanguage: "eu"]).text == "eu 2")
            #expect(try await client.ask("/a", .get, [.acceptLanguage: "eu", .acceptEncoding: "br"]).text == "eu 3")
            #expect(try await client.ask("/a").text == "- 4")
        }
    }

    @Test func aStarInVaryKeepsItFromBeingKept() async throws {
        let site = TestSite([.cacheControl: "max-age=60", .vary: "Accept, *"])
        try await site.test { client async throws in
            _ = try await client.ask()
            #expect(try await client.ask().text == "2")
        }
    }

    @Test func goesByTagsOfTheFieldAndOfTheClosure() async throws {
        var configuration = ResponseCacheConfiguration()
        configuration.tags = { request, _ in [request.uri.path] }
        let site = TestSite(configuration) { _, run in
            var fields: HTTPFields = [.cacheControl: "max-age=60"]
            if let name = HTTPField.Name("Surrogate-Key") { fields[name] = "articles, article-7" }
            return Response(status: .ok, headers: fields, body: .text("\(run)"))
        }
        try await site.test { client async throws in
            let first = try await client.ask()
            #expect(first.field("Surrogate-Key") == nil)
            for (run, tag) in ["articles", "article-7", "/a"].enumerated() {
                #expect(try await client.ask().text == "\(run + 1)")
                try await site.cache.invalidate(tags: [tag])
                let next = try await client.ask()
                #expect(next.text == "\(run + 2)")
                #expect(next.field("Surrogate-Key") == nil)
            }
            try await site.cache.invalidate(tags: ["/b"])
            #expect(try await client.ask().text == "4")
        }
    }

    @Test func requestsWithOtherCredentialsOrABodyNeitherFillNorUseTheCache() async throws {
        let site = TestSite("public, max-age=60")
        try await site.test { client async throws in
            var key = HTTPFields()
            if let name = HTTPField.Name("X-API-Key") { key[name] = "k" }
            #expect(!key.isEmpty)
            for (index, fields) in [key, [.contentLength: "2"], [.transferEncoding: "chunked"]].enumerated() {
                let answer = try await client.ask("/a", .get, fields)
                #expect(answer.cacheStatus == "recuerde; fwd=bypass")
                #expect(answer.text == "\(index + 1)")
            }
            #expect(try await client.ask().text == "4")
        }
    }

    @Test func aBodyThatEndsTooEarlyIsNotKept() async throws {
        let site = TestSite { _, run in
            Response(
                status: .ok,
                headers: [.cacheControl: "max-age=60"],
                body: .init(contentLength: 2) { writer in
                    try await writer.write(ByteBuffer(string: run == 1 ? "1" : "22"))
                    try await writer.finish(nil)
                }
            )
        }
        try await site.test { client async throws in
            #expect(try await client.ask().status == .internalServerError)
            #expect(try await client.ask().text == "22")
        }
    }
}
