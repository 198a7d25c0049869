import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Recuerde
import RecuerdeHummingbird
import RecuerdeTesting
import Testing

/// What a client has already, and what a handler confirms.
@Suite struct ConditionTests {
    @Test func makesAStrongTagOfTheBodyWhereTheHandlerGaveNone() async throws {
        let site = TestSite { _, _ in Response(status: .ok, headers: [.cacheControl: "max-age=60"], body: .text("hola"))
        }
        try await site.test { client async throws in
            let tag = "\"b221d9dbb083a7f33428d7c2a3c3198ae925614d70210e28716ccaa7cd4ddb79\""
            #expect(try await client.ask().field("ETag") == tag)
            #expect(try await client.ask().field("ETag") == tag)
        }
        let own = TestSite([.cacheControl: "max-age=60", .eTag: "W/\"7\""])
        try await own.test { client async throws in
            _ = try await client.ask()
            #expect(try await client.ask().field("ETag") == "W/\"7\"")
        }
    }

    @Test(arguments: [
        ("\"7\"", true), ("W/\"7\"", true), ("\"6\", \"7\"", true), ("\"a,b\", W/\"7\"", true), ("*", true),
        ("\"6\"", false),
        ("7", false), ("\"6,7\"", false), ("", false),
    ])
    func comparesTagsWeakly(condition: String, isUnmodified: Bool) async throws {
        for own in ["\"7\"", "W/\"7\""] {
            let site = TestSite([.cacheControl: "max-age=60", .eTag: own])
            try await site.test { client async throws in
                _ = try await client.ask()
                let second = try await client.ask("/a", .get, [.ifNoneMatch: condition])
                #expect(second.status == (isUnmodified ? .notModified : .ok))
                #expect(site.visits.count == 1)
            }
        }
    }

