extension Duration {
    /// Whole nanoseconds, clamped to what an Int64 holds with room for additions (146 years).
    package var clampedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit = Int64.max / 2
        if seconds > limit / 1_000_000_000 { return limit }
        if seconds < -limit / 1_000_000_000 { return -limit }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
