import NIOCore
import Synchronization

/// Where the connections of a subscription lead.
enum SubscriptionHome: Sendable {
    /// Always to the one server of these settings.
    case server(ClientShared, [any EventLoop])
    /// To one server after the other; the settings are those of the client as a whole.
    case route(any SubscriptionRoute, address: String)
}

/// Chooses the server of a subscription that is not bound to one: any node of a cluster, or the present master.
protocol SubscriptionRoute: Sendable {
    /// What the waits between attempts and their jitter are taken from.
    var configuration: RedisConfiguration { get }

    /// Where to subscribe next: the subscriptions of the client of that server. Waits, within a bound, until there is one.
    ///
    /// - Parameter failures: how many attempts in a row have come to nothing.
    /// - Throws: `RedisError` that says why there is none; `CancellationError`.
    func place(after failures: Int) async throws -> SubscriptionRegistry

    /// Waits until a moment, until there is something new, or until the task is cancelled.
    func pause(until moment: Int64) async
}

/// Something that ends with the client it belongs to.
protocol SubscriptionMember: AnyObject, Sendable {
    /// The client ends, or is let go of because its server is no longer the one to speak to. The future succeeds when the
    /// connection is closed.
    func endWithClient() -> EventLoopFuture<Void>
}

/// One stay of a subscription at one server, which may end for two reasons: its connection is gone, or the client of the
/// server has been shut down.
final class SubscriptionStay: SubscriptionMember {
    private enum State {
        case going
        case waited(CheckedContinuation<Void, Never>)
        case over
    }

    let slot: ConnectionSlot
    private let state = Mutex(State.going)

    init(slot: ConnectionSlot) {
        self.slot = slot
    }

    /// It is over; may be called again.
    func end() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            defer { state = .over }
            if case .waited(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume()
    }

    func endWithClient() -> EventLoopFuture<Void> {
        end()
        return slot.shutDown()
    }

    /// Returns when it is over. Only one task may wait.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard case .going = state else { return true }
                    state = .waited(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            end()
        }
    }
}