    @Test func notModifiedHasTheFieldsThatAClientNeedsAndNoBody() async throws {
        let site = TestSite([
            .cacheControl: "max-age=60", .eTag: "\"7\"", .vary: "Accept",
            .lastModified: "Sun, 06 Nov 1994 08:49:37 GMT",
            .contentType: "text/plain",
        ])
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(5))
            let second = try await client.ask("/a", .get, [.ifNoneMatch: "\"7\""])
            #expect(second.status == .notModified)
            #expect(second.text == "")
            #expect(second.field("ETag") == "\"7\"")
            #expect(second.field("Cache-Control") == "max-age=60")
            #expect(second.field("Vary") == "Accept")
            #expect(second.field("Age") == "5")
            #expect(second.cacheStatus == "recuerde; hit; ttl=55; detail=memory")
            #expect(second.field("Content-Type") == nil)
            #expect(second.field("Content-Length") == nil)
        }
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", true), ("Sun, 06 Nov 1994 08:49:38 GMT", true),
        ("Sun, 06 Nov 1994 08:49:36 GMT", false),
        ("Sunday, 06-Nov-94 08:49:37 GMT", true), ("yesterday", false),
    ])
    func comparesTheTimeOfTheLastChange(since: String, isUnmodified: Bool) async throws {
        let site = TestSite([.cacheControl: "max-age=60", .lastModified: "Sun, 06 Nov 1994 08:49:37 GMT"])
        try await site.test { client async throws in
            _ = try await client.ask()
            #expect(
                try await client.ask("/a", .get, [.ifModifiedSince: since]).status
                    == (isUnmodified ? .notModified : .ok)
            )
            // A tag that is not the same goes before any time.
            let both = try await client.ask("/a", .get, [.ifModifiedSince: since, .ifNoneMatch: "\"other\""])
            #expect(both.status == .ok)
        }
    }

    @Test func aConditionCountsForWhatIsMadeOnTheSpotAndItsHandlerDoesNotSeeIt() async throws {
        let site = TestSite([.cacheControl: "max-age=60", .eTag: "\"7\""])
        try await site.test { client async throws in
            #expect(try await client.ask("/a", .get, [.ifNoneMatch: "\"7\""]).status == .notModified)
            #expect(site.visits.last?.headers[.ifNoneMatch] == nil)
            #expect(try await client.ask().text == "1")
        }
    }

    @Test func noConditionCountsWhereTheStatusIsNoSuccess() async throws {
        let site = TestSite { _, run in
            Response(status: .notFound, headers: [.cacheControl: "max-age=60", .eTag: "\"7\""], body: .text("\(run)"))
        }
        try await site.test { client async throws in
            _ = try await client.ask()
            #expect(try await client.ask("/a", .get, [.ifNoneMatch: "*"]).status == .notFound)
        }
    }

    @Test func conditionsForHandlersAndRangesGoToThem() async throws {
        let site = TestSite([.cacheControl: "max-age=60", .eTag: "\"7\""])
        try await site.test { client async throws in
            _ = try await client.ask()
            let fields: [HTTPFields] = [
                [.range: "bytes=0-0"], [.ifMatch: "\"7\""], [.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"],
            ]
            for (index, field) in fields.enumerated() {
                let answer = try await client.ask("/a", .get, field)
                #expect(answer.text == "\(index + 2)")
                #expect(answer.cacheStatus == "recuerde; fwd=bypass")
            }
            #expect(try await client.ask().text == "1")
        }
    }

    @Test func aHandlerMayConfirmWhatIsKept() async throws {
        let site = TestSite { request, run in
            let fields: HTTPFields = [
                .cacheControl: "max-age=60, stale-if-error=600", .eTag: "\"7\"", .contentLanguage: "es-\(run)",
            ]
            guard request.headers[.ifNoneMatch] == nil else { return Response(status: .notModified, headers: fields) }
            return Response(status: .ok, headers: fields, body: .text("hola \(run)"))
        }
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(60))
            let confirmed = try await client.ask()
            #expect(site.visits.last?.headers[.ifNoneMatch] == "\"7\"")
            #expect(confirmed.status == .ok)
            #expect(confirmed.text == "hola 1")
            #expect(confirmed.field("Content-Language") == "es-2")
            #expect(confirmed.cacheStatus == "recuerde; fwd=stale; stored")
            site.time.advance(by: .seconds(59))
            #expect(try await client.ask().text == "hola 1")
            #expect(site.visits.count == 2)
        }
    }

    @Test func aHeadIsAnsweredByAKeptGetAndBringsNothing() async throws {
        let site = TestSite("max-age=60")
        try await site.test { client async throws in
            #expect(try await client.ask("/a", .head).cacheStatus == "recuerde; fwd=miss")
            #expect(try await client.ask().text == "2")
            let head = try await client.ask("/a", .head)
            #expect(head.text == "")
            #expect(head.field("Content-Length") == "1")
            #expect(head.cacheStatus == "recuerde; hit; ttl=60; detail=memory")
            #expect(site.visits.count == 2)
            #expect(try await client.ask("/a", .head, [.ifNoneMatch: "*"]).status == .notModified)
        }
    }

    @Test func noHandlerIsAskedAboutWhatIsKeptForOthers() async throws {
        let site = TestSite { request, run in
            let language = request.headers[.acceptLanguage] ?? "-"
            let fields: HTTPFields = [
                .cacheControl: "max-age=60, stale-if-error=600", .vary: "Accept-Language",
                .lastModified: "Sun, 06 Nov 1994 08:49:37 GMT",
            ]
            // Goes by the date alone, whatever the language.
            guard request.headers[.ifModifiedSince] == nil else {
                return Response(status: .notModified, headers: fields)
            }
            return Response(status: .ok, headers: fields, body: .text("\(language) \(run)"))
        }
        try await site.test { client async throws in
            #expect(try await client.ask("/a", .get, [.acceptLanguage: "es"]).text == "es 1")
            site.time.advance(by: .seconds(60))
            #expect(try await client.ask("/a", .get, [.acceptLanguage: "eu"]).text == "eu 2")
        }
    }

    @Test func aCookieGoesWithTheAnswerThatNothingHasChanged() async throws {
        let site = TestSite([.cacheControl: "private", .eTag: "\"7\"", .setCookie: "a=b"])
        try await site.test { client async throws in
            let answer = try await client.ask("/a", .get, [.ifNoneMatch: "\"7\""])
            #expect(answer.status == .notModified)
            #expect(answer.field("Set-Cookie") == "a=b")
        }
    }
}
