import HTTPTypes
import NIOCore
import Testing

@testable import RecuerdeServer

@Suite struct ClientAddressTests {
    private func name(_ peer: String?, forwarded: String? = nil, trusts: Bool = false) throws -> String {
        var headers = HTTPFields()
        if let forwarded, let field = HTTPField.Name("X-Forwarded-For") { headers[field] = forwarded }
        let address = try peer.map { try SocketAddress(ipAddress: $0, port: 1_234) }
        return ClientAddress.of(headers, peer: address, trustsForwardedFor: trusts)
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::1", "0:0:0:0::/64"),
    ])
    func countsAnAddressOrItsNetwork(peer: String, expected: String) throws {
        #expect(try name(peer) == expected)
    }

    @Test func believesForwardedForOnlyWhereConfigured() throws {
        #expect(try name("192.0.2.7", forwarded: "198.51.100.1") == "192.0.2.7")
        #expect(try name("192.0.2.7", forwarded: "198.51.100.1", trusts: true) == "198.51.100.1")
    }

    @Test func believesOnlyTheEntryThatTheProxyAdded() throws {
        #expect(try name("192.0.2.7", forwarded: "1.2.3.4, 198.51.100.1", trusts: true) == "198.51.100.1")
    }

    @Test(arguments: [
        ("198.51.100.1:5000", "198.51.100.1"), ("[2001:db8:1:2::9]:5000", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"), ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("[::ffff:192.0.2.7]:1", "192.0.2.7"), ("198.51.100.1:", "198.51.100.1"), ("[", "unknown"), (":", "unknown"),
    ])
    func thePortThatAProxyAddsSaysNothing(forwarded: String, expected: String) throws {
        #expect(try name("192.0.2.7", forwarded: forwarded, trusts: true) == expected)
    }

    @Test func allNonsenseIsOneClient() throws {
        #expect(try name("192.0.2.7", forwarded: "a", trusts: true) == "unknown")
        #expect(try name("192.0.2.7", forwarded: "b\u{1F600}", trusts: true) == "unknown")
    }

    @Test func aConnectionWithoutAnAddressIsLocal() throws {
        #expect(try name(nil) == "local")
    }
}
