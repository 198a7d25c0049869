import Logging
import Recuerde
import Synchronization

/// Listens to the channels of leases, for all who wait for one on a tier: one subscription for each channel, from the first time on that somebody waits.
///
/// Messages may get lost while a subscription is opened or broken. So whenever that has happened, all who wait are told to look.
final class LeaseWatch: Sendable {
    private struct Ear {
        var name: String
        var wake: @Sendable () -> Void
    }

    private struct Channel {
        var ears: [UInt64: Ear] = [:]
        var task: Task<Void, Never>?
    }

    private struct State {
        var channels: [String: Channel] = [:]
        var last: UInt64 = 0
        /// The client has been shut down, or the tier is gone.
        var isOver = false
        var hasLogged = false
    }

    private let client: any RedisExecutor
    private let timeSource: any TimeSource
    private let logger: Logger?
    private let state = Mutex(State())

    init(client: any RedisExecutor, timeSource: any TimeSource, logger: Logger?) {
        self.client = client
        self.timeSource = timeSource
        self.logger = logger
    }

    /// How many wait.
    var count: Int { state.withLock { state in state.channels.values.reduce(0) { $0 + $1.ears.count } } }

    func heed(_ lease: LeaseName, _ wake: @escaping @Sendable () -> Void) -> LeaseEar {
        let channel = lease.channel
        let number = state.withLock { state in
            state.last &+= 1
            state.channels[channel, default: Channel()].ears[state.last] = Ear(name: lease.name, wake: wake)
            if state.channels[channel]?.task == nil, !state.isOver {
                // Owned by the watch, and cancelled with its tier.
                state.channels[channel]?.task = Task { await self.listen(to: channel) }
            }
            return state.last
        }
        return LeaseEar { [weak self] in self?.forget(number, of: channel) }
    }

    private func forget(_ number: UInt64, of channel: String) {
        let gone = state.withLock { $0.channels[channel]?.ears.removeValue(forKey: number) }
        // What the closure holds may end here, and not under the lock.
        withExtendedLifetime(gone) {}
    }

    func stop() {
        let tasks = state.withLock { state in
            state.isOver = true
            return state.channels.values.compactMap(\.task)
        }
        for task in tasks { task.cancel() }
    }

    // MARK: The subscription

    private func listen(to channel: String) async {
        var failures = 0
        while true {
            do {
                for try await event in client.subscribe(to: [channel], buffer: 1_024) {
                    switch event {
                    case .subscribed, .resubscribed:
                        failures = 0
                        state.withLock { $0.hasLogged = false }
                        tellAll(of: channel)
                    case .interrupted:
                        // The server may be gone, and nobody has to wait for that to show.
                        tellAll(of: channel)
                    case .message(let message):
                        tell(message.text, of: channel)
                    }
                }
                return end(channel)
            } catch let error as RedisError where error.code == .shutDown {
                return end(channel)
            } catch {
                note((error as? RedisError)?.description ?? "the subscription failed unexpectedly")
                failures = min(failures + 1, 5)
            }
            let pause = timeSource.now().advanced(by: .seconds(1 << failures))
            guard (try? await timeSource.sleep(until: pause)) != nil else { return end(channel) }
            if isDeserted(channel) { return }
        }
    }

    /// The client has been shut down, or the tier is gone.
    private func end(_ channel: String) {
        state.withLock { state in
            state.isOver = true
            state.channels[channel]?.task = nil
        }
    }

    /// Whether nobody waits any more; then the next who does begins another subscription.
    private func isDeserted(_ channel: String) -> Bool {
        state.withLock { state in
            guard state.channels[channel]?.ears.isEmpty ?? true else { return false }
            state.channels[channel] = nil
            return true
        }
    }

    private func tell(_ name: String, of channel: String) {
        let ears = state.withLock { $0.channels[channel]?.ears.values.filter { $0.name == name } ?? [] }
        for ear in ears { ear.wake() }
    }

    private func tellAll(of channel: String) {
        let ears = state.withLock { $0.channels[channel].map { Array($0.ears.values) } ?? [] }
        for ear in ears { ear.wake() }
    }

    // MARK: Log

    /// The server does not let this user tell others that a lease is free.
    func noteUntold() {
        note(
            "the server does not let this user publish on the channel of leases, so that others wait until a lease would have "
                + "run out"
        )
    }

    /// Says once why nothing is heard, until something is.
    private func note(_ reason: String) {
        let isNew = state.withLock { state in
            defer { state.hasLogged = true }
            return !state.hasLogged
        }
        guard isNew else { return }
        logger?.warning(
            "redis_leases_unheard",
            metadata: [
                "recuerde.redis.reason": "\(reason)",
                "recuerde.redis.advice": "give this user +publish, +subscribe and &prefix:leases",
            ]
        )
    }
}
