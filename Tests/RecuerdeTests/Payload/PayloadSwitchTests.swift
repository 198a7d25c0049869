import RecuerdeTesting
import Testing

@testable import Recuerde

/// Stages of the payload switched on and off over live data, in every order.
@Suite struct PayloadSwitchTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }

    /// How a process may be configured.
    struct Stages: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var isCompressing = false
        var policy = PayloadEncryption.Policy.off
        var keys: [String] = []
        var isHashing = false

        func apply(_ configuration: inout CacheConfiguration) {
            if isCompressing { configuration.payload.compression = .from(64) }
            configuration.payload.encryption =
                (try? PayloadEncryption(policy, keys: keys.map { try .sample($0) })) ?? .off
            if isHashing { configuration.payload.keyHashing = try? .sample() }
        }

        /// Whether a process of these stages reads what one of those has written.
        func reads(_ writer: Stages) -> Bool {
            guard isHashing == writer.isHashing else { return false }
            guard writer.policy != .off, let key = writer.keys.first else { return policy != .required }
            return keys.contains(key)
        }
    }

    static let stages: [Stages] = [
        Stages(testDescription: "nothing"),
        Stages(testDescription: "compressed", isCompressing: true),
        Stages(testDescription: "knows a key", policy: .off, keys: ["a"]),
        Stages(testDescription: "preferred", policy: .preferred, keys: ["a"]),
        Stages(testDescription: "preferred, compressed", isCompressing: true, policy: .preferred, keys: ["a"]),
        Stages(testDescription: "required", isCompressing: true, policy: .required, keys: ["a"]),
        Stages(testDescription: "next key", policy: .required, keys: ["b", "a"]),
        Stages(testDescription: "next key alone", isCompressing: true, policy: .required, keys: ["b"]),
        Stages(testDescription: "hashed", isHashing: true),
        Stages(testDescription: "all", isCompressing: true, policy: .required, keys: ["b", "a"], isHashing: true),
    ]

    private static let long = String(repeating: "Espero que hayas hablado con ella. ", count: 40)

    @Test(arguments: stages)
    func scenario67_everyStageIsReadByEveryOtherOrMissed(writing: Stages) async throws {
        for reading in Self.stages {
            for (key, text) in [("short", "¡Ojalá!"), ("long", Self.long)] as [(CacheKey, String)] {
                let (writer, reader) = (nodes.node(writing.apply), nodes.node(reading.apply))
                var options = EntryOptions.timeToLive(.seconds(100))
                options.tags = ["verb:hablar"]
                options.maximumStaleness = .seconds(100)
                try await writer.set(key, to: text, options: options)
                #expect(try await nodes.node(writing.apply).get(key) == text)
                let expected = reading.reads(writing) ? text : nil
                #expect(try await reader.get(key) == expected, "\(reading.testDescription)")
                #expect(try await reader.contains(key) == (expected != nil))
                #expect(try await reader.get([key], as: String.self) == (expected.map { [key: $0] } ?? [:]))
                #expect(reader.statistics().total.errors == 0)
                // Expired where it stands, with a stamp and a flag that are not authenticated.
                try await writer.expire(key)
                #expect(try await reader.get(key, as: String.self) == nil)
                let fallback = try? await reader.value(for: key) { () -> String in throw LoadFailure() }
                #expect(fallback == expected)
                // A loaded value takes its place, and is read as what it is.
                let next: String = try await reader.value(for: key) { "new" }
                #expect(next == expected ?? "new")
                try await reader.set(key, to: "newer", options: options)
                #expect(try await nodes.node(reading.apply).get(key) == "newer")
                _ = try await reader.delete(key)
                _ = try await writer.delete(key)
            }
        }
    }

    @Test func aTouchedEntryIsSealedAnew() async throws {
        for touching in Self.stages {
            let writer = nodes.node(Self.stages[3].apply)
            let toucher = nodes.node(touching.apply)
            try await writer.set("k", to: Self.long, options: .timeToLive(.seconds(10)))
            let reads = touching.reads(Self.stages[3])
            #expect(try await toucher.touch("k", timeToLive: .seconds(500)) == reads, "\(touching.testDescription)")
            guard reads else { continue }
            let found = try #require(try await nodes.node(touching.apply).result(for: "k", as: String.self))
            #expect(found.value == Self.long && found.provenance.remaining == .seconds(500))
            let bytes = try #require(remote.record("test:v2:k")?.bytes)
            #expect(bytes[4] & 2 == (touching.policy == .off ? 0 : 2))
        }
    }

    @Test func aKeyIsReplacedAndTheReplacementTakenBack() async throws {
        func node(_ keys: [String]) throws -> Cache {
            let known = try keys.map { try EncryptionKey.sample($0) }
            let encryption = try PayloadEncryption(.required, keys: known)
            return nodes.node { $0.payload.encryption = encryption }
        }
        try await node(["a"]).set("k", to: 1)
        // Known first, then writing.
        let aware = try node(["a", "b"])
        #expect(try await aware.get("k") == 1)
        let forth = try node(["b", "a"])
        #expect(try await forth.get("k") == 1)
        try await forth.set("k", to: 2)
        #expect(try await aware.get("k") == 2)
        #expect(try await node(["b"]).get("k") == 2)
        let former = try node(["a"])
        #expect(try await former.get("k", as: Int.self) == nil)
        #expect(former.statistics().payload.unknownKeys == 1 && former.statistics().decodeFailures == 1)
        // And back.
        try await aware.set("k", to: 3)
        #expect(try await former.get("k") == 3)
        #expect(try await forth.get("k") == 3)
        #expect(try await node(["b"]).get("k", as: Int.self) == nil)
        #expect(aware.statistics().payload.encrypted == 1)
    }

    @Test func theKeyThatWritesMayBeNamed() async throws {
        let keys = try [EncryptionKey.sample("a"), .sample("b")]
        let encryption = try PayloadEncryption(.required, keys: keys, writingWith: "b")
        try await nodes.node { $0.payload.encryption = encryption }.set("k", to: 1)
        #expect(remote.record("test:v2:k")?.bytes.contains(text: "b") == true)
        let later = try PayloadEncryption(.required, keys: [.sample("b")])
        #expect(try await nodes.node { $0.payload.encryption = later }.get("k") == 1)
    }
}
