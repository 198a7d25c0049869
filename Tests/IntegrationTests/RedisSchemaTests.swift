import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Testing

/// Two versions of a service side by side on one real server.
@Suite(.timeLimit(.minutes(1))) struct RedisSchemaTests {
    /// A type that is one text in version 1, and its words in version 2; the task says which it is.
    private struct Answer: Codable, Sendable, Equatable, CacheSchemaVersioned {
        @TaskLocal static var cacheSchemaVersion: UInt32 = 0

        var words: [String]

        init(_ text: String) { words = text.split(separator: " ").map(String.init) }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if Self.cacheSchemaVersion == 1 {
                self.init(try container.decode(String.self))
            } else {
                self.init(try container.decode([String].self).joined(separator: " "))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if Self.cacheSchemaVersion == 1 {
                try container.encode(words.joined(separator: " "))
            } else {
                try container.encode(words)
            }
        }

        static func upgraded(fromCached old: CachedPayload) throws -> Answer? {
            guard cacheSchemaVersion == 2, old.version == 1 else { return nil }
            return old.decoded(as: String.self).map(Answer.init)
        }
    }

    private struct Service {
        let cache: Cache
        let version: UInt32

        func get() async throws -> Answer? {
            try await Answer.$cacheSchemaVersion.withValue(version) { try await cache.get("k", as: Answer.self) }
        }

        func set(_ text: String) async throws {
            try await Answer.$cacheSchemaVersion.withValue(version) { try await cache.set("k", to: Answer(text)) }
        }

        func load(_ text: String) async throws -> Answer {
            try await Answer.$cacheSchemaVersion.withValue(version) {
                try await cache.value(for: "k") { Answer(text) }
            }
        }
    }

    private func withServices(
        _ body: (_ server: RedisServerProcess, _ old: Service, _ new: Service) async throws -> Void
    ) async throws {
        try await withRedisServer { server in
            try await withNode(server, tracks: true) { (old: Node) async throws -> Void in
                try await withNode(server, tracks: true) { (new: Node) async throws -> Void in
                    try await body(
                        server,
                        Service(cache: old.cache, version: 1),
                        Service(cache: new.cache, version: 2)
                    )
                }
            }
        }
    }

    @Test func theNewerReadsWhatTheOlderWroteAndTheOlderLoadsItsOwn() async throws {
        try await withServices { server, old, new in
            try await old.set("buenos días")
            let stored = try server.command("GET", "test:v2:k")
            #expect(try await new.get() == Answer("buenos días"))
            // Reading has written nothing.
            #expect(try server.command("GET", "test:v2:k") == stored)
            #expect(try await old.get() == Answer("buenos días"))
            try await new.set("buenas tardes")
            let isNew = try await eventually { try await old.get() == nil }
            #expect(isNew && old.cache.statistics().payload.otherSchemas > 0)
            // What the older one loads is handed out; the newer one's entry stays.
            let newer = try server.command("GET", "test:v2:k")
            #expect(newer != stored)
            #expect(try await old.load("propio") == Answer("propio"))
            #expect(try server.command("GET", "test:v2:k") == newer)
            #expect(try await new.get() == Answer("buenas tardes"))
            #expect(new.cache.statistics().payload.schemaUpgrades == 1)
        }
    }

    @Test func whatOneRemovesOrClearsIsGoneForTheOther() async throws {
        try await withServices { _, old, new in
            try await old.set("hola")
            #expect(try await new.get() == Answer("hola"))
            #expect(try await old.cache.delete("k"))
            let isGone = try await eventually { try await new.get() == nil }
            #expect(isGone)
            try await new.set("hola")
            #expect(try await old.cache.clear() == 1)
            let isCleared = try await eventually { try await new.get() == nil }
            #expect(isCleared)
        }
    }
}
