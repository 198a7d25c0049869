import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import RecuerdeTesting
import Testing

@testable import RecuerdeCommands

/// Whole services on one real Redis, which keeps for them what nobody else can read.
@Suite(.serialized, .timeLimit(.minutes(2))) struct EncryptedServiceTests {
    private static let token = "a-token-for-tests-only"
    private static let answer = String(repeating: "Marisol, la forma correcta es cantase. ", count: 20)

    /// 32 bytes in Base64.
    private static func secret(_ byte: UInt8) -> String { Data(repeating: byte, count: 32).base64EncodedString() }

    private static func settings(
        _ redis: RedisServerProcess,
        _ provider: AnsweringProvider,
        _ more: [String: String]
    ) -> [String: String] {
        [
            "REDIS_URL": redis.url, "ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": provider.baseURL,
            "RECUERDE_ADMIN_TOKEN": token,
        ].merging(more) { $1 }
    }

    private static func encrypted(_ keys: String...) -> [String: String] {
        [
            "RECUERDE_ENCRYPTION": "required", "RECUERDE_NAME_SECRET": secret(9),
            "RECUERDE_ENCRYPTION_KEYS": keys.joined(separator: ","),
        ]
    }

    /// Runs a service on a free port while `body` runs.
    private func running(
        _ values: [String: String],
        _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        try await ServiceAssemblyTests().running(values) { port, lines in
            try await body("http://127.0.0.1:\(port)")
            #expect(!lines.text.contains("Marisol") && !lines.text.contains(Self.secret(1)))
        }
    }

    private static func send(
        _ method: HTTPMethod,
        _ url: String,
        _ body: String? = nil
    ) async throws -> [String: Any] {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1_048_576)
        #expect(response.status == .ok)
        return try JSONSerialization.jsonObject(with: Data(bytes.readableBytesView)) as? [String: Any] ?? [:]
    }

    /// Where the answer to a learner's question came from.
    @discardableResult
    private static func ask(_ url: String, _ text: String = "cantara mal Marisol") async throws -> String? {
        let question = #"{"user_answer":"\#(text)","correct_answer":"cantase","records":["exercise:subjuntivo"]}"#
        let answer = try await send(.POST, url + "/api/ai/feedback", question)
        #expect((answer["feedback"] as? String)?.hasPrefix("Marisol") == true)
        return (answer["provenance"] as? [String: Any])?["source"] as? String
    }

    private static func keys(_ url: String) async throws -> [String] {
        try await send(.GET, url + "/api/cache/keys")["keys"] as? [String] ?? []
    }

    /// What `recuerde explain` says.
    private static func explain(_ url: String, _ key: String, _ flags: String...) async throws -> (
        code: Int32, text: String
    ) {
        let file = try CommandTests().noFile()
        defer { file.remove() }
        let (code, recorded) = await CommandTests().run(
            ["explain", key, "--env-file", file.path, "--url", url] + flags,
            environment: ["RECUERDE_ADMIN_TOKEN": token]
        )
        return (code, recorded.output + recorded.error)
    }

    /// How many names and values of the server hold a text.
    private static func found(_ text: String, on server: RedisServerProcess) throws -> Int? {
        let script = """
            local found, cursor = 0, '0'
            repeat
              local page = redis.call('SCAN', cursor)
              cursor = page[1]
              for _, name in ipairs(page[2]) do
                local value = redis.pcall('GET', name)
                if string.find(name, ARGV[1], 1, true) then found = found + 1 end
                if type(value) == 'string' and string.find(value, ARGV[1], 1, true) then found = found + 1 end
              end
            until cursor == '0'
            return found
            """
        return Int(try server.command("EVAL", script, "0", text))
    }

    @Test func nothingCanBeReadInRedisAndAllOfItByTheOtherService() async throws {
        try await withRedisServer { redis in
            try await AnsweringProvider.with(saying: Self.answer) { provider in
                let values = Self.settings(redis, provider, Self.encrypted("a:\(Self.secret(1))"))
                try await running(values) { one in
                    #expect(try await Self.ask(one) == "load")
                    try await running(values) { two in
                        #expect(try await Self.ask(two) == "redis")
                        #expect(provider.requests == 1)
                        for text in ["Marisol", "canta", "correcta", "feedback", "exercise", "subjuntivo", "haiku"] {
                            #expect(try Self.found(text, on: redis) == 0, "\(text)")
                        }
                        let keys = try await Self.keys(two)
                        #expect(keys.count == 1 && keys.allSatisfy { $0.hasPrefix("%~") })
                        // What makes the answer void is heard by the other.
                        _ = try await Self.send(
                            .POST,
                            one + "/api/cache/invalidate",
                            #"{"records":["exercise:subjuntivo"]}"#
                        )
                        #expect(try await Self.ask(two) == "load" && provider.requests == 2)
                    }
                }
                // The search finds what can be read; and the key that the service makes explains what it holds for others.
                try await running(Self.settings(redis, provider, [:])) { plain in
                    #expect(try await Self.ask(plain) == "load")
                    #expect(
                        try Self.found("feedback", on: redis) ?? 0 > 0 && Self.found("exercise", on: redis) ?? 0 > 0
                    )
                    let clear = try #require(try await Self.keys(plain).first { !$0.hasPrefix("%~") })
                    try await running(values) { one in
                        let (code, text) = try await Self.explain(one, clear)
                        #expect(code == 0, "\(text)")
                        #expect(text.hasPrefix("verdict  hit: Redis holds it fresh\n"))
                        #expect(text.contains(", compressed, key a\n") && !text.contains("Marisol"))
                        #expect(text.contains("key      %~") && !text.contains("feedback"))
                    }
                }
            }
        }
    }

    @Test func keysAreChangedByRestartsOfTheService() async throws {
        try await withRedisServer { redis in
            try await AnsweringProvider.with(saying: Self.answer) { provider in
                let (old, new) = ("old:\(Self.secret(1))", "new:\(Self.secret(2))")
                func settings(_ keys: String...) -> [String: String] {
                    var values = Self.settings(redis, provider, Self.encrypted())
                    values["RECUERDE_ENCRYPTION_KEYS"] = keys.joined(separator: ",")
                    return values
                }
                try await running(settings(old)) { url in
                    #expect(try await Self.ask(url) == "load")
                    let key = try #require(try await Self.keys(url).first)
                    #expect(try await Self.explain(url, key).text.contains(", key old\n"))
                }
                // What is there is read, and what is new is written with the new key.
                try await running(settings(new, old)) { url in
                    let before = try #require(try await Self.keys(url).first)
                    #expect(try await Self.ask(url) == "redis" && provider.requests == 1)
                    #expect(try await Self.ask(url, "Marisol otra vez") == "load")
                    let after = try #require(try await Self.keys(url).first { $0 != before })
                    #expect(try await Self.explain(url, before).text.contains(", key old\n"))
                    #expect(try await Self.explain(url, after).text.contains(", key new\n"))
                }
                // Without the old key, what it has written is a miss, a counter, and written anew.
                try await running(settings(new)) { url in
                    #expect(try await Self.ask(url, "Marisol otra vez") == "redis")
                    let keys = try await Self.keys(url)
                    var texts: [String] = []
                    for key in keys { texts.append(try await Self.explain(url, key).text) }
                    let miss =
                        "verdict  miss: what Redis holds is encrypted with a key that this process does not know\n"
                    #expect(keys.count == 2 && texts.filter { $0.hasPrefix(miss) }.count == 1)
                    #expect(try await Self.ask(url) == "load" && provider.requests == 3)
                    let statistics = try await Self.send(.GET, url + "/api/cache/statistics")
                    let payload = try #require(statistics["payload"] as? [String: Int])
                    #expect(payload["unknown_keys"] ?? 0 > 0 && payload["encrypted"] == 1 && payload["compressed"] == 1)
                    #expect(payload["bytes_after_compression"] ?? 0 < payload["bytes_before_compression"] ?? 0)
                    texts = []
                    for key in keys { texts.append(try await Self.explain(url, key).text) }
                    #expect(texts.allSatisfy { $0.contains(", key new\n") })
                }
            }
        }
    }

    @Test func explanationsOfARunningServiceAreJSONToo() async throws {
        try await ServiceAssemblyTests().running(["RECUERDE_ADMIN_TOKEN": Self.token]) { port, _ in
            let url = "http://127.0.0.1:\(port)"
            let (code, text) = try await Self.explain(url, "a/b:ñ %2F", "--json")
            #expect(code == 0)
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            #expect(object?["key"] as? String == "a/b:ñ %2F" && object?["verdict"] as? String != nil)
            #expect(try await Self.explain(url, "k").text.contains("memory   nothing\nredis    not configured\n"))
            // The wrong token, and nobody there.
            let file = try CommandTests().noFile()
            defer { file.remove() }
            let (refused, recorded) = await CommandTests().run(
                ["explain", "k", "--env-file", file.path, "--url", url],
                environment: ["RECUERDE_ADMIN_TOKEN": "another-token-for-tests"]
            )
            #expect(refused == 1 && recorded.error.contains("refuses (HTTP 401)"))
        }
        #expect(try await Self.explain("http://127.0.0.1:1", "k").code == 2)
    }
}
