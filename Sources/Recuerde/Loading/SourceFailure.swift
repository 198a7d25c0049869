/// What a load throws to say more about its failure than the error does: whether a stale value may stand in for it, and for how long its
/// source is to be left alone.
///
/// ```swift
/// guard response.status != .notFound else { throw SourceFailure(NotFound(), allowsStale: false) }
/// guard response.status != .tooManyRequests else { throw SourceFailure(Busy(), pause: response.retryAfter) }
/// ```
///
/// Callers get ``underlying``, and never this. It says nothing about what is kept: a stale value that must not stand in this time stays
/// where it is.
public struct SourceFailure: Error {
    /// What went wrong; what callers get where nothing stands in.
    public var underlying: any Error
    /// Whether a stale value may stand in for this failure. If not, ``underlying`` reaches all who wait for the load, whatever stale life
    /// there is.
    public var allowsStale: Bool
    /// For how long the key is not loaded again where a stale value stands in, in place of the call's ``EntryOptions/failureThrottle``; nil
    /// for that.
    public var pause: Duration?

    /// Makes a failure.
    public init(_ underlying: any Error, allowsStale: Bool = true, pause: Duration? = nil) {
        self.underlying = underlying
        self.allowsStale = allowsStale
        self.pause = pause
    }
}
