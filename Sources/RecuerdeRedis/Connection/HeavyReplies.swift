import NIOPosix
import Synchronization

/// Lets go of large replies away from the event loop.
///
/// A list of a million elements takes tens of milliseconds to be freed. Usually its caller does that; but when the caller is
/// gone, or faster than the loop, nobody else holds it any more.
enum HeavyReplies {
    /// From this size on, counted as `RESPParser` charges it, a reply is worth a hand-over: as a list of small elements, it
    /// takes about half a millisecond to be freed.
    static let bytes = 512 * 1024

    /// Empties the array. What it held is freed by another thread.
    static func letGo<Value: Sendable>(_ values: inout [Value]) {
        guard !values.isEmpty else { return }
        let held = Held(&values)
        // If the pool has been shut down, its callback comes at once, and the replies are freed here after all.
        NIOThreadPool.singleton.submit { _ in held.values.withLock { $0 = [] } }
    }

    /// The one who empties it is the one who frees: a captured array would be freed by whoever is last.
    private final class Held<Value: Sendable>: Sendable {
        let values = Mutex<[Value]>([])

        init(_ other: inout [Value]) {
            values.withLock { swap(&$0, &other) }
        }
    }
}
