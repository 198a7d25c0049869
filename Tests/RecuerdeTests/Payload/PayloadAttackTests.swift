import RecuerdeTesting
import Testing

@testable import Recuerde

/// What somebody can do who writes to Redis and has no key.
@Suite struct PayloadAttackTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private let required: PayloadEncryption

    init() throws {
        required = try PayloadEncryption(.required, keys: [.sample("a")])
    }

    private func node(_ change: (inout CacheConfiguration) -> Void = { _ in }) -> Cache {
        nodes.node {
            $0.payload.encryption = required
            change(&$0)
        }
    }

    private func stale() -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(10))
        options.maximumStaleness = .seconds(1_000)
        return options
    }

    @Test func aPlainEntryInPlaceOfAnEncryptedOneIsAMiss() async throws {
        try await node().set("k", to: "true")
        // Made by a process without keys, as an attacker could; later than what stands there, fresh or stale.
        try await nodes.node().set("k", to: "forged", options: stale())
        let cache = node()
        #expect(try await cache.get("k", as: String.self) == nil)
        #expect(try await cache.contains("k") == false)
        nodes.time.advance(by: .seconds(20))
        await #expect(throws: LoadFailure.self) {
            try await cache.value(for: "k") { () -> String in throw LoadFailure() }
        }
        #expect(try await cache.touch("k", timeToLive: .seconds(60)) == false)
        #expect(cache.statistics().payload.unencryptedRefused >= 2)
        #expect(try await cache.explain("k").redis?.state == "unencrypted")
        #expect(try await cache.explain("k").verdict.contains("not encrypted"))
        // It gives way to what is loaded.
        #expect(try await cache.value(for: "k") { "loaded" } == "loaded")
        #expect(try await node().get("k") == "loaded")
    }

    @Test func whoPrefersEncryptionReadsBoth() async throws {
        try await nodes.node().set("k", to: "clear")
        let preferred = try PayloadEncryption(.preferred, keys: [.sample("a")])
        let cache = nodes.node { $0.payload.encryption = preferred }
        #expect(try await cache.get("k") == "clear")
        try await cache.set("k", to: "hidden")
        #expect(remote.record("test:v2:k")?.bytes.contains(text: "hidden") == false)
        #expect(try await node().get("k") == "hidden")
    }

    @Test func thePlainFormatKeepsNothingWhereEncryptionIsRequired() async throws {
        remote.plant("test:k", bytes: Array("forged".utf8))
        let cache = node { $0.format = .plain }
        #expect(try await cache.get("k", as: String.self) == nil)
        #expect(try await cache.contains("k") == false)
        #expect(try await cache.value(for: "k") { "loaded" } == "loaded")
        try await cache.set("l", to: "secret")
        #expect(try await cache.get("l", as: String.self) == nil)
        #expect(!remote.everything.contains(text: "loaded") && !remote.everything.contains(text: "secret"))
        #expect(try await cache.explain("k").redis?.state == "unencrypted")
    }

    @Test func anEntryIsNotReadUnderAnotherKeyOrInAnotherCache() async throws {
        try await node().set("mine", to: "mine")
        let bytes = try #require(remote.record("test:v2:mine")?.bytes)
        remote.plant("test:v2:yours", bytes: bytes)
        remote.plant("other:v2:mine", bytes: bytes)
        let cache = node()
        #expect(try await cache.get("yours", as: String.self) == nil)
        #expect(cache.statistics().payload.forgeries == 1 && cache.statistics().decodeFailures == 1)
        #expect(try await node { $0.prefix = "other" }.get("mine", as: String.self) == nil)
        #expect(try await cache.get("mine") == "mine")
    }

    @Test func aLifeMadeLongerIsNoticed() async throws {
        try await node().set("k", to: "old", options: .timeToLive(.seconds(10)))
        var bytes = try #require(remote.record("test:v2:k")?.bytes)
        for index in 36..<52 { bytes[index] = 0x7F }
        Envelope.check(&bytes)
        remote.plant("test:v2:k", bytes: bytes)
        let cache = node()
        #expect(try await cache.get("k", as: String.self) == nil)
        #expect(cache.statistics().payload.forgeries == 1)
    }

    @Test func aBombAndALyingLengthAreMisses() async throws {
        let cache = nodes.node { $0.maximumEntryBytes = 100_000 }
        func plant(_ key: String, length: UInt32, _ payload: [UInt8]) async throws {
            try await nodes.node().set(CacheKey(key), to: "")
            let entry = try #require(remote.record("test:v2:\(key)"))
            var envelope = try #require(Envelope(decoding: entry.bytes[...]))
            envelope.isCompressed = true
            envelope.payload =
                ((0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + payload)[...]
            remote.plant("test:v2:\(key)", bytes: try #require(envelope.encoded()))
        }
        let zeros = Array(repeating: UInt8(0), count: 10_000_000)
        let bomb = try #require(Deflate.deflated(zeros[...], behind: [], atMost: 1 << 20, level: 9))
        try await plant("bomb", length: 10_000_000, bomb)
        try await plant("hidden-bomb", length: 99_999, bomb)
        let text = Array(#""text""#.utf8)
        let small = try #require(Deflate.deflated(text[...], behind: [], atMost: 100, level: 9))
        try await plant("good", length: 6, small)
        try await plant("longer", length: 7, small)
        try await plant("shorter", length: 5, small)
        try await plant("none", length: 0, small)
        try await plant("great", length: .max, small)
        try await plant("empty", length: 6, [])
        #expect(try await cache.get("good") == "text")
        let refused: [CacheKey] = ["bomb", "hidden-bomb", "longer", "shorter", "none", "great", "empty"]
        for key in refused { #expect(try await cache.get(key, as: String.self) == nil) }
        #expect(cache.statistics().payload.notInflated == refused.count)
        #expect(cache.statistics().decodeFailures == refused.count && cache.statistics().total.errors == 0)
    }
}
