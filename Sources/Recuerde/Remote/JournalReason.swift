/// Why something waits in the journal: what came of the last attempt to bring it to the remote tier.
public struct JournalReason: Sendable, Hashable, CustomStringConvertible, CaseIterable {
    enum Wrapped: Int, CaseIterable {
        case unavailable, timedOut, refused, overloaded, interrupted, authenticationFailed, tokenLost, overflow,
            underWay
    }

    let wrapped: Wrapped

    /// The remote tier could not be reached.
    public static let unavailable = JournalReason(wrapped: .unavailable)
    /// It did not answer in time.
    public static let timedOut = JournalReason(wrapped: .timedOut)
    /// It answered, and refused (full, read-only, no permission).
    public static let refused = JournalReason(wrapped: .refused)
    /// Too much was under way on our side.
    public static let overloaded = JournalReason(wrapped: .overloaded)
    /// A connection broke under way, or the caller was cancelled.
    public static let interrupted = JournalReason(wrapped: .interrupted)
    /// The remote tier does not accept our credentials.
    public static let authenticationFailed = JournalReason(wrapped: .authenticationFailed)
    /// The token under which a value was to be stored was gone; it is brought there again under another.
    public static let tokenLost = JournalReason(wrapped: .tokenLost)
    /// One clear that stands for intents which were too many.
    public static let overflow = JournalReason(wrapped: .overflow)
    /// A clear that is being carried out.
    public static let underWay = JournalReason(wrapped: .underWay)

    public static var allCases: [JournalReason] {
        Wrapped.allCases.map(JournalReason.init)
    }

    /// A word of lower-case letters and `_`, fit for a label of a metric.
    public var description: String {
        switch wrapped {
        case .timedOut: "timed_out"
        case .authenticationFailed: "authentication_failed"
        case .tokenLost: "token_lost"
        case .underWay: "under_way"
        case .unavailable, .refused, .overloaded, .interrupted, .overflow: "\(wrapped)"
        }
    }
}

extension JournalReason {
    /// What a failed exchange means; nil where there was none, since the remote tier was left alone.
    init?(_ error: any Error) {
        guard let error = error as? RemoteTierError else {
            self = error is CancellationError ? .interrupted : .unavailable
            return
        }
        switch error.code {
        case .leftAlone: return nil
        case .timedOut: self = .timedOut
        case .refused: self = .refused
        case .overloaded: self = .overloaded
        case .interrupted: self = .interrupted
        case .authenticationFailed: self = .authenticationFailed
        default: self = .unavailable
        }
    }
}
