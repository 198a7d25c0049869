/// A point in civil time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX.1, "Seconds Since
/// the Epoch").
///
/// It stamps what leaves the process; lifetimes inside the process are kept on the monotonic line, where nobody sets
/// the clock.
public struct UnixTime: Comparable, Hashable, Sendable {
    /// Microseconds since the epoch.
    public var microseconds: Int64

    /// Makes a time from microseconds since the epoch.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Seconds since the epoch, with a fraction.
    public var seconds: Double {
        Double(microseconds) / 1_000_000
    }

    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.microseconds < rhs.microseconds
    }

    /// The time that lies `duration` later (or earlier); saturates at both ends.
    public func advanced(by duration: Duration) -> UnixTime {
        UnixTime(microseconds: microseconds.addingSaturated(duration.saturatedMicroseconds))
    }

    /// The time from this one to another; negative where the other is earlier.
    public func duration(to other: UnixTime) -> Duration {
        .microseconds(other.microseconds.subtractingSaturated(microseconds))
    }
}
