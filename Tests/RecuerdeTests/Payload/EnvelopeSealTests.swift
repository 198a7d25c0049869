import Crypto
import Testing

@testable import Recuerde

/// Encrypted entries, byte by byte.
@Suite struct EnvelopeSealTests {
    private let name = "test:v2:user:1:hint"
    private let key: EncryptionKey
    private let pipeline: PayloadPipeline

    init() throws {
        key = try .sample("2026")
        pipeline = try .encrypting(key)
    }

    private func sample(compressed: Bool = false) -> Envelope {
        var envelope = Envelope(
            metadata: EntryMetadata(
                stamp: Stamp(microseconds: 1_784_550_000_123_456),
                createdAt: UnixTime(microseconds: 1),
                logicalExpiry: UnixTime(microseconds: 2),
                physicalExpiry: UnixTime(microseconds: 3),
                tags: ["verb:hablar", "ñ"],
                cost: LoadCost(microdollars: 5, tokensIn: 6, tokensOut: 7, duration: .milliseconds(8))
            ),
            fingerprint: TypeFingerprint(of: String.self),
            schemaVersion: 3,
            payload: Array(#""hablase""#.utf8)[...]
        )
        envelope.isCompressed = compressed
        return envelope
    }

    private func sealed() throws -> [UInt8] {
        try #require(pipeline.sealed(sample(), as: name))
    }

    /// The checksum set right again, as whoever alters an entry would do.
    private func checked(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if bytes.count >= Envelope.fixedLength { Envelope.check(&bytes) }
        return bytes
    }

    private func refusal(_ bytes: [UInt8], as other: String? = nil) -> PayloadRefusal? {
        do {
            _ = try pipeline.opened(bytes[...], as: other ?? name)
            return nil
        } catch {
            return error
        }
    }

    @Test func everythingComesBack() throws {
        for isCompressed in [false, true] {
            let bytes = try #require(pipeline.sealed(sample(compressed: isCompressed), as: name))
            #expect(bytes[4] == (isCompressed ? 3 : 2))
            let opened = try pipeline.opened(bytes[...], as: name)
            #expect(opened.metadata == sample().metadata)
            #expect(opened.fingerprint == TypeFingerprint(of: String.self) && opened.schemaVersion == 3)
            #expect(opened.payload == sample().payload && opened.isCompressed == isCompressed)
        }
    }

    @Test func nothingOfValueTagsAndCostIsThereInClearText() throws {
        let bytes = try sealed()
        for text in ["hablase", "hablar", "verb"] { #expect(!bytes.contains(text: text)) }
        #expect(!bytes.contains([0, 0, 0, 6, 0, 0, 0, 7]))
        #expect(bytes.contains(text: "2026"))
        let unopened = try #require(Envelope(decoding: bytes[...]))
        #expect(unopened.metadata.tags.isEmpty && unopened.metadata.cost == nil)
        // What has not been decrypted cannot be written again as if it had.
        #expect(unopened.encoded() == nil && pipeline.sealed(unopened, as: name) == nil)
    }

    @Test func noNonceComesTwice() throws {
        let nonces = try (0..<1_000).map { _ in
            try #require(Envelope(decoding: try sealed()[...])?.seal?.nonce)
        }
        #expect(Set(nonces).count == 1_000 && nonces.allSatisfy { $0.count == 12 })
    }

    @Test func anyChangedByteIsNoticedBesideThoseThatScriptsChange() throws {
        let bytes = try sealed()
        let free = Set(Envelope.stampRange)
        for index in bytes.indices where !free.contains(index) {
            for bit in 0..<8 {
                var altered = bytes
                altered[index] ^= 1 << UInt8(bit)
                // Found by the checksum, and by the seal where the checksum was set right.
                if index != 4 || bit != 7 {
                    #expect(refusal(altered) == .damaged, "byte \(index), bit \(bit)")
                    if !Envelope.checksumRange.contains(index) {
                        #expect(refusal(checked(altered)) != nil, "byte \(index), bit \(bit)")
                    }
                }
            }
        }
    }

    @Test func theMarkOfTheExpiredAndAnotherStampMayBeSetInPlace() throws {
        let expired = try #require(Envelope.expired(try sealed()))
        #expect(try pipeline.opened(expired[...], as: name).metadata.isExpired)
        var restamped = expired
        restamped.replaceSubrange(Envelope.stampRange, with: Array("00009000000000000001".utf8))
        let opened = try pipeline.opened(restamped[...], as: name)
        #expect(opened.metadata.isExpired && opened.metadata.stamp.microseconds == 9_000_000_000_000_001)
        #expect(opened.payload == sample().payload && opened.metadata.tags == sample().metadata.tags)
    }

    @Test func aShorterOneAndALongerOneAreNoticed() throws {
        let bytes = try sealed()
        for length in 0..<bytes.count {
            #expect(refusal(Array(bytes[..<length])) == .damaged)
            #expect(refusal(checked(Array(bytes[..<length]))) != nil, "\(length) bytes")
        }
        #expect(refusal(checked(bytes + [0])) == .forged)
    }

    @Test func itBelongsUnderItsNameAlone() throws {
        let bytes = try sealed()
        for other in ["test:v2:user:2:hint", "other:v2:user:1:hint", name + " ", "", PayloadPipeline.snapshotName] {
            #expect(refusal(bytes, as: other) == .forged)
        }
    }

    @Test func headersAndTextsOfTwoEntriesAreNotMixed() throws {
        let (one, two) = (try sealed(), try sealed())
        let end = Int(one[6]) << 8 | Int(one[7])
        #expect(one.count == two.count)
        #expect(refusal(checked(Array(one[..<end] + two[end...]))) == .forged)
    }

    @Test func anotherKeyOpensNothing() throws {
        let bytes = try sealed()
        func refusal(_ keys: EncryptionKey...) throws -> PayloadRefusal? {
            do {
                _ = try PayloadPipeline.encrypting(keys).opened(bytes[...], as: name)
                return nil
            } catch let error as PayloadRefusal {
                return error
            }
        }
        #expect(try refusal(.sample("2025")) == .unknownKey)
        #expect(try refusal(.sample("2026", seed: 9)) == .forged)
        #expect(try refusal(.sample("2025"), .sample("2026")) == nil)
    }

    @Test func aFieldInClearTextBesideTheSealIsRefused() throws {
        var bytes = try sealed()
        let end = Int(bytes[6]) << 8 | Int(bytes[7])
        let tag = try #require(Envelope.field(.tag, Array("x".utf8)))
        bytes.insert(contentsOf: tag, at: end)
        bytes[6] = UInt8((end + tag.count) >> 8)
        bytes[7] = UInt8(truncatingIfNeeded: end + tag.count)
        #expect(refusal(checked(bytes)) == .damaged)
    }

    @Test func tagsThatDoNotFitAreRefused() {
        var envelope = sample()
        envelope.metadata.tags = (0..<4_000).map { "tag-number-\($0)-of-many" }
        #expect(pipeline.sealed(envelope, as: name) == nil)
    }
}
