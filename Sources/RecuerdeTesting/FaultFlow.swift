/// How the bytes of one direction go through a `FaultProxy`.
public struct FaultFlow: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case forward
        case stop
        case delay(Int64)
        case pace(bytes: Int, every: Int64)
        case cut(after: Int, reset: Bool)
    }

    let kind: Kind

    /// At once.
    public static let forward = FaultFlow(kind: .forward)

    /// Not at all, with the connection left open (half-open, as after a cable was pulled). What the sender has written by
    /// then is held and goes on when the flow is changed, as TCP would repeat it.
    public static let stop = FaultFlow(kind: .stop)

    /// Each byte so much later than it came.
    public static func delay(_ time: Duration) -> FaultFlow {
        FaultFlow(kind: .delay(nanoseconds(time)))
    }

    /// One byte at a time, with a pause after each.
    public static func drip(every pause: Duration) -> FaultFlow {
        FaultFlow(kind: .pace(bytes: 1, every: nanoseconds(pause)))
    }

    /// At most so many bytes a second, in steps of ten milliseconds.
    public static func throttle(bytesPerSecond: Int) -> FaultFlow {
        FaultFlow(kind: .pace(bytes: max(1, bytesPerSecond / 100), every: 10_000_000))
    }

    /// So many more bytes on each connection, new ones included, and then its end: by RST, or in good order by FIN.
    public static func cut(afterBytes count: Int, reset: Bool) -> FaultFlow {
        FaultFlow(kind: .cut(after: max(0, count), reset: reset))
    }

    private static func nanoseconds(_ time: Duration) -> Int64 {
        let parts = time.components
        // A day is longer than any test.
        guard parts.seconds < 86_400 else { return 86_400_000_000_000 }
        return max(0, parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}
