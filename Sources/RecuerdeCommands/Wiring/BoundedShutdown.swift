import Recuerde
import ServiceLifecycle

/// A service whose graceful shutdown has a bound of its own: what it has not ended by then is cut off.
///
/// The bound of a whole group would be used up by the first service that ends slowly, and leave nothing to those behind it.
struct BoundedShutdown<Inner: Service>: Service {
    let inner: Inner
    let bound: Duration
    var timeSource: any TimeSource = SystemTimeSource()

    func run() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await inner.run()
                return true
            }
            group.addTask {
                try await gracefulShutdown()
                try await timeSource.sleep(until: timeSource.now().advanced(by: bound))
                return false
            }
            // The first to finish decides; the other is cancelled, and awaited when the group ends.
            defer { group.cancelAll() }
            guard try await group.next() == false else { return }
            group.cancelAll()
            // Cut off as it should be: an error of it would be taken for a failure, and keep the others from their turn.
            while (try? await group.next()) != nil {}
        }
    }
}
