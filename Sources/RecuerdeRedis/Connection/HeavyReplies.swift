import NIOPosix
import Synchronization

/// Lets go of large lists away from the event loop.
///
/// A list of a million elements takes tens of milliseconds to be freed. Usually its caller does that; but when the caller is
/// gone, or faster than the loop, nobody else holds it any more.
enum HeavyReplies {
    /// From this many elements on, freeing a list takes about a millisecond.
    private static let elements = 16_384

    /// True if the replies of one read are worth a hand-over. A large list is longer than a read, so that its end comes first.
    static func areHeld(in values: [RESPValue]) -> Bool {
        switch values.first {
        case .array(let list), .set(let list), .push(let list): list.count >= elements
        case .map(let map): map.flat.count >= elements
        default: false
        }
    }

    /// Empties the array. What it held is freed by another thread.
    static func letGo(_ values: inout [RESPValue]) {
        let held = Held(&values)
        // If the pool has been shut down, its callback comes at once, and the replies are freed here after all.
        NIOThreadPool.singleton.submit { _ in held.values.withLock { $0 = [] } }
    }

    /// The one who empties it is the one who frees: a captured array would be freed by whoever is last.
    private final class Held: Sendable {
        let values = Mutex<[RESPValue]>([])

        init(_ other: inout [RESPValue]) {
            values.withLock { swap(&$0, &other) }
        }
    }
}
