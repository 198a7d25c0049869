import NIOCore
import Testing

@testable import RecuerdeRedis

@Suite struct SentinelWords {
    private static func bulk(_ text: String) -> RESPValue { .bulk(ByteBuffer(string: text)) }

    private static func announcement(_ text: String, channel: String = "+switch-master") -> SentinelReplies.Announcement
    {
        SentinelReplies.announcement([bulk("message"), bulk(channel), bulk(text)], masterName: "m")
    }

    @Test func announceANewMaster() {
        let expected = RedisURL.Endpoint(host: "10.0.0.2", port: 6380)
        #expect(Self.announcement("m 10.0.0.1 6379 10.0.0.2 6380") == .newMaster(expected))
        #expect(Self.announcement("other 10.0.0.1 6379 10.0.0.2 6380") == .other)
        #expect(Self.announcement("m 10.0.0.1 6379 10.0.0.2 6380", channel: "+sdown") == .other)
    }

    @Test(arguments: [
        "", "m", "m a 1 b", "m a 1 b 0", "m a 1 b 65536", "m a 1 b x", "m a 1 b 99999999999999999999", "m a 1 b 1 c",
    ]) func thatAreNotUnderstoodAreOfNoInterest(text: String) {
        #expect(Self.announcement(text) == .other)
    }

    @Test func tellWhenTheSubscriptionStands() {
        let push: [RESPValue] = [Self.bulk("subscribe"), Self.bulk("+switch-master"), .integer(1)]
        #expect(SentinelReplies.announcement(push, masterName: "m") == .subscribed)
        #expect(SentinelReplies.announcement([], masterName: "m") == .other)
        #expect(SentinelReplies.announcement([.null], masterName: "m") == .other)
        #expect(SentinelReplies.announcement([Self.bulk("message")], masterName: "m") == .other)
    }

    @Test func nameAMasterByHostAndPort() {
        let expected = RedisURL.Endpoint(host: "h", port: 1)
        #expect(SentinelReplies.address(.array([Self.bulk("h"), Self.bulk("1")])) == expected)
        for reply: RESPValue in [
            .null, .array([]), .array([Self.bulk(""), Self.bulk("1")]), .array([Self.bulk("h"), Self.bulk("-1")]),
            .array([Self.bulk("h h"), Self.bulk("1")]), .array([.null, .null]), .integer(1),
        ] {
            #expect(SentinelReplies.address(reply) == nil)
        }
    }

    @Test func nameOtherSentinelsInBothProtocols() {
        let pairs: [RESPValue] = [
            Self.bulk("name"), Self.bulk("x"), Self.bulk("ip"), Self.bulk("h"), Self.bulk("port"), Self.bulk("2"),
        ]
        let map = RESPValue.map(RESPMap(flat: pairs))
        let reply = RESPValue.array([map, .array(pairs), .null, .map(RESPMap(flat: []))])
        let endpoint = RedisURL.Endpoint(host: "h", port: 2)
        #expect(SentinelReplies.sentinels(reply) == [endpoint, endpoint])
        #expect(SentinelReplies.sentinels(.null).isEmpty)
    }

    @Test func aRoleOtherThanMasterSpeaksAgainstAServer() {
        let endpoint = RedisURL.Endpoint(host: "h", port: 2)
        func fault(_ reply: RESPValue) -> String? { SentinelReplies.fault(inRole: reply, of: endpoint)?.message }
        #expect(fault(.array([Self.bulk("master"), .integer(0), .array([])])) == nil)
        #expect(fault(.array([Self.bulk("slave")]))?.contains("role is slave") == true)
        #expect(fault(.array([Self.bulk("evil\r\ntext")]))?.contains("role is unknown") == true)
        #expect(fault(.null)?.contains("unknown") == true)
        #expect(fault(.error(RESPErrorReply("NOPERM no")))?.contains("+role") == true)
    }
}
