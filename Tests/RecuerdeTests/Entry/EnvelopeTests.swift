import Testing

@testable import Recuerde

@Suite struct EnvelopeTests {
    private func sample(payload: [UInt8] = Array(#"{"a":1}"#.utf8)) -> Envelope {
        Envelope(
            metadata: EntryMetadata(
                stamp: Stamp(microseconds: 1_784_550_000_123_456),
                createdAt: UnixTime(microseconds: 1),
                logicalExpiry: UnixTime(microseconds: 2),
                physicalExpiry: UnixTime(microseconds: .max),
                tags: ["verb:hablar", "ñ"],
                cost: LoadCost(microdollars: 5, tokensIn: 6, tokensOut: 7, duration: .milliseconds(8)),
                validators: Validators(etag: "W/\"1\"", lastModified: "Sun, 06 Nov 1994 08:49:37 GMT")
            ),
            fingerprint: TypeFingerprint(of: Int.self),
            schemaVersion: 3,
            payload: payload[...]
        )
    }

    @Test func everythingComesBack() throws {
        let bytes = try #require(sample().encoded())
        let decoded = try #require(Envelope(decoding: bytes[...]))
        #expect(decoded.metadata == sample().metadata)
        #expect(decoded.fingerprint == TypeFingerprint(of: Int.self))
        #expect(decoded.schemaVersion == 3)
        #expect(Array(decoded.payload) == Array(#"{"a":1}"#.utf8))
    }

    @Test func theStampStandsWhereAScriptLooksForIt() throws {
        let bytes = try #require(sample().encoded())
        #expect(String(decoding: bytes[8..<28], as: UTF8.self) == "00001784550000123456")
        var restamped = bytes
        restamped.replaceSubrange(8..<28, with: Array("00009000000000000001".utf8))
        #expect(Envelope(decoding: restamped[...])?.metadata.stamp == Stamp(microseconds: 9_000_000_000_000_001))
    }

    @Test func anyOtherChangedByteIsNoticed() throws {
        let bytes = try #require(sample().encoded())
        for index in bytes.indices where !Envelope.stampRange.contains(index) {
            var damaged = bytes
            damaged[index] ^= 0x01
            #expect(Envelope(decoding: damaged[...]) == nil, "byte \(index)")
        }
    }

    @Test func theMarkOfTheExpiredIsNoPartOfTheChecksum() throws {
        let bytes = try #require(sample().encoded())
        let expired = try #require(Envelope.expired(bytes))
        #expect(bytes.indices.filter { bytes[$0] != expired[$0] } == [4] && expired[4] == 0x80)
        #expect(Envelope.expired(expired) == expired)
        var decoded = try #require(Envelope(decoding: expired[...]))
        #expect(decoded.metadata.isExpired && decoded.encoded() == expired)
        // Not fresh at any time, however long it would have been.
        for time in [1, 2, 3] as [Int64] {
            #expect(decoded.metadata.freshUntil(UnixTime(microseconds: time)).microseconds == min(2, time))
        }
        decoded.metadata.isExpired = false
        #expect(decoded.encoded() == bytes && decoded.metadata == sample().metadata)
        #expect(Envelope.head(bytes).map { $0.isExpired } == false)
        #expect(Envelope.head(expired).map { $0.isExpired } == true)
        #expect(Envelope.head(expired)?.stamp == sample().metadata.stamp)
        // Any other flag is still one that is not known.
        for flag in 0..<7 {
            var other = expired
            other[4] |= 1 << UInt8(flag)
            #expect(Envelope(decoding: other[...]) == nil)
        }
    }

    @Test func whatMayNotStandInIsNotMarked() throws {
        var envelope = sample()
        envelope.metadata.physicalExpiry = envelope.metadata.logicalExpiry
        #expect(Envelope.expired(try #require(envelope.encoded())) == nil)
        #expect(Envelope.expired(Array("true".utf8)) == nil)
        #expect(Envelope.expired([]) == nil)
    }

    @Test func aShorterOneIsNoticed() throws {
        let bytes = try #require(sample().encoded())
        for length in 0..<bytes.count { #expect(Envelope(decoding: bytes[..<length]) == nil) }
        #expect(Envelope(decoding: (bytes + [0])[...]) == nil)
    }

    @Test func aSliceFromTheMiddleOfABufferIsRead() throws {
        let bytes = try #require(sample().encoded())
        let buffer = [1, 2, 3] + bytes
        #expect(Envelope(decoding: buffer[3...])?.metadata == sample().metadata)
    }

    @Test func foreignBytesAreNoEnvelope() {
        var generator = SplitMix64(seed: 7)
        for _ in 0..<5_000 {
            let length = Int.random(in: 0..<200, using: &generator)
            var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if length > 4 { bytes.replaceSubrange(0..<4, with: [0xCA, 0x52, 0x45, 2]) }
            #expect(Envelope(decoding: bytes[...]) == nil)
        }
    }

    @Test func tagsThatDoNotFitAreRefused() {
        var envelope = sample()
        envelope.metadata.tags = [String(repeating: "x", count: 70_000)]
        #expect(envelope.encoded() == nil)
        envelope.metadata.tags = (0..<4_000).map { "tag-number-\($0)-of-many" }
        #expect(envelope.encoded() == nil)
    }

    @Test func typesAreToldApart() {
        #expect(TypeFingerprint(of: Int.self) != TypeFingerprint(of: Double.self))
        #expect(TypeFingerprint(of: Int?.self) != TypeFingerprint(of: String?.self))
        #expect(TypeFingerprint(of: [Int].self) == TypeFingerprint(of: Array<Int>.self))
    }

    @Test func theChecksumIsTheKnownOne() {
        // The check value of CRC-32/ISO-HDLC.
        #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)
    }
}

/// A small generator with a seed, so that a failure can be repeated. Source: Steele, Lea, Flood, "Fast Splittable
/// Pseudorandom Number Generators", 2014.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
