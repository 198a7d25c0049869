import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeCommands

/// Two services on one Redis.
extension ServiceAssemblyTests {
    private static let token = "a-token-for-tests-only"

    /// Where a service's answer comes from.
    private static func source(_ answer: String, _ port: Int, _ client: HTTPClient) async throws -> String {
        struct Body: Decodable {
            struct Provenance: Decodable { let source: String }
            let provenance: Provenance
        }
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/api/ai/feedback")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(
            ByteBuffer(
                string: #"{"user_answer":"\#(answer)","correct_answer":"hable","records":["exercise:\#(answer)"]}"#
            )
        )
        let body = try await client.execute(request, timeout: .seconds(10)).body.collect(upTo: 1 << 20)
        return try JSONDecoder().decode(Body.self, from: Data(body.readableBytesView)).provenance.source
    }

    /// Whether a service makes an answer anew, as soon as it has heard of what another has done.
    private static func makesAnew(_ answer: String, _ port: Int, _ client: HTTPClient) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if try await source(answer, port, client) == "tutor" { return true }
        }
        return false
    }

    @Test(.timeLimit(.minutes(2))) func whatOneProcessIsToldIsVoidInTheOther() async throws {
        let server = try RedisServerProcess()
        defer { server.stop() }
        let values = [
            "REDIS_URL": "redis://127.0.0.1:\(server.port)/0", "RECUERDE_ADMIN_TOKEN": Self.token,
            "RECUERDE_RATE_LIMIT": "0",
        ]
        try await running(values) { one, _ in
            try await running(values) { two, _ in
                try await Self.withHTTP { try await Self.expectWhatOneIsToldIsVoidInTheOther(one, two, $0) }
            }
        }
    }

    private static func expectWhatOneIsToldIsVoidInTheOther(_ one: Int, _ two: Int, _ client: HTTPClient) async throws {
        for answer in ["a", "b"] {
            #expect(try await source(answer, one, client) == "tutor")
            #expect(try await source(answer, two, client) == "redis")
            #expect(try await source(answer, two, client) == "memory")
        }
        let url = "http://127.0.0.1:\(one)"
        let call = InvalidationCall(baseURL: url + "/", token: token, timeout: .seconds(10))
        let record = await call.send(.init(tags: [], records: ["exercise:a"], keep_stale: true))
        #expect(record == .init(text: "tags 0, records 1: void", exitCode: 0))
        #expect(try await makesAnew("a", two, client))
        #expect(try await source("b", two, client) == "memory")
        let kind = await call.send(.init(tags: ["kind:feedback"], records: [], keep_stale: false))
        #expect(kind == .init(text: "tags 1, records 0: void", exitCode: 0))
        #expect(try await makesAnew("b", two, client))
        #expect(try await makesAnew("a", one, client))
        let empty = await call.send(.init(tags: [""], records: [], keep_stale: true))
        #expect(empty.exitCode == 1 && empty.text.contains("tags[0] must not be empty"))
        let stranger = InvalidationCall(baseURL: url, token: "another-token-of-somebody", timeout: .seconds(10))
        let refused = await stranger.send(.init(tags: ["x"], records: [], keep_stale: true))
        #expect(refused.exitCode == 1 && refused.text.contains("HTTP 401"))
    }

    /// The user of docs/setup.md may do all that the service does.
    @Test(.timeLimit(.minutes(2))) func theUserOfTheDocumentationIsEnough() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let setup = try String(contentsOf: root.appending(path: "docs/setup.md"), encoding: .utf8)
        let line = try #require(setup.split(separator: "\n").first { $0.hasPrefix("user recuerde on >PASSWORD ") })
        var options = RedisServerOptions()
        options.users = [String(line.dropFirst("user ".count))]
        let server = try RedisServerProcess(options)
        defer { server.stop() }
        let values = [
            "REDIS_URL": "redis://recuerde:PASSWORD@127.0.0.1:\(server.port)/0", "RECUERDE_ADMIN_TOKEN": Self.token,
        ]
        try await running(values) { port, lines in
            try await Self.withHTTP { client in
                let sources = [
                    try await Self.source("a", port, client), try await Self.source("a", port, client),
                ]
                #expect(sources == ["tutor", "memory"])
                let url = "http://127.0.0.1:\(port)"
                let call = InvalidationCall(baseURL: url, token: Self.token, timeout: .seconds(10))
                let done = await call.send(.init(tags: ["kind:hint"], records: ["exercise:a"], keep_stale: true))
                #expect(done == .init(text: "tags 1, records 1: void", exitCode: 0))
                let again = try await Self.source("a", port, client)
                #expect(again == "tutor")
            }
            let text = lines.text
            #expect(text.contains("\"event\":\"redis_cache_initialized\""))
            // What the client does without, as CLIENT NO-EVICT, is a notice.
            #expect(!text.contains("\"level\":\"warning\""), "\(text)")
        }
    }

    private static func withHTTP(_ body: (HTTPClient) async throws -> Void) async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        do {
            try await body(client)
            try await client.shutdown()
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    @Test(arguments: [([:], true), (["RECUERDE_LOADS_ONCE_PER_CLUSTER": "false"], false)])
    func processesThatShareARedisAskTheProviderOnceUnlessToldOtherwise(
        values: [String: String],
        isOnce: Bool
    ) throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        defer { try? client.syncShutdown() }
        let cache = try assembly(values).makeService(httpClient: client, remote: nil).1
        #expect(cache.configuration.defaultLoadsOncePerCluster == isOnce)
    }
}
