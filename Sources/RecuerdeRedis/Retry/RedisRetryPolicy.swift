/// Whether, when and how often a client repeats a command that failed.
///
/// Repeated is what cannot be executed twice by that: a command that was never written; one that the server refused
/// before it began (`LOADING`, `MASTERDOWN`, `BUSY`, `TRYAGAIN`, `CLUSTERDOWN`, `MISCONF`, `NOREPLICAS`, and `READONLY` where
/// another server can be found); and one that was written and not answered, if it only reads or is declared
/// ``RedisCommand/idempotent()``. Every repetition ends before the deadline that the caller gave. A success costs nothing.
///
/// A budget keeps repetitions from doubling the load of a server that struggles: they are at most `share` of the commands of
/// the last ten seconds, beside a `reserve` that comes back within five seconds. A repetition that a server which had
/// refused the command before answers well is not counted: a refusal costs the server next to nothing.
public struct RedisRetryPolicy: Sendable, Hashable {
    /// False: every failure goes to the caller at once.
    public var isEnabled = true

    /// The upper end of the first pause; it doubles with each attempt. Every pause is drawn from its upper half.
    public var firstPause: Duration = .milliseconds(20)

    /// No pause is longer.
    public var longestPause: Duration = .milliseconds(200)

    /// The repetitions that are allowed for each command sent, from 0 to 1.
    public var share = 0.2

    /// Repetitions that are allowed beside that, so that few commands may be repeated too.
    public var reserve = 100

    /// Repeats within the budget.
    public init() {}

    /// Repeats nothing.
    public static let never: RedisRetryPolicy = {
        var policy = RedisRetryPolicy()
        policy.isEnabled = false
        return policy
    }()
}
