import Synchronization

/// Leases in a store that several processes share: names that one owner at a time holds, for a time.
///
/// ``RemoteTier/leases`` offers one. What every implementation owes, besides what ``RemoteTier`` says of timeouts, failures and cancellation:
///
/// - each call is one atomic step for its name;
/// - a lease ends after its time to live by the store's own clock, whether or not its owner still runs;
/// - only its owner renews or releases it. Owners are told apart by a text that each draws for itself, each time anew.
public protocol LeaseStore: Sendable {
    /// Takes a lease that nobody holds; for its owner, gives it once more, with its time to live counted anew.
    func acquire(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> LeaseAnswer

    /// Counts the time to live anew; false where this owner does not hold the lease (any more).
    func renew(_ lease: LeaseName, owner: String, timeToLive: Duration, timeout: Duration) async throws -> Bool

    /// Gives the lease back and tells all who heed it; false, and nothing is done, where this owner does not hold it (any more).
    func release(_ lease: LeaseName, owner: String, timeout: Duration) async throws -> Bool

    /// Calls `wake` each time the lease may be free, until the ear is let go of: when it was released; and when releases may have gone
    /// unheard, as after the way on which they are told was opened, lost, or opened again. Nobody is told of one that runs out.
    ///
    /// What is released after this call returns is told, or it is told that it may not be. `wake` is called on whatever thread the news comes, without
    /// any lock, and returns soon. No message may be relied on to come: who waits has a time limit of its own.
    func heed(_ lease: LeaseName, _ wake: @escaping @Sendable () -> Void) -> LeaseEar
}

/// Where a lease stands in the store, and where news of it comes.
public struct LeaseName: Sendable, Hashable {
    /// What it is called by.
    public var name: String
    /// On which channel its release is told.
    public var channel: String
    /// Where the latest number is kept that any lease with this counter was given: each gets a greater one. Nil: not numbered.
    public var counter: String?

    /// Makes a name.
    public init(name: String, channel: String, counter: String? = nil) {
        self.name = name
        self.channel = channel
        self.counter = counter
    }
}

/// What came of asking for a lease.
public enum LeaseAnswer: Sendable, Hashable {
    /// The owner holds it now. The number is greater than all that were given before for the same counter; of no meaning without one.
    case taken(number: Int64)
    /// Another owner holds it, for so long unless it is renewed.
    case held(remaining: Duration)
}

/// Somebody who heeds a lease. To be kept as long as that is wanted.
public final class LeaseEar: Sendable {
    private let onEnd: Mutex<(@Sendable () -> Void)?>

    /// - Parameter onEnd: Called once, at the end.
    public init(onEnd: @escaping @Sendable () -> Void) {
        self.onEnd = Mutex(onEnd)
    }

    deinit { end() }

    /// Nothing more is wanted to be heard.
    public func end() {
        let onEnd = onEnd.withLock { $0.take() }
        onEnd?()
    }
}
