import NIOCore
import Recuerde
import Synchronization

/// Tells one cache of what tracked connections tell, in its own words: connections are lines, and names are text.
final class TrackingRelay: Sendable {
    private struct Ear {
        weak var listener: (any InvalidationListener)?
    }

    private let ear: Ear
    /// Whether there are notices of the listener's own writes too.
    private let tellsOwnWrites: Bool
    /// The line of each connection that stands.
    private let lines = Mutex<[UInt64: InvalidationLine]>([:])

    init(_ listener: any InvalidationListener, tellsOwnWrites: Bool) {
        ear = Ear(listener: listener)
        self.tellsOwnWrites = tellsOwnWrites
    }

    /// Whether the listener is gone.
    var isOver: Bool { ear.listener == nil }

    func isFor(_ listener: any InvalidationListener) -> Bool {
        ear.listener === listener
    }

    /// The line that a connection is to the listener; nil for one that it has not heard of.
    func line(of identity: UInt64) -> InvalidationLine? {
        lines.withLock { $0[identity] }
    }

    /// Events of one connection come one after the other.
    func handle(_ event: RedisTrackingEvent) {
        guard let listener = ear.listener else { return }
        switch event {
        case .opened(let identity):
            let line = listener.opened(tellsOwnWrites: tellsOwnWrites)
            lines.withLock { $0[identity] = line }
        case .closed(let identity):
            if let line = lines.withLock({ $0.removeValue(forKey: identity) }) { listener.closed(line) }
        case .invalidated(let keys, let identity):
            // What is no text is no name of an entry.
            let names = keys.compactMap { String(validating: $0.readableBytesView, as: UTF8.self) }
            listener.changed(names, on: line(of: identity))
        case .invalidatedAll(let identity):
            guard let line = line(of: identity) else { break }
            let next = listener.changedAll(line)
            lines.withLock { $0[identity] = next }
        case .proved(let identity, let sentBefore):
            if let line = line(of: identity) { listener.proved(line, before: sentBefore) }
        }
    }
}
