/// Where a cache reads the time and waits.
///
/// One protocol for both time lines, because an entry needs both: it expires on the monotonic line and is stamped in
/// civil time. ``SystemTimeSource`` is the real one; tests use `ManualTimeSource` from `RecuerdeTesting`.
public protocol TimeSource: Sendable {
    /// The present on the monotonic line. Never goes back; goes on while the machine sleeps.
    func now() -> MonotonicInstant

    /// The present in civil time. May jump in either direction.
    func unixTime() -> UnixTime

    /// Returns when `deadline` has come, at once if it lies in the past.
    ///
    /// - Throws: `CancellationError` when the task is cancelled meanwhile.
    func sleep(until deadline: MonotonicInstant) async throws
}
