import Testing

@testable import Recuerde

@Suite struct DeflateTests {
    /// Text that can be compressed, and bytes that cannot.
    private static func texts() -> [[UInt8]] {
        var generator = SplitMix64(seed: 11)
        let words = ["ojalá", "hubiera", "hablado", "el", "subjuntivo", "de", "duda", "espero", "que"]
        return [1, 2, 7, 100, 255, 256, 257, 511, 4_095, 32_767, 32_768, 32_769, 70_000].flatMap { length in
            var text: [UInt8] = []
            while text.count < length {
                text += Array((words.randomElement(using: &generator) ?? "") + " ").map { $0.utf8 }.flatMap { $0 }
            }
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            return [Array(text.prefix(length)), noise, Array(repeating: 0x20, count: length)]
        }
    }

    private func deflated(_ bytes: [UInt8], atMost limit: Int = .max >> 40) -> [UInt8]? {
        Deflate.deflated(bytes[...], behind: [], atMost: limit, level: 6)
    }

    @Test func everyTextComesBack() throws {
        for text in Self.texts() {
            let small = try #require(deflated(text))
            #expect(Deflate.inflated(small[...], length: text.count) == text)
        }
    }

    @Test func theLimitHoldsToTheByte() throws {
        let text = Array(repeating: UInt8(ascii: "a"), count: 5_000) + Array("other".utf8)
        let small = try #require(deflated(text))
        #expect(deflated(text, atMost: small.count) == small)
        #expect(deflated(text, atMost: small.count - 1) == nil)
        #expect(deflated(text, atMost: 0) == nil)
        #expect(deflated(text, atMost: -1) == nil)
        let behind = try #require(Deflate.deflated(text[...], behind: [1, 2, 3], atMost: small.count + 3, level: 6))
        #expect(behind == [1, 2, 3] + small)
        #expect(Deflate.deflated(text[...], behind: [1, 2, 3], atMost: small.count + 2, level: 6) == nil)
    }

    @Test func aLyingLengthIsNoText() throws {
        for text in Self.texts() where text.count < 5_000 {
            let small = try #require(deflated(text))
            for length in [-1, 0, text.count - 1, text.count + 1, 2 * text.count, .max] where length != text.count {
                #expect(Deflate.inflated(small[...], length: length) == nil)
            }
        }
    }

    @Test func aShorterStreamAndALongerOneAreNoText() throws {
        for text in Self.texts() where text.count < 1_000 {
            let small = try #require(deflated(text))
            for length in 0..<small.count {
                #expect(Deflate.inflated(small[..<length], length: text.count) == nil)
            }
            #expect(Deflate.inflated((small + [0])[...], length: text.count) == nil)
        }
    }

    @Test func whateverTheBytesAreTheyAreATextOfThatLengthOrNone() throws {
        var (texts, none) = (0, 0)
        func judge(_ inflated: [UInt8]?, _ length: Int) {
            guard let inflated else { return none += 1 }
            texts += 1
            #expect(inflated.count == length)
        }
        var generator = SplitMix64(seed: 12)
        let small = try #require(deflated(Self.texts()[12]))
        for index in small.indices {
            var other = small
            other[index] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
            judge(Deflate.inflated(other[...], length: 255), 255)
        }
        // Some bits of a text may be changed without a change of its length; most may not.
        #expect(texts > 0 && none > texts)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0..<60, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let length = Int.random(in: 0..<200, using: &generator)
            judge(Deflate.inflated(bytes[...], length: length), length)
        }
        #expect(none > 1_900)
    }

    @Test func noMemoryIsTakenForMoreThanTheBytesCanStandFor() throws {
        let small = try #require(deflated(Array(repeating: 0, count: 1 << 20)))
        // As dense as it gets; the ratio is never passed.
        #expect((1 << 20) / small.count <= Deflate.greatestRatio)
        #expect(Deflate.inflated(small[...], length: 1 << 20)?.count == 1 << 20)
        #expect(Deflate.inflated(small[...], length: small.count * Deflate.greatestRatio + 1) == nil)
        #expect(Deflate.inflated([3, 0][...], length: 1 << 40) == nil)
    }
}
