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

    /// Counts one request of `client`, or throws the problem that says when to come back.
    func admit(_ client: String) throws(Problem) {
        guard let rate else { return }
        let now = timeSource.now()
        let wait = clients.withLock {
            $0.update(client, initial: TokenBucket(rate, now: now)) { $0.take(1, rate: rate, now: now) }
        }
        if let wait { throw .tooManyRequests(retryAfter: wait.wholeSecondsRoundedUp) }
    }

    /// Counts what a request of `total` items costs beyond the one that was admitted, or throws the problem that says
    /// when to come back.
    ///
    /// What has more items than the allowance is admitted where the allowance is whole, and the client pays it off before
    /// anything else of it is admitted.
    func admitRest(of total: Int, _ client: String) throws(Problem) {
        guard let rate, total > 1 else { return }
        let now = timeSource.now()
        let wait = clients.withLock {
            $0.update(client, initial: TokenBucket(rate, now: now)) { bucket -> Duration? in
                let needed = min(total, rate.capacity) - 1
                guard bucket.take(total - 1, ifThereAre: needed, rate: rate, now: now) != nil else { return nil }
                // Whoever comes back is admitted as one request first, so all of it has to be there by then.
                return bucket.wait(for: total, rate: rate, now: now)
            }
        }
        if let wait { throw .tooManyRequests(retryAfter: wait.wholeSecondsRoundedUp) }
    }
}
