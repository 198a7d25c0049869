import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Recuerde
import RecuerdeHummingbird
import RecuerdeTesting
import Testing

/// What requests ask for, and what may be stale.
@Suite struct DirectiveTests {
    private func ask(_ client: any TestClientProtocol, _ cacheControl: String) async throws -> TestResponse {
        try await client.ask("/a", .get, [.cacheControl: cacheControl])
    }

    /// Answers, then fails.
    private func failing(
        _ cacheControl: String,
        with error: HTTPResponse.Status = .serviceUnavailable,
        throwing: Bool = false
    ) -> TestSite {
        TestSite { _, run in
            guard run > 1 else {
                return Response(status: .ok, headers: [.cacheControl: cacheControl], body: .text("1"))
            }
            if throwing { throw HTTPError(error) }
            return Response(status: error, body: .text("broken"))
        }
    }

    @Test func noStoreGoesToTheHandlerAndKeepsNothing() async throws {
        let site = TestSite("max-age=60")
        try await site.test { client async throws in
            #expect(try await ask(client, "no-store").cacheStatus == "recuerde; fwd=bypass")
            #expect(try await client.ask().text == "2")
            #expect(try await ask(client, "no-store").text == "3")
            #expect(try await client.ask().text == "2")
        }
    }

    @Test func noCacheHasTheResponseMadeAnew() async throws {
        let site = TestSite("max-age=60")
        try await site.test { client async throws in
            _ = try await client.ask()
            let second = try await ask(client, "no-cache")
            #expect(second.text == "2")
            #expect(second.cacheStatus == "recuerde; fwd=request; stored")
            #expect(try await client.ask().text == "2")
        }
    }

    @Test func anAgeBoundsWhatIsTaken() async throws {
        let site = TestSite("max-age=60")
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(10))
            #expect(try await ask(client, "max-age=10").text == "1")
            #expect(try await ask(client, "max-age=9").text == "2")
            #expect(try await client.ask().text == "2")
        }
    }

    @Test func aLeastFreshnessBoundsWhatIsTaken() async throws {
        let site = TestSite("max-age=60")
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(30))
            #expect(try await ask(client, "min-fresh=29").text == "1")
            #expect(try await ask(client, "min-fresh=30").text == "2")
        }
    }

    @Test(arguments: [("max-stale", "1"), ("max-stale=5", "1"), ("max-stale=4", "2")])
    func aStaleResponseIsTakenByWhoSaysSo(directive: String, text: String) async throws {
        let site = TestSite("max-age=60, stale-if-error=600")
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(65))
            let stale = try await ask(client, directive)
            #expect(stale.text == text)
            if text == "1" { #expect(stale.cacheStatus == "recuerde; hit; ttl=-5") }
        }
    }

    @Test(arguments: ["must-revalidate", "proxy-revalidate"])
    func nothingStaleIsTakenWhereItsHandlerForbidsIt(directive: String) async throws {
        let site = TestSite("max-age=60, stale-if-error=600, \(directive)")
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(61))
            #expect(try await ask(client, "max-stale").text == "2")
        }
    }

    @Test func onlyIfCachedIsAnsweredFromTheCacheOr504() async throws {
        let site = TestSite("max-age=60")
        try await site.test { client async throws in
            #expect(try await ask(client, "only-if-cached").status == .gatewayTimeout)
            #expect(site.visits.count == 0)
            _ = try await client.ask()
            #expect(try await ask(client, "only-if-cached").text == "1")
            site.time.advance(by: .seconds(60))
            #expect(try await ask(client, "only-if-cached").status == .gatewayTimeout)
            #expect(site.visits.count == 1)
        }
    }

    @Test func directivesOfRequestsMayBeIgnored() async throws {
        var configuration = ResponseCacheConfiguration()
        configuration.heedsRequestDirectives = false
        let site = TestSite(configuration, [.cacheControl: "max-age=60"])
        try await site.test { client async throws in
            _ = try await client.ask()
            for directive in ["no-cache", "no-store", "max-age=0"] {
                #expect(try await ask(client, directive).text == "1")
            }
        }
    }

    @Test(arguments: [true, false])
    func aStaleResponseStandsInForAHandlerThatFails(throwing: Bool) async throws {
        let site = failing("max-age=60, stale-if-error=100", throwing: throwing)
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(70))
            let stale = try await client.ask()
            #expect(stale.text == "1")
            #expect(stale.status == .ok)
            #expect(stale.field("Age") == "70")
            #expect(stale.cacheStatus == "recuerde; fwd=stale; fwd-status=503; ttl=-10; detail=load_failed")
            // The handler has a pause.
            #expect(try await client.ask().cacheStatus == "recuerde; fwd=stale; ttl=-10; detail=throttled")
            #expect(site.visits.count == 2)
            site.time.advance(by: .seconds(91))
            #expect(try await client.ask().status == .serviceUnavailable || throwing)
            #expect(site.visits.count == 3)
        }
    }

    @Test func nothingStandsInBeyondWhatWasSaid() async throws {
        let site = failing("max-age=60, stale-while-revalidate=600, stale-if-error=5")
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(66))
            #expect(try await client.ask().text == "broken")
        }
    }

    @Test func aHandlerThatRefusesARequestIsNotOneThatFails() async throws {
        let site = failing("max-age=60, stale-if-error=600", with: .notFound)
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(61))
            #expect(try await client.ask().status == .notFound)
        }
    }

    @Test func whoRefusesWhatIsKeptGetsTheFailure() async throws {
        let site = failing("max-age=60, stale-if-error=600")
        try await site.test { client async throws in
            _ = try await client.ask()
            #expect(try await ask(client, "no-cache").status == .serviceUnavailable)
            #expect(try await client.ask().text == "1")
        }
    }
}
