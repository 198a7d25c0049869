import Logging
import NIOCore
import Recuerde
import Testing

@testable import RecuerdeRedis

@Suite struct AnnouncementsAsText {
    private func read(_ text: String) -> Announcement? { Announcement(ByteBuffer(string: text)) }

    @Test func areReadAsTheyWereWritten() {
        let head = Announcement.entriesHead(sender: "ab12")
        #expect(read(head + "\na:v2:ñ") == .entries([ByteBuffer(string: "a:v2:ñ")], sender: "ab12"))
        #expect(
            read(head + "\none\ntwo")
                == .entries([ByteBuffer(string: "one"), ByteBuffer(string: "two")], sender: "ab12")
        )
        #expect(read(Announcement.clearText(sender: "ab12")) == .clear(sender: "ab12"))
        #expect(read(Announcement.canaryText(.max, sender: "ab12")) == .canary(.max, sender: "ab12"))
    }

    @Test(arguments: [
        "", "1", "1e", "1e ", "hello", "\n\n", "0e ab\nk", "1c ab\nx", "1c ab", "1c ab\n1\n2", "xe ab\nk",
    ])
    func thatAreNoneAreNone(text: String) {
        #expect(read(text) == nil)
    }

    @Test(arguments: ["2e ab\nk", "9x ab", "1z ab"]) func ofLaterVersionsAreNotPassedOver(text: String) {
        #expect(read(text) == .unknown)
    }

    @Test func ofAnyBytesDoNoHarm() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? Array("12eac \n0".utf8)[Int.random(in: 0..<8, using: &random)]
                    : UInt8.random(in: .min ... .max, using: &random)
            }
            if case .entries(let names, _) = Announcement(ByteBuffer(bytes: bytes)) {
                #expect(names.allSatisfy { $0.readableBytes > 0 })
            }
        }
    }

    @Test func haveAChannelForEachPrefixAndDatabase() {
        #expect(RedisTierInvalidation.channel(prefix: "subjunctive", database: 3) == "subjunctive:changes:3")
        #expect(RedisTierInvalidation.tracking.announcingChannel == nil)
        #expect(RedisTierInvalidation.trackingAndAnnouncing(on: "c").announcingChannel == "c")
        #expect(RedisTierInvalidation.published(on: "c").announcingChannel == "c")
    }

    /// Its nodes may lose messages of each other, and nobody would know.
    @Test func vouchForNothingInACluster() async throws {
        let configuration = RedisConfiguration(url: try RedisURL("redis+cluster://127.0.0.1:1"))
        let client = try configuration.makeExecutor(logger: quiet)
        #expect(RedisTier(client: client, invalidation: .published(on: "c")).watch == nil)
        await client.shutdown()
    }
}
