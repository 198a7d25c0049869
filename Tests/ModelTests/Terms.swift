import Recuerde

/// What a caller of a load asks for besides the value.
struct Terms: Sendable {
    var refreshes = false
    /// After so long a stale value is as welcome.
    var soft: Duration?
    /// After so long it waits no longer.
    var hard: Duration?
    /// Whether a value is loaded anew as soon as it is found.
    var refreshesEarly = false

    func apply(to options: inout EntryOptions, _ bug: SeededBug?) {
        if refreshes { options.readPolicy = .refresh }
        options.softTimeout = bug == .hasNoSoftLimit ? nil : soft
        options.hardTimeout = bug == .hasNoEndOfPatience ? nil : hard
        // So eager that it is no matter of chance.
        if refreshesEarly { options.earlyRefresh = 1e15 }
    }

    /// The longest that such a call may take. Who has taken a stale value for too old looks, and waits, once more.
    func bound(waitsTwice: Bool) -> Duration {
        let once = Duration.milliseconds(250) + History.loadTimeout
        var bound = once
        if soft != nil { bound += .milliseconds(250) + once }
        if waitsTwice { bound += once }
        // Some time passes from step to step.
        return hard.map { min($0 + .milliseconds(5), bound) } ?? bound
    }

    /// What a load takes, where that is to be kept with its value.
    var cost: LoadCost? { refreshesEarly ? LoadCost(duration: .milliseconds(1)) : nil }
}

extension Terms: CustomStringConvertible {
    var description: String {
        var words: [String] = refreshes ? ["refresh"] : []
        if let soft { words.append("soft \(soft)") }
        if let hard { words.append("hard \(hard)") }
        if refreshesEarly { words.append("early") }
        return "[\(words.joined(separator: ", "))]"
    }
}
