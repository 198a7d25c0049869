import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Recuerde
import RecuerdeHummingbird
import RecuerdeTesting
import Testing

/// Several requests at once, changes meanwhile, and handlers that fail.
@Suite struct SharingTests {
    @Test func requestsForOneColdResourceRunItsHandlerOnce() async throws {
        let gate = Gate()
        let site = TestSite { _, run in
            await gate.pass()
            return Response(status: .ok, headers: [.cacheControl: "max-age=60"], body: .text("\(run)"))
        }
        try await site.test { client async throws in
            let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
                for _ in 0..<20 { group.addTask { try await client.ask() } }
                #expect(await until { site.visits.count == 1 })
                for _ in 0..<1_000 { await Task.yield() }
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.text) == Array(repeating: "1", count: 20))
            #expect(site.visits.count == 1)
            #expect(answers.filter { $0.cacheStatus == "recuerde; fwd=miss; stored" }.count == 1)
        }
    }

    @Test(arguments: ["private, max-age=60", "no-store"])
    func aResponseThatIsNotForAllGoesToOneAlone(cacheControl: String) async throws {
        let gate = Gate()
        let site = TestSite { _, run in
            await gate.pass()
            return Response(status: .ok, headers: [.cacheControl: cacheControl], body: .text("\(run)"))
        }
        try await site.test { client async throws in
            let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
                for _ in 0..<20 { group.addTask { try await client.ask() } }
                #expect(await until { site.visits.count == 1 })
                for _ in 0..<1_000 { await Task.yield() }
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.text)).count == 20)
            #expect(site.visits.count == 20)
        }
    }

    @Test func requestsForOtherLanguagesWaitForTheirOwn() async throws {
        let gate = Gate()
        let site = TestSite { request, _ in
            await gate.pass()
            let language = request.headers[.acceptLanguage] ?? "-"
            return Response(
                status: .ok,
                headers: [.cacheControl: "max-age=60", .vary: "Accept-Language"],
                body: .text(language)
            )
        }
        try await site.test { client async throws in
            try await withThrowingTaskGroup(of: (String, TestResponse).self) { group in
                for number in 0..<20 {
                    let language = ["es", "eu"][number % 2]
                    group.addTask { (language, try await client.ask("/a", .get, [.acceptLanguage: language])) }
                }
                #expect(await until { site.visits.count == 1 })
                for _ in 0..<1_000 { await Task.yield() }
                gate.open()
                for try await (language, answer) in group { #expect(answer.text == language) }
            }
            #expect(site.visits.count == 2)
        }
    }

    @Test func aRequestThatGoesHarmsNoOther() async throws {
        let gate = Gate()
        let site = TestSite { _, run in
            if run == 1 {
                // Ends with its request, as a handler does that heeds cancellation.
                while !Task.isCancelled { await Task.yield() }
                throw CancellationError()
            }
            await gate.pass()
            return Response(status: .ok, headers: [.cacheControl: "max-age=60"], body: .text("\(run)"))
        }
        try await site.test { client async throws in
            let first = Task { try await client.ask() }
            #expect(await until { site.visits.count == 1 })
            try await withThrowingTaskGroup(of: TestResponse.self) { group in
                for _ in 0..<10 { group.addTask { try await client.ask() } }
                for _ in 0..<1_000 { await Task.yield() }
                first.cancel()
                #expect(await until { site.visits.count == 2 })
                gate.open()
                for try await answer in group { #expect(answer.text == "2") }
            }
            _ = await first.result
            #expect(site.visits.count == 2)
        }
    }

    @Test func aStaleResponseIsServedWhileOneRequestMakesANewOne() async throws {
        let gate = Gate()
        let site = TestSite { _, run in
            if run == 2 { await gate.pass() }
            return Response(
                status: .ok,
                headers: [.cacheControl: "max-age=60, stale-while-revalidate=30"],
                body: .text("\(run)")
            )
        }
        try await site.test { client async throws in
            _ = try await client.ask()
            site.time.advance(by: .seconds(70))
            async let second = client.ask()
            #expect(await until { site.visits.count == 2 })
            let meanwhile = try await client.ask()
            #expect(meanwhile.text == "1")
            #expect(meanwhile.field("Age") == "70")
            #expect(meanwhile.cacheStatus == "recuerde; hit; ttl=-10")
            gate.open()
            #expect(try await second.text == "2")
            #expect(try await client.ask().text == "2")
        }
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete, .patch])
    func aChangeRemovesWhatIsKeptUnderItsURI(method: HTTPRequest.Method) async throws {
        let site = TestSite { request, run in
            Response(
                status: request.headers.contains(.expect) ? .badRequest : .ok,
                headers: [.cacheControl: "max-age=60", .vary: "Accept-Language"],
                body: .text("\(run)")
            )
        }
        try await site.test { client async throws in
            let basque: HTTPFields = [.acceptLanguage: "eu"]
            _ = try await client.ask()
            _ = try await client.ask("/a", .get, basque)
            _ = try await client.ask("/b")
            // One that is refused changes nothing.
            #expect(try await client.ask("/a", method, [.expect: "x"]).cacheStatus == "recuerde; fwd=method")
            #expect(try await client.ask().text == "1")
            _ = try await client.ask("/a", method, [.authorization: "Bearer t"])
            #expect(try await client.ask().text == "6")
            #expect(try await client.ask("/a", .get, basque).text == "7")
            #expect(try await client.ask("/b").text == "3")
        }
    }

    @Test func aResponseThatWasBegunBeforeAChangeIsNotKept() async throws {
        let gate = Gate()
        let site = TestSite { _, run in
            if run == 1 { await gate.pass() }
            return Response(status: .ok, headers: [.cacheControl: "max-age=60"], body: .text("\(run)"))
        }
        try await site.test { client async throws in
            async let first = client.ask()
            #expect(await until { site.visits.count == 1 })
            _ = try await client.ask("/a", .post)
            gate.open()
            let begun = try await first
            #expect(begun.text == "1")
            #expect(begun.cacheStatus == "recuerde; fwd=miss")
            #expect(try await client.ask().text == "3")
        }
    }

    @Test func errorsOfHandlersPassThroughUntouched() async throws {
        struct Broken: Error {}
        let site = TestSite { _, run in
            if run == 1 { throw HTTPError(.badRequest, message: "no") }
            throw Broken()
        }
        try await site.test { client async throws in
            #expect(try await client.ask().status == .badRequest)
            #expect(try await client.ask().status == .internalServerError)
            #expect(site.visits.count == 2)
        }
    }

    @Test func aCacheThatRefusesFailsNoRequest() async throws {
        let site = TestSite("max-age=60")
        try await site.test { client async throws in
            #expect(try await client.ask("/" + String(repeating: "a", count: 70_000)).text == "1")
            _ = try await client.ask()
            site.cache.close()
            #expect(try await client.ask().text == "3")
        }
    }

    @Test func noKeyStandsInTheLog() async throws {
        let lines = Lines()
        let logger = lines.logger
        let site = TestSite(logger: logger) { _, run in
            Response(status: .ok, headers: [.cacheControl: "max-age=60", .vary: "Accept"], body: .text("\(run)"))
        }
        try await site.test { client async throws in
            _ = try await client.ask("/secret-path?token=secret-query")
            _ = try await client.ask("/secret-path?token=secret-query", .get, [.accept: "secret-type"])
            _ = try await client.ask("/secret-path?token=secret-query", .post)
        }
        #expect(!lines.text.isEmpty)
        #expect(!lines.text.contains("secret"))
    }
}
