import Testing

@testable import RecuerdeServer

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("ai:feedback:x", "ai:feedback:x"), ("a%2Fb", "a/b"), ("a%253Ab", "a%3Ab"), ("%C3%B1", "ñ"), ("", ""),
        ("%e2%82%ac", "€"),
    ])
    func decodes(text: String, expected: String) {
        #expect(PercentEncoding.decode(text) == expected)
    }

    @Test(arguments: ["%", "%2", "a%zz", "%+1", "%C3", "%FF"]) func refusesWhatIsNoEncoding(text: String) {
        #expect(PercentEncoding.decode(text) == nil)
    }
}
