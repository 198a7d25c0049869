import Synchronization

/// The budget that all commands of a cluster client share, whichever node they go to.
///
/// Commands are counted when they are sent, repetitions and redirects included. The budget is looked at after failures
/// only.
final class ClusterRetryGate: Sendable {
    let policy: RedisRetryPolicy
    private let commands = Atomic<UInt32>(0)
    private let budget: Mutex<RetryBudget>

    init(policy: RedisRetryPolicy) {
        self.policy = policy
        budget = Mutex(RetryBudget(policy: policy, now: ClientShared.now()))
    }

    /// So many commands are about to be sent.
    func count(_ commands: Int) {
        self.commands.wrappingAdd(UInt32(truncatingIfNeeded: commands), ordering: .relaxed)
    }

    /// Takes a token for one repetition; false if there is none.
    func take() -> Bool {
        let (commands, now) = (commands.load(ordering: .relaxed), ClientShared.now())
        return budget.withLock { $0.take(commands: commands, now: now) }
    }

    /// An attempt has its answer: one that a server had refused before was no burden.
    func succeeded(_ retry: ClusterRetry) {
        if retry.returnsToken { budget.withLock { $0.giveBack() } }
    }
}
