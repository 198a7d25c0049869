import Recuerde
import Synchronization

/// Keeps the covers of the listeners of a flawed tier.
final class Ears: Sendable {
    private let covers = Mutex<[Cover]>([])

    func covering(_ listener: any InvalidationListener) -> Cover {
        let cover = Cover(listener)
        covers.withLock { $0.append(cover) }
        return cover
    }

    func cover(of listener: any InvalidationListener) -> Cover? {
        covers.withLock { $0.first { $0.base === listener } }
    }

    /// Hears everything but what has changed.
    final class Cover: InvalidationListener {
        let base: any InvalidationListener

        init(_ base: any InvalidationListener) { self.base = base }

        var provingPace: Duration { base.provingPace }
        func opened(tellsOwnWrites: Bool) -> InvalidationLine? { base.opened(tellsOwnWrites: tellsOwnWrites) }
        func proved(_ line: InvalidationLine, before: Duration) { base.proved(line, before: before) }
        func closed(_ line: InvalidationLine) { base.closed(line) }
        func changed(_ names: [String], on line: InvalidationLine?) {}
        func changedAll(_ line: InvalidationLine) -> InvalidationLine? { base.changedAll(line) }
    }
}
