/// Two observers where a client takes one: both are told everything. Made by ``RedisClientObserver/and(_:)``.
public struct RedisObserverPair<First: RedisClientObserver, Second: RedisClientObserver>: RedisClientObserver {
    /// What each of the two keeps from the start of an operation to its end.
    public struct Context: Sendable {
        fileprivate let first: First.Context
        fileprivate let second: Second.Context
    }

    private let first: First
    private let second: Second

    init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    /// The first, then the second.
    public func operationStarted(_ operation: RedisOperation) -> Context {
        Context(first: first.operationStarted(operation), second: second.operationStarted(operation))
    }

    /// The second, then the first, so that what the first measures holds what the second does.
    public func operationEnded(_ operation: RedisOperation, _ end: RedisOperationEnd, _ context: Context) {
        second.operationEnded(operation, end, context.second)
        first.operationEnded(operation, end, context.first)
    }

    /// Both.
    public func repeated(_ repetition: RedisRepetition) {
        first.repeated(repetition)
        second.repeated(repetition)
    }

    /// Both.
    public func connectionChanged(_ change: RedisConnectionChange) {
        first.connectionChanged(change)
        second.connectionChanged(change)
    }
}

extension RedisClientObserver {
    /// This observer and another one as one, such as one for spans and one for metrics.
    public func and<Other: RedisClientObserver>(_ other: Other) -> RedisObserverPair<Self, Other> {
        RedisObserverPair(self, other)
    }
}
