import NIOCore
import NIOPosix

/// A bare TCP connection to a service on loopback, for what no HTTP client would send.
enum RawConnection {
    struct Answer: Sendable {
        /// What came until the end of the stream, or until the connection was reset.
        var text: String
        /// False if nobody ended the connection but the test, because it had waited long enough.
        var endedByServer: Bool

        var status: String { String(text.prefix(12)) }
        var body: String { text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? "" }
    }

    typealias Writer = NIOAsyncChannelOutboundWriter<ByteBuffer>

    /// Sends a text, and reads until the server ends the connection.
    static func exchange(port: Int?, _ text: String, thenFinishes: Bool = false) async throws -> Answer {
        try await exchange(port: port) { writer in
            try await writer.write(ByteBuffer(string: text))
            if thenFinishes { writer.finish() }
        }
    }

    /// Sends what `send` writes, and reads meanwhile until the server ends the connection.
    static func exchange(
        port: Int?,
        _ send: @escaping @Sendable (Writer) async throws -> Void
    ) async throws -> Answer {
        let patience: TimeAmount = .seconds(20)
        let begun = NIODeadline.now()
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port ?? 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        let channel = connection.channel
        let timer = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        defer { timer.cancel() }
        var bytes = ByteBuffer()
        try? await connection.executeThenClose { inbound, outbound in
            // A server that has had enough makes writing fail; that is for the answer to tell.
            async let sending: Void? = try? await send(outbound)
            do { for try await buffer in inbound { bytes.writeImmutableBuffer(buffer) } } catch {}
            channel.close(promise: nil)
            _ = await sending
        }
        return Answer(text: String(buffer: bytes), endedByServer: NIODeadline.now() - begun < patience)
    }
}
