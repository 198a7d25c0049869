// What leaves memory: compressed, encrypted, under hidden names; and a type that has changed.

import Recuerde
import RecuerdeTesting

// snippet.hide

let newest = [UInt8](repeating: 1, count: 32)
let former = [UInt8](repeating: 2, count: 32)
let forNames = [UInt8](repeating: 3, count: 32)
// snippet.show

struct Feedback: Codable, Sendable, CacheSchemaVersioned {
    static let cacheSchemaVersion: UInt32 = 2
    var paragraphs: [String]

    // Version 1 was one text.
    static func upgraded(fromCached old: CachedPayload) -> Feedback? {
        old.version == 1 ? old.decoded(as: String.self).map { Feedback(paragraphs: [$0]) } : nil
    }
}

var configuration = CacheConfiguration()
configuration.payload.compression = PayloadCompression()
configuration.payload.encryption = try PayloadEncryption(
    .required,
    keys: [EncryptionKey(id: "2026-12", secret: newest), EncryptionKey(id: "2026-06", secret: former)],
    writingWith: "2026-12"
)
configuration.payload.keyHashing = try KeyHashing(secret: forNames)
for problem in configuration.problems { print(problem) }

// In place of a store in Redis.
let store = ScriptedRemoteTier(timeSource: SystemTimeSource())
let cache = Cache(configuration: configuration, remote: store)
try await cache.set("learner:7:feedback", to: Feedback(paragraphs: ["Muy bien.", "Otra vez, por favor."]))

print(try await cache.get("learner:7:feedback", as: Feedback.self)?.paragraphs ?? [])
print(try await cache.keys().keys)
print(cache.statistics().payload.encrypted, "encrypted")
// snippet.hide

precondition(store.names.allSatisfy { !$0.contains("learner") })
precondition(cache.statistics().payload.encrypted == 1)
