extension Duration {
    /// Whole seconds for `Retry-After` and its like: rounded up, at least 1, and never beyond a day.
    var wholeSecondsRoundedUp: Int {
        let (seconds, attoseconds) = components
        let rounded = seconds < 86_400 ? seconds + (attoseconds > 0 ? 1 : 0) : 86_400
        return Int(min(max(rounded, 1), 86_400))
    }

    /// Whole seconds, rounded toward zero.
    var wholeSeconds: Int64 { components.seconds }
}
