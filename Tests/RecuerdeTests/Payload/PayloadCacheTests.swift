import Logging
import RecuerdeTesting
import Testing

@testable import Recuerde

/// Compression and encryption beside what else a cache does.
@Suite struct PayloadCacheTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private let required: PayloadEncryption

    init() throws {
        required = try PayloadEncryption(.required, keys: [.sample("a")])
    }

    private static let long = String(repeating: "Espero que hayas hablado con ella. ", count: 40)
    private static func noise(_ count: Int) -> String {
        var generator = SplitMix64(seed: 5)
        return String((0..<count).map { _ in Character(Unicode.Scalar(UInt8.random(in: 33...126, using: &generator))) })
    }

    // MARK: Compression

    @Test func aValueIsCompressedFromItsThresholdOnWhereItHelps() async throws {
        func flags(_ text: String, from threshold: Int) async throws -> UInt8 {
            let cache = nodes.node { $0.payload.compression = .from(threshold) }
            try await cache.set("k", to: text)
            #expect(try await nodes.node().get("k") == text)
            let flags = try #require(remote.record("test:v2:k")?.bytes[4])
            #expect(cache.statistics().payload.compressed == Int(flags & 1))
            return flags
        }
        let bytes = Self.long.utf8.count + 2
        #expect(try await flags(Self.long, from: bytes) == 1)
        #expect(try await flags(Self.long, from: bytes + 1) == 0)
        #expect(try await flags(Self.noise(130), from: 100) == 0)
        #expect(try await flags("", from: 0) == 0)
        let compressed = try #require(remote.record("test:v2:k"))
        #expect(compressed.bytes.count < 200)
    }

    @Test func theLimitOfAValueCountsBeforeItIsCompressed() async throws {
        let bytes = Self.long.utf8.count + 2
        let compression = PayloadCompression.from(64)
        func kept(_ limit: Int) async throws -> Bool {
            let cache = nodes.node {
                $0.payload.compression = compression
                $0.maximumEntryBytes = limit
            }
            #expect(try await cache.value(for: "k") { Self.long } == Self.long)
            defer { remote.evict("test:v2:k") }
            return remote.record("test:v2:k") != nil
        }
        #expect(try await kept(bytes))
        #expect(try await kept(bytes - 1) == false)
    }

    @Test func memoryWeighsWhatItHoldsAndNotWhatWasStored() async throws {
        try await nodes.node().set("k", to: Self.long)
        let plain = nodes.node()
        _ = try await plain.get("k", as: String.self)
        try await nodes.node {
            $0.payload.compression = .from(64)
            $0.payload.encryption = required
        }.set("k", to: Self.long)
        let cache = nodes.node { $0.payload.encryption = required }
        #expect(try await cache.get("k") == Self.long)
        #expect(cache.statistics().memoryBytes >= MemoryEntry.overhead + Self.long.utf8.count)
        #expect(abs(cache.statistics().memoryBytes - plain.statistics().memoryBytes) < 200)
    }

    // MARK: Encryption

    @Test func nothingThatIsWrittenCanBeReadInRedis() async throws {
        let hashing = try KeyHashing.sample()
        let cache = nodes.node {
            $0.payload.encryption = required
            $0.payload.keyHashing = hashing
            $0.payload.compression = .from(64)
        }
        var options = EntryOptions()
        options.tags = ["learner:maria"]
        try await cache.set("learner:maria:hint", to: "contraseña", options: options)
        _ = try await cache.result(for: "learner:maria:feedback") { _ in
            Loaded("muy bien " + Self.long, cost: LoadCost(microdollars: 7), tags: ["exercise:hablar"])
        }
        try await cache.set(["learner:pablo": "bulk"], options: options)
        _ = try await cache.delete("learner:ana")
        try await cache.invalidate(tags: ["learner:maria"])
        _ = try await cache.expire("learner:pablo")
        remote.behave(Nodes.down)
        try await cache.set("learner:outage", to: "journal", options: options)
        _ = try await cache.delete("learner:luz")
        nodes.comeBack()
        #expect(try await cache.get("learner:outage") == "journal")
        await nodes.settle(cache)
        for text in ["maria", "contrase", "bien", "hayas", "hablar", "pablo", "bulk", "journal", "outage", "learner"] {
            #expect(!remote.everything.contains(text: text), "\(text)")
        }
        #expect(remote.names.count >= 5)
    }

    @Test func anEntryIsSealedAnewWhenItsTimesAreToldByAnotherClock() async throws {
        // The store's clock is an hour ahead, which the node learns when its write comes back as too late, or by asking.
        for offset in [Duration.seconds(3_600), .seconds(-3_600)] {
            let nodes = Nodes(clockOffset: offset)
            func node() -> Cache { nodes.node { $0.payload.encryption = required } }
            let cache = node()
            try await cache.set("k", to: "v", options: .timeToLive(.seconds(100)))
            let found = try #require(try await node().result(for: "k", as: String.self))
            #expect(found.value == "v" && found.provenance.remaining == .seconds(100))
            // What waited in the journal since before the clock was known.
            let other = node()
            nodes.remote.behave(Nodes.down)
            var options = EntryOptions.timeToLive(.seconds(100))
            options.tags = ["t"]
            try await other.set("l", to: "w", options: options)
            nodes.comeBack()
            _ = try await other.get("k", as: String.self)
            await nodes.settle(other)
            let late = try #require(try await node().result(for: "l", as: String.self))
            #expect(late.value == "w" && late.provenance.remaining == .seconds(97))
        }
    }

    @Test func tagsAndCostOfAnEncryptedEntryCount() async throws {
        let cache = nodes.node { $0.payload.encryption = required }
        let cost = LoadCost(microdollars: 9, tokensIn: 1, tokensOut: 2)
        _ = try await cache.result(for: "k") { _ in Loaded("v", cost: cost, tags: ["t"]) }
        let other = nodes.node { $0.payload.encryption = required }
        let found = try #require(try await other.result(for: "k", as: String.self))
        #expect(found.provenance.cost?.microdollars == 9)
        #expect(try await other.explain("k").redis?.tags == ["t"])
        try await cache.invalidate(tags: ["t"], by: .remove)
        #expect(try await other.get("k", as: String.self) == nil)
    }

    @Test func aStoreChangesNothingThatIsAuthenticated() async throws {
        try await RemoteTierConformance(
            tier: ScriptedRemoteTier(timeSource: SystemTimeSource()),
            prefix: "c:"
        ).checkAll()
    }

    // MARK: Secrets

    /// All numbers of a text in their order, however they are set.
    private func numbers(in text: String) -> String {
        text.split { !$0.isNumber }.joined(separator: ",")
    }

    @Test func noSecretIsShown() throws {
        let secret = Array("0123456789abcdefghijklmnopqrstuv".utf8)
        var configuration = CacheConfiguration()
        configuration.payload.encryption = try PayloadEncryption(
            .required,
            keys: [EncryptionKey(id: "2026", secret: secret)]
        )
        configuration.payload.keyHashing = try KeyHashing(secret: secret)
        var shown = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &shown)
        dump(try EncryptionKey(id: "2026", secret: secret), to: &shown)
        dump(try KeyHashing(secret: secret), to: &shown)
        dump(nodes.node { $0 = configuration }, to: &shown)
        #expect(shown.contains("2026"))
        for text in ["0123456789", "opqrstuv", "303132"] { #expect(!shown.contains(text)) }
        // Arrays are shown in a line, or with a line for each element.
        #expect(!numbers(in: shown).contains(",49,50,51,"))
        var bytes = ""
        dump([["secret": secret]], to: &bytes)
        #expect(numbers(in: bytes).contains(",49,50,51,") && numbers(in: "\(secret)").contains(",49,50,51,"))
    }

    @Test func whatIsWrongWithAKeyIsToldWithoutTheKey() throws {
        func problem(_ body: () throws -> Void) -> PayloadConfigurationError? {
            #expect(throws: PayloadConfigurationError.self) { try body() }
        }
        let good = Array(repeating: UInt8(ascii: "S"), count: 32)
        #expect(problem { _ = try EncryptionKey(id: "", secret: good) }?.id == .encryptionKeyID)
        #expect(problem { _ = try EncryptionKey(id: "a b", secret: good) }?.id == .encryptionKeyID)
        #expect(problem { _ = try EncryptionKey(id: "ñ", secret: good) }?.id == .encryptionKeyID)
        let long = String(repeating: "x", count: 33)
        #expect(problem { _ = try EncryptionKey(id: long, secret: good) }?.id == .encryptionKeyID)
        #expect(problem { _ = try EncryptionKey(id: "a", secret: good.dropLast()) }?.id == .encryptionSecret)
        #expect(problem { _ = try EncryptionKey(id: "a", secret: good + [0]) }?.id == .encryptionSecret)
        let base = problem { _ = try EncryptionKey(id: "a", base64: "SSSS SSSS!") }
        #expect(base?.id == .encryptionSecret && base?.description.contains("SSSS") == false)
        #expect(problem { _ = try KeyHashing(secret: good.dropLast()) }?.id == .nameSecret)
        #expect(problem { _ = try KeyHashing(base64: "?") }?.id == .nameSecret)
        let key = try EncryptionKey(id: "a", secret: good)
        let twice = [key, try EncryptionKey(id: "a", secret: good)]
        #expect(problem { _ = try PayloadEncryption(.preferred, keys: twice) }?.id == .encryptionKeyTwice)
        #expect(problem { _ = try PayloadEncryption(.required, keys: []) }?.id == .encryptionKeyMissing)
        #expect(
            problem { _ = try PayloadEncryption(.off, keys: [key], writingWith: "b") }?.id == .encryptionKeyUnknown
        )
        _ = try EncryptionKey(id: "a", base64: "U1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1M=")
        _ = try KeyHashing(base64: "U1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1M=")
    }

    @Test func aConfigurationTellsWhatContradictsItself() throws {
        var configuration = CacheConfiguration()
        configuration.payload.encryption = required
        configuration.payload.compression = PayloadCompression()
        #expect(configuration.problems.isEmpty)
        configuration.format = .plain
        #expect(configuration.problems.map(\.id) == [.encryptionNeedsEnvelope, .compressionNeedsEnvelope])
        #expect(configuration.problems.allSatisfy { $0.description.contains(" \($0.id): ") })
        configuration.payload = PayloadConfiguration()
        #expect(configuration.problems.isEmpty)
    }

    @Test func aCacheTellsOfThemInItsLog() {
        let record = LogRecord()
        var configuration = CacheConfiguration()
        configuration.payload.encryption = required
        configuration.format = .plain
        _ = Cache(configuration: configuration, timeSource: nodes.time, logger: record.logger(level: .warning))
        #expect(record.messages(atLeast: .warning) == ["cache_configuration_problem"])
        #expect(record.lines.first?.metadata["id"] == "encryption_needs_envelope")
    }

    // MARK: Snapshots

    @Test func aSnapshotIsEncryptedWithItsKeys() async throws {
        let cache = nodes.memoryOnly {
            $0.payload.encryption = required
            $0.payload.compression = .from(64)
        }
        var options = EntryOptions()
        options.tags = ["learner:maria"]
        try await cache.set("learner:maria", to: "contraseña", options: options)
        try await cache.set("long", to: Self.long)
        let snapshot = cache.snapshot()
        for text in ["maria", "contrase", "hayas", "long"] { #expect(!snapshot.contains(text: text)) }
        let restored = nodes.memoryOnly { $0.payload.encryption = required }
        #expect(restored.restore(snapshot) == 2)
        #expect(try await restored.get("learner:maria") == "contraseña")
        #expect(try await restored.get("long") == Self.long)
        try await restored.invalidate(tags: ["learner:maria"])
        #expect(try await restored.get("learner:maria", as: String.self) == nil)
        // Written again by one that does not encrypt, but knows the key.
        let lax = try PayloadEncryption(.off, keys: [.sample("a")])
        let open = nodes.memoryOnly { $0.payload.encryption = lax }
        #expect(open.restore(snapshot) == 2)
        #expect(open.snapshot().contains(text: "contrase"))
    }

    @Test func aSnapshotOfOthersIsRefusedRecordByRecord() async throws {
        let clear = nodes.memoryOnly()
        try await clear.set("k", to: "v")
        let strict = nodes.memoryOnly { $0.payload.encryption = required }
        #expect(strict.restore(clear.snapshot()) == 0)
        #expect(strict.statistics().payload.unencryptedRefused == 1)
        try await strict.set("k", to: "v")
        #expect(clear.restore(strict.snapshot()) == 0)
        #expect(clear.statistics().payload.unknownKeys == 1)
        let wrong = try PayloadEncryption(.required, keys: [.sample("a", seed: 7)])
        let other = nodes.memoryOnly { $0.payload.encryption = wrong }
        #expect(other.restore(strict.snapshot()) == 0)
        #expect(other.statistics().payload.forgeries == 1)
    }

    @Test func anEntryOfRedisIsNoRecordOfASnapshotAndTheOtherWayRound() async throws {
        let cache = nodes.node { $0.payload.encryption = required }
        try await cache.set("k", to: "v")
        let entry = try #require(remote.record("test:v2:k")?.bytes)
        let restored = nodes.memoryOnly { $0.payload.encryption = required }
        #expect(restored.restore(MemorySnapshot.header + MemorySnapshot.record(key: "k", envelope: entry)) == 0)
        #expect(restored.statistics().payload.forgeries == 1)
    }
}
