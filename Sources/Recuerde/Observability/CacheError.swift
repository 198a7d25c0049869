/// What a cache refuses, told without keys, values or secrets.
public struct CacheError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it was. May grow.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped {
            case invalidKey, encodingFailed, notCached, remoteFailed, loadTimedOut, closed, contended, unsupported
            case waitTimedOut, reentrantLoad, lockTimedOut, lockLost, invalidTag, nothingToConfirm
        }

        private let wrapped: Wrapped

        /// The key is empty or too long.
        public static let invalidKey = Code(wrapped: .invalidKey)
        /// A tag is empty or too long.
        public static let invalidTag = Code(wrapped: .invalidTag)
        /// The value cannot be encoded.
        public static let encodingFailed = Code(wrapped: .encodingFailed)
        /// The caller asked for a cached answer only, and there is none.
        public static let notCached = Code(wrapped: .notCached)
        /// The remote tier failed, and the configuration asks to be told, or nothing can be done without it.
        public static let remoteFailed = Code(wrapped: .remoteFailed)
        /// The load took longer than it may.
        public static let loadTimedOut = Code(wrapped: .loadTimedOut)
        /// The caller's own time for the load was up; the load goes on.
        public static let waitTimedOut = Code(wrapped: .waitTimedOut)
        /// A load asks for its own key, by itself or in a circle.
        public static let reentrantLoad = Code(wrapped: .reentrantLoad)
        /// A load says that a value was not modified, and there is none that it could mean.
        public static let nothingToConfirm = Code(wrapped: .nothingToConfirm)
        /// Others held a lock for as long as the caller waits for it.
        public static let lockTimedOut = Code(wrapped: .lockTimedOut)
        /// A lock was lost before the work under it had ended.
        public static let lockLost = Code(wrapped: .lockLost)
        /// The cache has been shut down.
        public static let closed = Code(wrapped: .closed)
        /// Others changed the key again and again while the call tried to.
        public static let contended = Code(wrapped: .contended)
        /// What was asked for cannot be done with this configuration.
        public static let unsupported = Code(wrapped: .unsupported)

        public var description: String {
            "\(wrapped)"
        }
    }

    /// What kind of refusal it was.
    public let code: Code
    /// What happened, and what to do.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String {
        "\(code): \(message)"
    }
}
