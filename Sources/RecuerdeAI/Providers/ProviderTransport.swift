public import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Recuerde
import Synchronization

/// Sends one HTTP request and reads one bounded answer within a deadline.
struct ProviderTransport: Sendable {
    struct Reply: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    enum Exchange: Sendable {
        case reply(Reply)
        /// No connection came about, so nothing was sent.
        case notConnected
        /// The connection was cut after the request had begun to go out.
        case connectionFailed
        /// The deadline passed; the request had begun to go out or not.
        case timedOut(wasSent: Bool)
        case tooLarge(status: Int, headers: HTTPHeaders)
        case cancelled
    }

    let httpClient: HTTPClient
    let timeSource: any TimeSource
    let maximumAnswerBytes: Int

    /// Posts `body` to `url`. Returns by `deadline`, whatever the peer does.
    func post(url: String, headers: HTTPHeaders, body: [UInt8], deadline: MonotonicInstant) async -> Exchange {
        let sending = SentMark()
        return await withTaskGroup(of: Exchange.self) { group in
            group.addTask { await send(url: url, headers: headers, body: body, sending: sending) }
            group.addTask {
                // Whoever is cancelled here has lost the race, or its caller went away.
                guard (try? await timeSource.sleep(until: deadline)) != nil else { return .cancelled }
                return .timedOut(wasSent: sending.isSet)
            }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
    }

    private func send(
        url: String,
        headers: HTTPHeaders,
        body: [UInt8],
        sending: SentMark
    ) async -> Exchange {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = headers
        // The client takes the body from the sequence only once it has a connection: what it never asked for cannot
        // have been sent, and so cannot have been billed.
        request.body = .stream(MarkedBody(bytes: body, mark: sending), length: .known(Int64(body.count)))
        do {
            // The deadline above is the one that counts, since it is kept on the service's own time line; this one
            // only makes sure that the client frees the connection.
            let response = try await httpClient.execute(request, timeout: .minutes(10))
            do {
                let buffer = try await response.body.collect(upTo: maximumAnswerBytes)
                return .reply(
                    Reply(
                        status: Int(response.status.code),
                        headers: response.headers,
                        body: Array(buffer.readableBytesView)
                    )
                )
            } catch is NIOTooManyBytesError {
                return .tooLarge(status: Int(response.status.code), headers: response.headers)
            }
        } catch is CancellationError {
            return .cancelled
        } catch let error as HTTPClientError {
            switch error {
            case .cancelled: return .cancelled
            case .readTimeout, .writeTimeout, .connectTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout,
                .tlsHandshakeTimeout:
                return .timedOut(wasSent: sending.isSet)
            default: return sending.isSet ? .connectionFailed : .notConnected
            }
        } catch {
            return sending.isSet ? .connectionFailed : .notConnected
        }
    }
}

/// Whether a request has begun to go out.
private final class SentMark: Sendable {
    private let mark = Atomic(false)

    var isSet: Bool { mark.load(ordering: .acquiring) }

    func set() {
        mark.store(true, ordering: .releasing)
    }
}

/// A body in one piece that notes when it is taken.
private struct MarkedBody: AsyncSequence, Sendable {
    struct AsyncIterator: AsyncIteratorProtocol {
        var buffer: ByteBuffer?
        let mark: SentMark

        mutating func next() async -> ByteBuffer? {
            mark.set()
            defer { buffer = nil }
            return buffer
        }
    }

    let bytes: [UInt8]
    let mark: SentMark

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(buffer: ByteBuffer(bytes: bytes), mark: mark)
    }
}

extension HTTPClient.Configuration {
    /// What an `HTTPClient` for the providers is made with: no redirects (one would carry the key and the learner's
    /// words elsewhere), five seconds to connect, a refused connection reported at once (the provider itself decides on
    /// another attempt), idle connections closed after a minute.
    public static var recuerdeProvider: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.idleTimeout = .seconds(60)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .disabled
        return configuration
    }
}
