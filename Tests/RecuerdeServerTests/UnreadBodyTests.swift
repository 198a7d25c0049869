import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import RecuerdeServer

@Suite struct UnreadBodyTests {
    private struct Connection {
        let channel = EmbeddedChannel()

        init(limit: Int = 100, patience: TimeAmount = .seconds(5)) throws {
            try channel.pipeline.syncOperations.addHandler(UnreadBodyHandler(limit: limit, patience: patience))
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func request() throws {
            let head = HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/")
            try channel.writeInbound(HTTPRequestPart.head(head))
        }

        func body(_ count: Int) throws {
            try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(repeating: 0x20, count: count)))
        }

        func end() throws { try channel.writeInbound(HTTPRequestPart.end(nil)) }

        func answer() throws {
            try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .unauthorized)))
            try channel.writeOutbound(HTTPResponsePart.end(nil))
        }
    }

    @Test func aBodyThatIsReadBeforeTheAnswerMayBeOfAnyLength() throws {
        let connection = try Connection()
        try connection.request()
        for _ in 0..<10 { try connection.body(1000) }
        try connection.end()
        try connection.answer()
        connection.channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(connection.channel.isActive)
    }

    @Test func aBodyThatGoesOnAfterTheAnswerIsReadUpToTheLimit() throws {
        let connection = try Connection()
        try connection.request()
        try connection.answer()
        try connection.body(100)
        #expect(connection.channel.isActive)
        try connection.body(1)
        #expect(!connection.channel.isActive)
    }

    @Test func aBodyThatDripsOnAfterTheAnswerIsCutOffInTime() throws {
        let connection = try Connection()
        try connection.request()
        try connection.body(10)
        try connection.answer()
        connection.channel.embeddedEventLoop.advanceTime(by: .nanoseconds(4_999_999_999))
        try connection.body(1)
        #expect(connection.channel.isActive)
        connection.channel.embeddedEventLoop.advanceTime(by: .nanoseconds(1))
        #expect(!connection.channel.isActive)
    }

    @Test func aBodyThatEndsInTimeLeavesTheConnectionToTheNextRequest() throws {
        let connection = try Connection()
        try connection.request()
        try connection.answer()
        try connection.body(50)
        try connection.end()
        connection.channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(connection.channel.isActive)
        try connection.request()
        try connection.body(500)
        #expect(connection.channel.isActive)
    }

    @Test func theAnswerToAnEarlierRequestSaysNothingAboutALaterOnesBody() throws {
        let connection = try Connection()
        try connection.request()
        try connection.end()
        try connection.request()
        try connection.answer()
        try connection.body(500)
        connection.channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(connection.channel.isActive)
        try connection.answer()
        try connection.body(101)
        #expect(!connection.channel.isActive)
    }
}
