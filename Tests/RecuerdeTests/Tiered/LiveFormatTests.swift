import RecuerdeTesting
import Testing

@testable import Recuerde

/// `docs/scenarios-cache.md`, the scenarios about entries that another release, or another setting, has written.
@Suite struct LiveFormatTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }

    /// Bytes as the first release with envelopes wrote them. Not to be changed: whoever needs other bytes needs another version.
    private static let integer = """
        ca5245020001006d303030303137383435353030303030303030303000065709ecd57c000006570ac36920000006570b99fc\
        c400f65a6abec28dbc5b00000000e4e5bbe301000b766572623a6861626c6172020018000000000000000500000006000000\
        070000000000001f403432
        """
    private static let dictionary = """
        ca52450200010044303030303137383435353030303030303030303000065709ecd57c000006570ac36920000006570b99fc\
        c40013a1b98b479b6b3800000000b85e5edf7b2274657874223a22c2a14f6a616cc3a121227d
        """

    private func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }

    @Test func scenario66_envelopesOfVersionTwoAreRead() async throws {
        remote.plant("test:v2:n", bytes: bytes(Self.integer))
        remote.plant("test:v2:d", bytes: bytes(Self.dictionary))
        // Without the record of its tag nobody believes the entry.
        let cache = nodes.node()
        #expect(try await cache.get("n", as: Int.self) == nil)
        let floor = Stamp(microseconds: nodes.time.unixTime().microseconds - 1_000_000)
        let record = RemoteTag.bytes(expired: floor, removed: floor)
        remote.plant("{test:v2:verb%3Ahablar}:g", bytes: record)
        let later = nodes.node()
        let result = try #require(try await later.result(for: "n", as: Int.self))
        #expect(result.value == 42 && result.provenance.remaining == .seconds(3_600))
        #expect(
            result.provenance.cost == LoadCost(microdollars: 5, tokensIn: 6, tokensOut: 7, duration: .milliseconds(8))
        )
        #expect(try await cache.get("d") == ["text": "¡Ojalá!"])
        #expect(later.memory.peek("n", now: nodes.time.now())?.tags == ["verb:hablar"])
        #expect(cache.statistics().decodeFailures == 0)
    }

    @Test func scenario66_andWrittenTheSame() throws {
        for text in [Self.integer, Self.dictionary] {
            let bytes = bytes(text)
            #expect(try #require(Envelope(decoding: bytes[...])).encoded() == bytes)
        }
    }

    @Test(arguments: [
        ("Muy bien", "Muy bien"), (#""quoted""#, #""quoted""#), ("true", "true"), ("", ""), ("¡Ojalá!", "¡Ojalá!"),
    ])
    func scenario66_plainTextOfTheFirstGenerationIsReadVerbatim(stored: String, value: String) async throws {
        remote.plant("test:k", bytes: Array(stored.utf8))
        #expect(try await nodes.node { $0.format = .plain }.get("k") == value)
    }

    @Test(arguments: [#"{"text": "\u00a1Ojal\u00e1!"}"#, #"{"text":"¡Ojalá!"}"#, " {\n \"text\" : \"¡Ojalá!\" } "])
    func scenario66_plainJSONOfTheFirstGenerationIsRead(stored: String) async throws {
        remote.plant("test:k", bytes: Array(stored.utf8))
        #expect(try await nodes.node { $0.format = .plain }.get("k") == ["text": "¡Ojalá!"])
    }

    /// What other releases may write: another version, flag (compressed, encrypted) or codec, undamaged.
    @Test(arguments: [(3, 1), (3, 3), (4, 1), (4, 2), (4, 0x40), (5, 0), (5, 2)] as [(Int, UInt8)])
    func scenario67_whatIsNotUnderstoodIsAMissAndGivesWay(offset: Int, value: UInt8) async throws {
        var bytes = bytes(Self.integer)
        bytes[offset] = value
        let sum = CRC32.checksum(
            bytes[68...],
            continuing: CRC32.checksum(bytes[28..<64], continuing: CRC32.checksum(bytes[..<8]))
        )
        for index in 0..<4 { bytes[64 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * index)) }
        remote.plant("test:v2:k", bytes: bytes)
        let cache = nodes.node()
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(cache.statistics().decodeFailures == 1 && cache.statistics().total.errors == 0)
        #expect(try await cache.value(for: "k") { 7 } == 7)
        #expect(try await nodes.node().get("k") == 7)
    }

    @Test func scenario67_theFormatMayBeSwitchedThereAndBackOverLiveData() async throws {
        let envelopes = nodes.node()
        try await envelopes.set("k", to: "envelope")
        try await envelopes.set("l", to: "envelope")
        let plain = nodes.node { $0.format = .plain }
        #expect(try await plain.get("k", as: String.self) == nil)
        try await plain.set("k", to: "plain")
        _ = try await plain.delete("l")
        // Each finds what it wrote itself, whatever the other did meanwhile; a clear under either leaves the other's.
        #expect(try await nodes.node().get("k") == "envelope")
        #expect(try await nodes.node().get("l") == "envelope")
        #expect(try await nodes.node { $0.format = .plain }.get("k") == "plain")
        #expect(try await plain.clear() == 1)
        #expect(try await nodes.node().get("k") == "envelope")
        #expect(envelopes.statistics().decodeFailures == 0 && plain.statistics().decodeFailures == 0)
    }
}
