/// A point on the monotonic time line of a ``TimeSource``, in nanoseconds.
///
/// Only differences mean anything: the zero is the source's own. Arithmetic saturates, so that lifetimes of centuries
/// neither trap nor wrap.
public struct MonotonicInstant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the source's own zero.
    public var nanoseconds: Int64

    /// Makes an instant from nanoseconds since the source's own zero.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The last instant that can be told; what never happens is due then.
    public static let distantFuture = MonotonicInstant(nanoseconds: .max)

    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }

    /// The instant that lies `duration` later (or earlier, where it is negative); saturates at both ends.
    public func advanced(by duration: Duration) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds.addingSaturated(duration.saturatedNanoseconds))
    }

    /// The time from this instant to another; negative where the other is earlier.
    public func duration(to other: MonotonicInstant) -> Duration {
        .nanoseconds(other.nanoseconds.subtractingSaturated(nanoseconds))
    }
}
