import Recuerde
import Synchronization

/// Limits how many requests one client makes in a minute.
///
/// Holds at most 10 000 clients; whoever is forgotten starts with a full allowance again. One short lock a request.
final class ClientRateLimiter: Sendable {
    private let rate: TokenBucket.Rate?
    private let timeSource: any TimeSource
    private let clients = Mutex(ClientTable<TokenBucket>(capacity: 10_000))

    /// Makes a limiter; `perMinute` 0 limits nothing.
    init(perMinute: Int, timeSource: any TimeSource) {
        rate = perMinute > 0 ? TokenBucket.Rate(perMinute: perMinute) : nil
        self.timeSource = timeSource
    }

    /// Counts `cost` requests of `client`, or throws the problem that says when to come back.
    func admit(_ client: String, cost: Int = 1) throws(Problem) {
        guard let rate, cost > 0 else { return }
        let now = timeSource.now()
        let wait = clients.withLock {
            $0.update(client, initial: TokenBucket(rate, now: now)) { $0.take(cost, rate: rate, now: now) }
        }
        if let wait { throw .tooManyRequests(retryAfter: wait.wholeSecondsRoundedUp) }
    }
}
