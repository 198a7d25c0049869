import Logging
import NIOCore
import Recuerde
import Synchronization

/// Listens to the announcements of one channel, for all caches of a tier: does what the state machine of the canaries says.
///
/// To the caches it looks like one tracked connection that tells of all keys.
final class AnnouncementWatch: Sendable {
    private struct State {
        var machine = CanaryStateMachine()
        /// Of the line that stands.
        var identity: UInt64?
        var lastIdentity: UInt64 = 0
        var task: Task<Void, Never>?
        /// The client has been shut down, or the tier is gone.
        var isOver = false
        var fault: String?
        var hasLogged = false
    }

    /// Why a subscription came to its end.
    private enum End: Sendable {
        /// The client has been shut down, or the task was cancelled.
        case over
        /// Nobody listens any more.
        case deserted
        case silent
        case failed(RedisError)
    }

    /// Whom it tells.
    let hub = RedisTrackingHub()
    private let client: any RedisExecutor
    private let channel: String
    private let sender: String
    private let timeSource: any TimeSource
    private let logger: Logger?
    private let state = Mutex(State())

    init(
        client: any RedisExecutor,
        channel: String,
        sender: String,
        timeSource: any TimeSource,
        logger: Logger?
    ) {
        self.client = client
        self.channel = channel
        self.sender = sender
        self.timeSource = timeSource
        self.logger = logger
    }

    /// The identity of the line that stands; nil for none.
    var identity: UInt64? { state.withLock { $0.identity } }

    /// Why nothing is heard.
    var fault: String? { state.withLock { $0.fault } }

    // MARK: Life

    /// Begins to listen, unless it does already, or has nobody to tell. Ends with the client, with the last listener, and by `stop()`.
    func start() {
        state.withLock { state in
            guard state.task == nil, !state.isOver, !hub.isDeserted else { return }
            // Owned by the watch, and cancelled with its tier.
            state.task = Task { await self.run() }
        }
    }

    func stop() {
        let task = state.withLock { state in
            state.isOver = true
            return state.task
        }
        task?.cancel()
    }

    private func run() async {
        var failures = 0
        while true {
            switch await hear() {
            case .over:
                end()
                return
            case .deserted:
                // Whoever has come in the last moment is listened for.
                let isOver = state.withLock { state in
                    guard hub.isDeserted else { return false }
                    state.task = nil
                    return true
                }
                if isOver { return }
                continue
            case .silent:
                failures = 0
            case .failed(let error):
                failures = min(failures + 1, 5)
                note(error)
            }
            let pause = timeSource.now().advanced(by: .seconds(1 << failures))
            guard (try? await timeSource.sleep(until: pause)) != nil else {
                end()
                return
            }
        }
    }

    private func end() {
        state.withLock { state in
            state.isOver = true
            state.task = nil
        }
    }

    /// One subscription, with all the connections that it has one after the other.
    private func hear() async -> End {
        let end = await withTaskGroup(of: End.self) { group in
            group.addTask { await self.listen() }
            group.addTask { await self.sing() }
            let first = await group.next() ?? .over
            group.cancelAll()
            await group.waitForAll()
            return first
        }
        interrupted()
        return end
    }

    // MARK: The subscription

    private func listen() async -> End {
        do {
            // The buffer only smooths: a consumer that lags makes the server wait, and is cut off by it in the end.
            let subscription = client.subscribe(to: [channel], buffer: 1_024)
            return try await withThrowingDiscardingTaskGroup { group in
                for try await event in subscription {
                    switch event {
                    case .subscribed, .resubscribed:
                        interrupted()
                        let number = state.withLock { $0.machine.subscribed(now: timeSource.now()) }
                        // Not awaited here, where it has to come back.
                        group.addTask { await self.publish(number) }
                    case .interrupted:
                        interrupted()
                    case .message(let message):
                        received(message)
                    }
                }
                return .over
            }
        } catch let error as RedisError {
            return error.code == .shutDown ? .over : .failed(error)
        } catch {
            return .over
        }
    }

    private func received(_ message: RedisMessage) {
        switch Announcement(message.payload) {
        case .canary(let number, let sender) where sender == self.sender:
            returned(number)
        case .entries(let names, let sender) where sender != self.sender:
            hub.handle(.invalidated(keys: names, identity: identity ?? 0))
        case .clear(let sender) where sender != self.sender:
            if let identity { hub.handle(.invalidatedAll(identity: identity)) }
        case .unknown:
            if let identity { hub.handle(.invalidatedAll(identity: identity)) }
        case .canary, .entries, .clear, nil:
            break
        }
    }

    private func returned(_ number: UInt64) {
        let now = timeSource.now()
        let (action, identity) = state.withLock { state in
            let action = state.machine.returned(number, now: now)
            if action == .opens {
                state.lastIdentity += 1
                state.fault = nil
                state.hasLogged = false
                return (action, state.lastIdentity)
            }
            return (action, state.identity ?? 0)
        }
        switch action {
        case .nothing: break
        case .opens:
            // Told of first: who asks for its witness must find it with the listener.
            hub.handle(.opened(identity: identity))
            state.withLock { $0.identity = identity }
        case .proves(let before): hub.handle(.proved(identity: identity, sentBefore: before))
        }
    }

    private func interrupted() {
        let identity = state.withLock { state in
            _ = state.machine.interrupted()
            return state.identity.take()
        }
        if let identity { hub.handle(.closed(identity: identity)) }
    }

    // MARK: Canaries

    private func sing() async -> End {
        while true {
            let pace = Duration.nanoseconds(hub.presentPace)
            guard (try? await timeSource.sleep(until: timeSource.now().advanced(by: pace))) != nil else { return .over }
            if hub.isDeserted { return .deserted }
            switch state.withLock({ $0.machine.tick(now: timeSource.now(), pace: pace) }) {
            case .nothing: break
            case .publish(let number): await publish(number)
            case .renew: return .silent
            }
        }
    }

    private func publish(_ number: UInt64) async {
        let text = Announcement.canaryText(number, sender: sender)
        do {
            _ = try await client.send(RedisCommand("PUBLISH", channel, text, key: nil), timeout: nil)
            state.withLock { $0.machine.published(number) }
        } catch let error as RedisError where error.code == .server {
            note(error)
        } catch {
            // The server is away, or slow: then the subscription is so too, or the next one will tell.
        }
    }

    /// Says once why nothing is heard, until something is.
    private func note(_ error: RedisError) {
        let isNew = state.withLock { state in
            state.fault = error.description
            defer { state.hasLogged = true }
            return !state.hasLogged
        }
        if isNew {
            logger?.warning("redis_announcements_off", metadata: ["recuerde.reason": "\(error.description)"])
        }
    }
}
