import Synchronization

/// The budget that all commands of a client share, and the clock, around the machine of each command.
final class RetryGate: Sendable {
    private let policy: RedisRetryPolicy
    private let random: @Sendable () -> Double
    private let now: @Sendable () -> Int64
    /// How many commands were sent so far.
    private let commands: @Sendable () -> UInt32
    private let recorder: ClientRecorder?
    private let budget: Mutex<RetryBudget>

    init(
        policy: RedisRetryPolicy,
        random: @escaping @Sendable () -> Double,
        commands: @escaping @Sendable () -> UInt32,
        recorder: ClientRecorder? = nil,
        now: @escaping @Sendable () -> Int64 = { ClientShared.now() }
    ) {
        self.policy = policy
        self.random = random
        self.commands = commands
        self.recorder = recorder
        self.now = now
        budget = Mutex(RetryBudget(policy: policy, commands: commands(), now: now()))
    }

    /// Returns when the command is to be sent again.
    ///
    /// - Parameter pause: waits until a moment, or until something has changed that is worth an attempt; throws a
    ///   `RedisError` if there is no room to wait in.
    /// - Throws: the error that the caller gets; `CancellationError` if the task is cancelled meanwhile.
    func next(
        after error: RedisError,
        _ machine: inout RetryStateMachine?,
        subject: @autoclosure () -> RetryStateMachine.Subject,
        pause: (_ until: Int64) async throws -> Void
    ) async throws {
        var current = machine ?? RetryStateMachine(subject(), policy: policy)
        var action = decide { random, now, commands, budget in
            current.failed(error, now: now, random: random, commands: commands, budget: &budget)
        }
        while true {
            switch action {
            case .send:
                machine = current
                recorder?.repeated(.retry, after: error)
                return
            case .fail(let error):
                throw error
            case .pause(let until):
                do {
                    try await pause(until)
                } catch let refusal as RedisError {
                    // There was no room to wait in; what was sent before may have been executed all the same.
                    throw refusal.with(mayHaveExecuted: current.finalError(error).mayHaveExecuted)
                }
                try Task.checkCancellation()
                action = decide { random, now, commands, budget in
                    current.pauseEnded(now: now, random: random, commands: commands, budget: &budget)
                }
            }
        }
    }

    /// Waits by the clock alone.
    func sleep(until moment: Int64) async throws {
        let left = moment &- now()
        if left > 0 { try await Task.sleep(for: .nanoseconds(left)) }
    }

    /// A repeated command has its answer.
    func succeeded(_ machine: inout RetryStateMachine?) {
        guard var current = machine else { return }
        machine = nil
        budget.withLock { current.succeeded(budget: &$0) }
    }

    private func decide(
        _ body: (_ random: Double, _ now: Int64, _ commands: UInt32, inout RetryBudget) -> RetryStateMachine.Action
    ) -> RetryStateMachine.Action {
        let (random, now, commands) = (random(), now(), commands())
        return budget.withLock { body(random, now, commands, &$0) }
    }
}
