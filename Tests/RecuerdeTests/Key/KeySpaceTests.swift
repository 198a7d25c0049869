import Testing

@testable import Recuerde

@Suite struct KeySpaceTests {
    @Test func envelopesStandApartFromPlainEntries() {
        let envelope = KeySpace(prefix: "subjunctive", format: .envelope)
        let plain = KeySpace(prefix: "subjunctive", format: .plain)
        #expect(envelope.entryName("ai:feedback:x") == "subjunctive:v2:ai:feedback:x")
        #expect(plain.entryName("ai:feedback:x") == "subjunctive:ai:feedback:x")
        #expect(plain.entryName("v2:x") != envelope.entryName("x"))
        #expect(plain.keyText(ofEntry: plain.entryName("v2:x")) == "v2:x")
        #expect(plain.keyText(ofEntry: envelope.entryName("x")) == nil)
        #expect(envelope.keyText(ofEntry: "subjunctive:v2:a:b") == "a:b")
        #expect(envelope.keyText(ofEntry: "other:v2:a") == nil)
    }

    @Test func aPrefixCannotReachIntoAnother() {
        let outer = KeySpace(prefix: "foo", format: .envelope)
        let inner = KeySpace(prefix: "foo:v2", format: .envelope)
        #expect(outer.keyText(ofEntry: inner.entryName("x")) == nil)
        #expect(KeySpace(prefix: "{a}", format: .envelope).entryName("x") == "%7Ba%7D:v2:x")
    }

    @Test(arguments: ["a*b", "a?b", "a[b]", "a\\b", "a^-b"])
    func nothingInAPrefixIsAWildcard(prefix: String) {
        let pattern = KeySpace(prefix: prefix, format: .plain).pattern
        let literal = pattern.dropLast().replacing(/\\(.)/) { $0.1 }
        #expect(pattern.hasSuffix(":*"))
        #expect(literal == prefix + ":")
        #expect(pattern.dropLast().count > prefix.count + 1)
    }

    @Test(arguments: ["\u{301}abc", "\u{FE0F}", "\u{1F3FD}x"])
    func aKeyThatBeginsWithAMarkIsStillOneOfTheSpace(key: String) {
        for format in WireFormat.allCases {
            let space = KeySpace(prefix: "test", format: format)
            for text in [key, "v2:" + key] {
                let entry = space.entryName(CacheKey(escapedText: text))
                #expect(
                    space.keyText(ofEntry: entry)?.utf8.elementsEqual(CacheKey(escapedText: text).text.utf8) == true
                )
            }
        }
    }

    @Test func companionsShareTheHashSlotAndStandOutsideOfThePattern() {
        #expect(KeySpace.companion(ofEntry: "p:v2:k") == "{p:v2:k}:t")
    }

    @Test func recordsOfTagsStandOutsideOfEveryPatternAndPrefixesApart() {
        let space = KeySpace(prefix: "p", format: .envelope)
        #expect(space.tagName("verb%3Ahablar") == "{p:v2:verb%3Ahablar}:g")
        #expect(space.tagText(ofRecord: "{p:v2:verb%3Ahablar}:g") == "verb%3Ahablar")
        for name in ["{p:v2:k}:t", "{p:v2}:m", "p:v2:k", "{q:v2:k}:g", "{p:v2:k:g", "", "}:g"] {
            #expect(space.tagText(ofRecord: name) == nil)
        }
        #expect(space.keyText(ofEntry: space.tagName("k")) == nil)
        #expect(space.entryName(ofCompanion: space.tagName("k")) == nil)
        let inner = KeySpace(prefix: "p:v2", format: .envelope)
        #expect(space.tagText(ofRecord: inner.tagName("k")) == nil)
        #expect(KeySpace(prefix: "p", format: .plain).tagText(ofRecord: "{p:k}:g") == nil)
    }
}
