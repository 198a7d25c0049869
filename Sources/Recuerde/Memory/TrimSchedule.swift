/// When to ask the allocator to give memory back: after a large share of it has fallen free, and seldom, since asking costs some milliseconds
/// (see ``AllocatedMemory``) and what falls free a little at a time is soon in use again. Free of I/O.
struct TrimSchedule {
    /// Less than this is not worth asking for.
    static let leastBytes = 4 * 1_024 * 1_024
    static let pause = Duration.seconds(30)

    /// The most that was held since the last time.
    private var most = 0
    private var last: MonotonicInstant?

    /// Whether to ask now, with so many bytes held; if so, counts from now on.
    mutating func isDue(bytes: Int, now: MonotonicInstant) -> Bool {
        most = max(most, bytes)
        guard most - bytes >= Self.leastBytes, bytes <= most / 2 else { return false }
        if let last, now < last.advanced(by: Self.pause) { return false }
        most = bytes
        last = now
        return true
    }
}
