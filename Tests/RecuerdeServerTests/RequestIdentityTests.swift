import HTTPTypes
import Testing

@testable import RecuerdeServer

@Suite struct RequestIdentityTests {
    @Test(arguments: ["a", "0af7651916cd43dd8448eb211c80319c", String(repeating: "x", count: 128), "!~"])
    func keepsAnIdThatIsFitForHeadersAndLogs(id: String) {
        #expect(RequestIdentity.isValid(id))
    }

    @Test(arguments: ["", String(repeating: "x", count: 129), "a b", "é", "a\u{7F}", "a\tb"])
    func replacesAnyOther(id: String) {
        #expect(!RequestIdentity.isValid(id))
    }

    @Test func madeUpIdsDiffer() {
        let ids = Set((0..<100).map { _ in RequestIdentity.of([:]) })
        #expect(ids.count == 100)
        #expect(ids.allSatisfy(RequestIdentity.isValid))
    }
}
