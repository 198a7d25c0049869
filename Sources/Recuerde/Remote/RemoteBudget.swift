/// What one call may still wait for Redis: the sum of its waits never passes the configured deadline.
struct RemoteBudget {
    private(set) var remaining: Duration

    init(_ deadline: Duration) {
        self.remaining = deadline
    }

    mutating func spend(_ duration: Duration) {
        remaining -= max(.zero, duration)
    }
}
