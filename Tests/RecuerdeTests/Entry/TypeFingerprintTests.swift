import Testing

@testable import Recuerde

@Suite struct TypeFingerprintTests {
    private struct Hidden {}

    @Test func theAddressInTheNameOfAPrivateTypeDoesNotCount() {
        let one = "Swift.Array<M.(unknown context at $559442e7e220).P>"
        let other = "Swift.Array<M.(unknown context at $562cdeadbeef).P>"
        #expect(TypeFingerprint(name: one) == TypeFingerprint(name: other))
        #expect(TypeFingerprint(name: one) != TypeFingerprint(name: "Swift.Array<M.(unknown context at $1).Q>"))
        #expect(TypeFingerprint(name: "M.P") != TypeFingerprint(name: "M.Q"))
    }

    @Test func everyAddressOfANameIsLeftOut() {
        let one = "[(unknown context at $1a).K: (unknown context at $2b).V]"
        let other = "[(unknown context at $ff).K: (unknown context at $ee).V]"
        #expect(TypeFingerprint(name: one) == TypeFingerprint(name: other))
    }

    @Test func thisCompilerWritesPrivateTypesInThatForm() {
        // Should a later compiler write them otherwise, this tells.
        #expect(String(reflecting: Hidden.self).contains("(unknown context at $"))
    }
}
