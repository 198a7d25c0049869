/// Decides, failure by failure, whether one command is sent again and when.
///
/// It exists from the first failure of a command to its answer. Times are nanoseconds of any clock; there is no I/O here.
struct RetryStateMachine {
    /// What is known of the command and of whoever sends it.
    struct Subject {
        /// It only reads, or is declared idempotent.
        var isRepeatable: Bool
        /// Another attempt may reach another server, or the same one over another client.
        var rediscovers: Bool
        /// When the caller stops waiting.
        var deadline: Int64
        /// How many commands are sent again: a pipeline is repeated whole.
        var weight = 1
    }

    enum Action: Equatable {
        /// Wait, then ask again by `pauseEnded`.
        case pause(until: Int64)
        case send
        /// The end.
        case fail(RedisError)
    }

    /// How a failure bears on another attempt.
    enum Repetition: Equatable {
        /// It may execute the command twice, or would end in the same way.
        case never
        /// Nothing reached a server, so that it is no load for one.
        case unsent
        /// The server said no before it began.
        case refused
        /// It was written; no answer came.
        case unanswered
    }

    private let subject: Subject
    private let policy: RedisRetryPolicy
    private var attempts = 0
    private var mayHaveExecuted = false
    private var cause: RedisError?
    private var repetition = Repetition.never
    /// The token of the attempt under way goes back if that one succeeds.
    private var returnsToken = false

    init(_ subject: Subject, policy: RedisRetryPolicy) {
        self.subject = subject
        self.policy = policy
    }

    /// An attempt has failed.
    mutating func failed(
        _ error: RedisError,
        now: Int64,
        random: Double,
        commands: UInt32,
        budget: inout RetryBudget
    ) -> Action {
        attempts += 1
        returnsToken = false
        mayHaveExecuted = mayHaveExecuted || error.mayHaveExecuted
        // That time is over says less than what the time was lost with.
        if cause == nil || error.code != .deadlineExceeded { cause = error }
        repetition = Self.repetition(after: error, of: subject)
        guard policy.isEnabled, repetition != .never, let until = pauseEnd(now: now, random: random) else {
            return .fail(finalError(error))
        }
        // What went unanswered may have cost the server all it costs: without a token, the caller is told at once.
        if repetition == .unanswered, !budget.take(subject.weight, commands: commands, now: now) {
            return .fail(finalError(error))
        }
        return .pause(until: until)
    }

    /// The pause is over.
    mutating func pauseEnded(now: Int64, random: Double, commands: UInt32, budget: inout RetryBudget) -> Action {
        guard now < subject.deadline, let cause else { return .fail(finalError(cause)) }
        guard repetition == .refused else { return .send }
        if budget.take(subject.weight, commands: commands, now: now) {
            returnsToken = true
            return .send
        }
        // The state that the server is in passes; waiting on is no load.
        guard let until = pauseEnd(now: now, random: random) else { return .fail(finalError(cause)) }
        return .pause(until: until)
    }

    /// The command has its answer.
    mutating func succeeded(budget: inout RetryBudget) {
        guard returnsToken else { return }
        returnsToken = false
        budget.giveBack(subject.weight)
    }

    /// When the next attempt may come; nil if that leaves no time for its answer.
    private func pauseEnd(now: Int64, random: Double) -> Int64? {
        let longest = max(1, policy.longestPause.clampedNanoseconds)
        let first = min(longest, max(1, policy.firstPause.clampedNanoseconds))
        let (grown, overflow) = first.multipliedReportingOverflow(by: 1 << min(max(0, attempts - 1), 30))
        let ceiling = overflow ? longest : min(longest, grown)
        let share = random.isFinite ? min(max(random, 0), 1) : 0.5
        let pause = Int64(Double(ceiling) * (0.5 + share / 2))
        let (left, isPast) = subject.deadline.subtractingReportingOverflow(now)
        guard !isPast, left > 0 else { return nil }
        if pause < left { return now + pause }
        // One more attempt just before the end, unless it would come at once.
        return left / 2 >= first / 2 ? now + left / 2 : nil
    }

    /// What the caller gets: the failure that says most, and whether any attempt may have been executed.
    func finalError(_ last: RedisError?) -> RedisError {
        let error =
            cause ?? last
            ?? RedisError(.deadlineExceeded, phase: .waiting, message: "the deadline passed between attempts")
        return error.with(mayHaveExecuted: error.mayHaveExecuted || mayHaveExecuted)
    }

    // MARK: Classes of failure

    static func repetition(after error: RedisError, of subject: Subject) -> Repetition {
        switch error.code {
        case .server:
            return isRefusal(error, rediscovers: subject.rediscovers) ? .refused : .never
        case .connectionLost, .shutDown:
            // A client that was shut down because another server has taken its place.
            if error.code == .shutDown, !subject.rediscovers { return .never }
            if error.mayHaveExecuted { return subject.isRepeatable ? .unanswered : .never }
            // A client of one server has waited itself for every connection that could come in time.
            return subject.rediscovers ? .unsent : .never
        case .connectFailed:
            return subject.rediscovers && !error.mayHaveExecuted ? .unsent : .never
        default:
            return .never
        }
    }

    /// A script that answers such a code itself is taken at its word: that it has done nothing.
    private static func isRefusal(_ error: RedisError, rediscovers: Bool) -> Bool {
        switch error.serverCode {
        case "LOADING", "MASTERDOWN", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MISCONF", "NOREPLICAS": true
        case "READONLY": rediscovers
        // A command that waited at a server which is no longer the master: it has taken nothing. Said for another reason,
        // it is somebody's wish (CLIENT UNBLOCK) that the caller hears of it.
        case "UNBLOCKED": rediscovers && error.message.contains("instance state changed")
        case "ERR": error.message.hasPrefix("ERR max number of clients")
        default: false
        }
    }
}
