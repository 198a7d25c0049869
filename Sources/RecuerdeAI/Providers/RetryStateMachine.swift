import Recuerde

/// Decides after each failed attempt whether and when there is another. Free of I/O, clocks and chance: all come in.
struct RetryStateMachine: Sendable {
    /// What is known of a failed attempt.
    struct Failure: Sendable, Hashable {
        /// The HTTP status; nil where no answer came.
        var status: Int?
        /// Whether the error says that waiting cannot help, as an exhausted quota does.
        var isFinal = false
        /// The header `retry-after-ms`.
        var retryAfterMilliseconds: String?
        /// The header `retry-after`: seconds, or a date (RFC 9110, section 10.2.3).
        var retryAfter: String?
        /// The header `x-should-retry`.
        var shouldRetry: String?
    }

    enum Decision: Sendable, Hashable {
        /// Try again at this time.
        case retry(at: MonotonicInstant)
        /// Report the failure.
        case giveUp
    }

    private let policy: RetryPolicy
    /// When the caller wants to know at the latest; a pause that would reach beyond it is not begun.
    private let deadline: MonotonicInstant
    private(set) var attempts = 0

    init(policy: RetryPolicy, deadline: MonotonicInstant) {
        self.policy = policy
        self.deadline = deadline
    }

    mutating func attemptStarted() {
        attempts += 1
    }

    /// Decides on a failure. `chance` lies in 0..<1 and shortens the program's own pauses by up to a quarter, so that
    /// many callers do not come back together.
    mutating func attemptFailed(
        _ failure: Failure,
        now: MonotonicInstant,
        unixTime: UnixTime,
        chance: Double
    ) -> Decision {
        guard !failure.isFinal, attempts < policy.maximumAttempts else { return .giveUp }
        let wish = Self.wishedDelay(failure, at: unixTime)
        if let wish, wish > policy.longestHonouredDelay, policy.givesUpOnLongerDelay { return .giveUp }
        guard isWorthRepeating(failure) else { return .giveUp }
        let delay: Duration
        if let wish, wish > .zero, wish <= policy.longestHonouredDelay {
            delay = wish
        } else {
            delay = ownDelay(chance: chance)
        }
        let time = now.advanced(by: delay)
        return time < deadline ? .retry(at: time) : .giveUp
    }

    private func isWorthRepeating(_ failure: Failure) -> Bool {
        switch failure.shouldRetry?.lowercased() {
        case "true": return true
        case "false": return false
        default: break
        }
        // No answer at all is worth another try.
        guard let status = failure.status else { return true }
        return status == 408 || status == 409 || status == 429 || (500...599).contains(status)
    }

    private func ownDelay(chance: Double) -> Duration {
        var delay = policy.initialDelay
        for _ in 1..<max(1, min(attempts, 32)) where delay < policy.maximumDelay {
            delay = min(delay + delay, policy.maximumDelay)
        }
        return delay * (1 - 0.25 * min(max(0, chance), 1))
    }

    /// The pause that the provider asks for, held to a day.
    private static func wishedDelay(_ failure: Failure, at time: UnixTime) -> Duration? {
        if let delay = number(failure.retryAfterMilliseconds) { return .milliseconds(min(delay, 86_400_000)) }
        if let delay = number(failure.retryAfter) { return .milliseconds(min(delay * 1_000, 86_400_000)) }
        guard let text = failure.retryAfter, let date = HTTPDate.parse(text) else { return nil }
        return min(time.duration(to: date), .seconds(86_400))
    }

    private static func number(_ text: String?) -> Double? {
        guard let text, let value = Double(text), value.isFinite, value >= 0 else { return nil }
        return value
    }
}
