import Crypto
import HTTPTypes
import Recuerde
import Synchronization

/// Opens the administrative routes to whoever holds the token.
///
/// Tokens are compared as SHA-256 digests, byte by byte and to the end, so that neither length nor place of the first
/// difference shows in the time. Wrong tokens are limited per client and in all; while a limit holds, the right token is
/// refused as well, so that guessing on gains nothing. A client that has shown the right token is not held up by what
/// others try.
final class AdminGate: Sendable {
    private struct Client {
        var failures: TokenBucket
        var hasSucceeded = false
    }

    private struct State {
        var clients = ClientTable<Client>(capacity: 4_096)
        var inAll: TokenBucket
    }

    private let expected: SHA256.Digest?
    private let timeSource: any TimeSource
    private let perClient: TokenBucket.Rate
    private let inAll: TokenBucket.Rate
    private let state: Mutex<State>

    init(configuration: ServerConfiguration, timeSource: any TimeSource) {
        expected = configuration.adminToken.flatMap { $0.isEmpty ? nil : SHA256.hash(data: Array($0.utf8)) }
        self.timeSource = timeSource
        perClient = TokenBucket.Rate(perMinute: configuration.adminAttemptsPerClient)
        inAll = TokenBucket.Rate(perMinute: configuration.adminAttemptsInAll)
        state = Mutex(State(inAll: TokenBucket(inAll, now: timeSource.now())))
    }

    /// Whether a token is configured at all.
    var isOpen: Bool { expected != nil }

    /// Throws unless the request carries the right token and its client may still try.
    func authorise(_ headers: HTTPFields, client: String) throws(Problem) {
        guard let expected else { throw .adminNotConfigured }
        guard let token = Self.bearerToken(headers) else { throw .unauthorized }
        let matches = Self.equal(SHA256.hash(data: Array(token.utf8)), expected)
        let now = timeSource.now()
        let wait = state.withLock { state -> Duration? in
            let fresh = Client(failures: TokenBucket(perClient, now: now))
            // Copied out and back because both parts of the state are changed together.
            var inAll = state.inAll
            let wait = state.clients.update(client, initial: fresh) { client -> Duration? in
                if let wait = client.failures.wait(for: 1, rate: perClient, now: now) { return wait }
                if !client.hasSucceeded, let wait = inAll.wait(for: 1, rate: self.inAll, now: now) { return wait }
                if matches {
                    client.hasSucceeded = true
                } else {
                    _ = client.failures.take(1, rate: perClient, now: now)
                    _ = inAll.take(1, rate: self.inAll, now: now)
                }
                return nil
            }
            state.inAll = inAll
            return wait
        }
        if let wait { throw .tooManyRequests(retryAfter: wait.wholeSecondsRoundedUp) }
        guard matches else { throw .wrongToken }
    }

    /// Whether a request that need not be an administrator's is one; a wrong token counts as an attempt.
    func isAuthorised(_ headers: HTTPFields, client: String) -> Bool {
        guard expected != nil, headers[.authorization] != nil else { return false }
        return (try? authorise(headers, client: client)) != nil
    }

    private static func bearerToken(_ headers: HTTPFields) -> String? {
        guard let value = headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }

    private static func equal(_ left: SHA256.Digest, _ right: SHA256.Digest) -> Bool {
        var difference: UInt8 = 0
        for (a, b) in zip(left, right) { difference |= a ^ b }
        return difference == 0
    }
}
