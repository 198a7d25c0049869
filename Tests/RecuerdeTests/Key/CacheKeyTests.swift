import Testing

@testable import Recuerde

@Suite struct CacheKeyTests {
    @Test func partsAreJoinedAndEscaped() {
        #expect(CacheKey("ai", "feedback", "hablar").text == "ai:feedback:hablar")
        #expect(CacheKey("a:b", "c").text == "a%3Ab:c")
        #expect(CacheKey("a", "b:c").text == "a:b%3Ac")
        #expect(CacheKey("100%", "{x}").text == "100%25:%7Bx%7D")
        #expect(CacheKey("line\r\n", "\u{7F}").text == "line%0D%0A:%7F")
        #expect(CacheKey("niño").text == "niño")
    }

    @Test func whereThePartsEndMakesADifference() {
        #expect(CacheKey("a:b", "c") != CacheKey("a", "b:c"))
        #expect(CacheKey("a%3Ab") != CacheKey("a:b"))
        #expect(CacheKey("a", "") != CacheKey("a"))
    }

    @Test func aLiteralIsStructureAndAnInterpolationIsNot() {
        let evil = "1:admin"
        #expect(("user:\(evil):name" as CacheKey).text == "user:1%3Aadmin:name")
        #expect(("user:\(42):name" as CacheKey).text == "user:42:name")
        #expect(("user:42:name" as CacheKey) == CacheKey("user", "42", "name"))
    }

    @Test func composedAndDecomposedTextAreOneKey() {
        #expect(CacheKey("habl\u{E9}") == CacheKey("hable\u{301}"))
        #expect(CacheKey("habl\u{E9}").text.utf8.elementsEqual("habl\u{E9}".utf8))
        #expect(CacheKey("hablé") != CacheKey("hable"))
    }

    @Test func aLongKeyKeepsItsHeadAndEndsInItsHash() {
        let long = CacheKey("ai", String(repeating: "ñ", count: 300))
        #expect(long.text.utf8.count <= 200)
        #expect(long.text.hasPrefix("ai:ñññ"))
        #expect(long.text.utf8.suffix(65).first == UInt8(ascii: "~"))
        #expect(long != CacheKey("ai", String(repeating: "ñ", count: 301)))
        #expect(long == CacheKey("ai", String(repeating: "ñ", count: 300)))
        #expect(CacheKey(String(repeating: "a", count: 200)).text.count == 200)
        #expect(CacheKey(String(repeating: "a", count: 201)).text.contains("~"))
    }

    @Test func theHashIsTheSHA256OfTheWholeText() {
        let part = String(repeating: "a", count: 201)
        // printf 'a%.0s' {1..201} | sha256sum
        #expect(CacheKey(part).text.hasSuffix("~" + SHA256Hex.digest(of: part.utf8)))
        // The well-known digest of "abc" (FIPS 180-4, example).
        #expect(
            SHA256Hex.digest(of: "abc".utf8) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }

    @Test func aTextThatImitatesAShortenedKeyDoesNotMeetIt() {
        let long = CacheKey(String(repeating: "x", count: 500))
        #expect(CacheKey(long.text) != long)
        #expect(CacheKey(escapedText: long.text) == long)
    }

    @Test func aHeadNeverEndsInsideAnEscape() {
        for shift in 0..<4 {
            let text = String(repeating: "a", count: shift) + String(repeating: ":", count: 300)
            let head = CacheKey(text).text.split(separator: "~")[0]
            #expect(!head.hasSuffix("%") && !head.hasSuffix("%3"))
        }
    }

    @Test(arguments: [
        (CacheKey(""), true), (CacheKey(parts: []), true), (CacheKey("", ""), true), (CacheKey("", "a"), false),
        ("" as CacheKey, true), (CacheKey("a"), false),
    ])
    func anEmptyKeyIsKnownForOne(key: CacheKey, isEmpty: Bool) {
        #expect((key.fault == .empty) == isEmpty)
    }

    @Test func aKeyOverTheLimitIsKnownForOne() {
        #expect(CacheKey(String(repeating: "a", count: 65_536)).fault == nil)
        #expect(CacheKey(String(repeating: "a", count: 65_537)).fault == .tooLong)
        let text = String(repeating: "a", count: 65_540)
        #expect(("k:\(text)" as CacheKey).fault == .tooLong)
    }

    @Test(arguments: [1, 7, 8, 15, 16, 22, 23, 24, 25, 200])
    func aKeyIsTheSameWhetherItsTextLiesInItOrElsewhere(length: Int) async throws {
        let text = String(repeating: "k", count: length)
        let key = CacheKey(text)
        #expect(key.text == text)
        #expect(key.textLength == length)
        #expect(key == CacheKey(text) && key.hashValue == CacheKey(text).hashValue)
        #expect(key == CacheKey(escapedText: text) && key == key.withKind(CacheKind("hint")))
        let longer = CacheKey(text + "k")
        #expect(key != longer && Set([key, longer, CacheKey(text)]).count == 2)
        if case .inline = key.storage { #expect(length <= 23) } else { #expect(length > 23) }
        let cache = Cache()
        try await cache.set(key, to: length)
        try await cache.set(longer, to: -1)
        #expect(try await cache.get(CacheKey(text)) == length)
        #expect(try await cache.get(longer) == -1)
    }

    @Test func aLetterOfSeveralBytesAtTheEndOfAShortTextIsKept() {
        for count in 20...24 {
            let text = String(repeating: "a", count: count) + "ñ"
            #expect(CacheKey(text).text == text)
            #expect(CacheKey(text).textLength == count + 2)
        }
    }

    @Test func theKindIsNotPartOfTheIdentity() {
        let kind = CacheKind("hint", timeToLive: .seconds(5))
        #expect(CacheKey("a").withKind(kind) == CacheKey("a"))
        #expect(CacheKey("a").withKind(kind).kind == kind)
    }

    struct Input: Encodable {
        var person: String
        var tense: String
        var count: Int64
    }

    struct Reordered: Encodable {
        var count: Int64
        var tense: String
        var person: String
    }

    @Test func theOrderOfFieldsNeverMatters() throws {
        let one = try CacheKey.encode(Input(person: "yo", tense: "presente", count: .max))
        let other = try CacheKey.encode(Reordered(count: .max, tense: "presente", person: "yo"))
        #expect(one == other)
        #expect(one.contains("9223372036854775807"))
        #expect(try CacheKey.encode(["b": 1, "a": 2]) == CacheKey.encode(["a": 2, "b": 1]))
        #expect(try CacheKey.encode(["a": "1,\"b\":2"]) != CacheKey.encode(["a": "1", "b": "2"]))
    }

    @Test func anAccentThatBeginsTheNextPieceBelongsToTheLetterBefore() {
        let accent = "\u{301}"
        let pieced: CacheKey = "word:hable\(accent)"
        #expect(Array(pieced.text.utf8) == Array(CacheKey("word", "habl\u{E9}").text.utf8))
        #expect(pieced == CacheKey("word", "habl\u{E9}"))
    }
}
