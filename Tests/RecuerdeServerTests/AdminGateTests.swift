import HTTPTypes
import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeServer

@Suite struct AdminGateTests {
    private let clock = ManualTimeSource()

    private func gate(_ token: String? = Sample.token, perClient: Int = 5, inAll: Int = 60) -> AdminGate {
        var configuration = ServerConfiguration()
        configuration.adminToken = token
        configuration.adminAttemptsPerClient = perClient
        configuration.adminAttemptsInAll = inAll
        return AdminGate(configuration: configuration, timeSource: clock)
    }

    private func code(_ gate: AdminGate, _ authorization: String?, client: String = "a") -> String {
        var headers = HTTPFields()
        headers[.authorization] = authorization
        do {
            try gate.authorise(headers, client: client)
            return "ok"
        } catch {
            return error.code
        }
    }

    @Test(arguments: [
        ("Bearer \(Sample.token)", "ok"),
        ("bearer   \(Sample.token)", "ok"),
        ("Bearer wrong", "token_wrong"),
        ("Bearer \(Sample.token)x", "token_wrong"),
        ("Bearer \(Sample.token.dropLast())", "token_wrong"),
        ("Bearer ", "token_missing"),
        ("Basic \(Sample.token)", "token_missing"),
        (Sample.token, "token_missing"),
    ])
    func takesTheTokenAndNothingElse(authorization: String, expected: String) {
        #expect(code(gate(), authorization) == expected)
    }

    @Test(arguments: [nil, ""]) func isClosedWithoutAToken(token: String?) {
        #expect(code(gate(token), "Bearer ") == "admin_not_configured")
        #expect(code(gate(token), "Bearer x") == "admin_not_configured")
    }

    @Test func refusesEvenTheRightTokenAfterTooManyWrongOnes() {
        let gate = gate(perClient: 3)
        for _ in 0..<3 { #expect(code(gate, "Bearer wrong") == "token_wrong") }
        #expect(code(gate, "Bearer wrong") == "rate_limited")
        #expect(code(gate, "Bearer \(Sample.token)") == "rate_limited")
        #expect(code(gate, "Bearer \(Sample.token)", client: "b") == "ok")
        clock.advance(by: .seconds(20))
        #expect(code(gate, "Bearer \(Sample.token)") == "ok")
    }

    @Test func theRightTokenIsNeverLimited() {
        let gate = gate(perClient: 1, inAll: 1)
        for _ in 0..<1_000 { #expect(code(gate, "Bearer \(Sample.token)") == "ok") }
    }

    @Test func limitsAllClientsTogetherButNotOneThatHasShownTheToken() {
        let gate = gate(inAll: 2)
        #expect(code(gate, "Bearer \(Sample.token)", client: "operator") == "ok")
        #expect(code(gate, "Bearer wrong", client: "1") == "token_wrong")
        #expect(code(gate, "Bearer wrong", client: "2") == "token_wrong")
        #expect(code(gate, "Bearer wrong", client: "3") == "rate_limited")
        #expect(code(gate, "Bearer \(Sample.token)", client: "4") == "rate_limited")
        #expect(code(gate, "Bearer \(Sample.token)", client: "operator") == "ok")
    }

    @Test func aMissingTokenIsNoAttempt() {
        let gate = gate(perClient: 1)
        for _ in 0..<10 { #expect(code(gate, nil) == "token_missing") }
        #expect(code(gate, "Bearer \(Sample.token)") == "ok")
    }
}
