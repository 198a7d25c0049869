public import Recuerde

/// What becomes of one exchange between a node and a scripted store.
///
/// Delays that differ from exchange to exchange put them in another order than that in which they set out.
public struct ScriptedExchange: Sendable, Hashable {
    /// Where an exchange comes to its end.
    public enum Fate: Sendable, Hashable {
        /// The answer arrives, unless it comes after the timeout.
        case answered
        /// The request never arrives; the node waits for its timeout.
        case requestLost
        /// It is carried out, and the node waits for its timeout.
        case answerLost
        /// It is carried out, and then the node is told this at once.
        case answerReplaced(RemoteTierError)
        /// It does not set out: the node is told this at once.
        case refused(RemoteTierError)
    }

    /// How long the request is under way. If longer than the timeout, it is carried out all the same, when nobody waits any more.
    public var requestDelay: Duration
    /// How long the answer is under way.
    public var answerDelay: Duration
    /// The answer to the first request is lost, and after so long the client sends it again: it is carried out twice.
    public var repeatedAfter: Duration?
    /// Where it comes to its end.
    public var fate: Fate

    /// Makes a plan; without any word the exchange takes no time and is answered.
    public init(
        _ fate: Fate = .answered,
        requestDelay: Duration = .zero,
        answerDelay: Duration = .zero,
        repeatedAfter: Duration? = nil
    ) {
        self.fate = fate
        self.requestDelay = requestDelay
        self.answerDelay = answerDelay
        self.repeatedAfter = repeatedAfter
    }
}
