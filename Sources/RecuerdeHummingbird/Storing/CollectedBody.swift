import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// A body in whole, and what was said after it.
struct CollectedBody: Sendable {
    var bytes: ByteBuffer
    var trailers: HTTPFields?

    /// Runs a body that says how long it is.
    ///
    /// - Throws: What the body throws; ``WrongLength`` where it is longer or shorter than it says.
    init(_ body: ResponseBody, length: Int) async throws {
        let sink = Sink(length: length)
        try await body.write(CollectingWriter(sink: sink))
        self = sink.collected
        // A part is not to be kept as the whole (RFC 9111, section 3.3).
        guard bytes.readableBytes == length else { throw WrongLength() }
    }

    /// The body again, for one client.
    var body: ResponseBody {
        guard let trailers else { return ResponseBody(byteBuffer: bytes) }
        return ResponseBody(contentLength: bytes.readableBytes) { [bytes] writer in
            try await writer.write(bytes)
            try await writer.finish(trailers)
        }
    }

    private init(bytes: ByteBuffer) {
        self.bytes = bytes
    }

    /// A body wrote more or less than it had declared: no client could have read it.
    struct WrongLength: Error, CustomStringConvertible {
        var description: String {
            "the body of a response is not as long as its handler has declared; declare its true length, or none"
        }
    }

    /// A writer is consumed by its body, so that what it gathers lies elsewhere.
    private final class Sink: Sendable {
        private let state: Mutex<CollectedBody>
        private let length: Int

        init(length: Int) {
            self.length = length
            state = Mutex(CollectedBody(bytes: ByteBufferAllocator().buffer(capacity: length)))
        }

        var collected: CollectedBody { state.withLock { $0 } }

        func add(_ buffer: ByteBuffer) throws {
            try state.withLock { state in
                guard state.bytes.readableBytes + buffer.readableBytes <= length else { throw WrongLength() }
                state.bytes.writeImmutableBuffer(buffer)
            }
        }

        func end(_ trailers: HTTPFields?) {
            state.withLock { $0.trailers = trailers }
        }
    }

    private struct CollectingWriter: ResponseBodyWriter {
        let sink: Sink

        mutating func write(_ buffer: ByteBuffer) async throws {
            try sink.add(buffer)
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
            sink.end(trailingHeaders)
        }
    }
}
