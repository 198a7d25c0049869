public import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Recuerde

/// Sends one HTTP request and reads one bounded answer within a deadline.
struct ProviderTransport: Sendable {
    struct Reply: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    enum Exchange: Sendable {
        case reply(Reply)
        case connectionFailed
        case timedOut
        case tooLarge(status: Int, headers: HTTPHeaders)
        case cancelled
    }

    let httpClient: HTTPClient
    let timeSource: any TimeSource
    let maximumAnswerBytes: Int

    /// Posts `body` to `url`. Returns by `deadline`, whatever the peer does.
    func post(url: String, headers: HTTPHeaders, body: [UInt8], deadline: MonotonicInstant) async -> Exchange {
        await withTaskGroup(of: Exchange.self) { group in
            group.addTask { await send(url: url, headers: headers, body: body) }
            group.addTask {
                // Whoever is cancelled here has lost the race, or its caller went away.
                guard (try? await timeSource.sleep(until: deadline)) != nil else { return .cancelled }
                return .timedOut
            }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
    }

    private func send(url: String, headers: HTTPHeaders, body: [UInt8]) async -> Exchange {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = headers
        request.body = .bytes(body)
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
                return .timedOut
            default: return .connectionFailed
            }
        } catch {
            return .connectionFailed
        }
    }
}

extension HTTPClient.Configuration {
    /// What an `HTTPClient` for the providers is made with: no redirects (one would carry the key and the learner's
    /// words elsewhere), five seconds to connect, idle connections closed after a minute.
    public static var recuerdeProvider: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.idleTimeout = .seconds(60)
        // A refused connection is known at once; retries are the provider's own, with its own deadlines.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .disabled
        return configuration
    }
}
