/// Why a provider gave no usable answer. Shows neither the API key nor the prompt nor what came back.
public struct ProviderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure; few and fixed, so that it can label a metric.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case unauthorized, invalidRequest, rateLimited, quotaExhausted, overloaded, serverError
            case notConnected, connectionFailed, timedOut, tooLarge, truncated, refused, filtered, paused, empty,
                unparseable
            case suspended, busy, budgetSpent, hintContainedAnswer, cancelled
        }

        private let value: Value

        /// The key is missing, wrong or not allowed to do this (401, 403).
        public static let unauthorized = Code(value: .unauthorized)
        /// The provider does not take the request (other 4xx).
        public static let invalidRequest = Code(value: .invalidRequest)
        /// Too many requests (429), also after the retries.
        public static let rateLimited = Code(value: .rateLimited)
        /// The account has no money left; waiting does not help.
        public static let quotaExhausted = Code(value: .quotaExhausted)
        /// The provider has no capacity (503, 529).
        public static let overloaded = Code(value: .overloaded)
        /// The provider failed (other 5xx, 408, 409).
        public static let serverError = Code(value: .serverError)
        /// No connection came about; nothing was sent.
        public static let notConnected = Code(value: .notConnected)
        /// The connection was cut after the request had begun to go out.
        public static let connectionFailed = Code(value: .connectionFailed)
        /// No answer in time.
        public static let timedOut = Code(value: .timedOut)
        /// The answer is longer than is read.
        public static let tooLarge = Code(value: .tooLarge)
        /// The answer was cut off at the token limit.
        public static let truncated = Code(value: .truncated)
        /// The model refused.
        public static let refused = Code(value: .refused)
        /// A content filter held the answer back.
        public static let filtered = Code(value: .filtered)
        /// The model paused or wants to call a tool.
        public static let paused = Code(value: .paused)
        /// There is no text in the answer.
        public static let empty = Code(value: .empty)
        /// The answer is not of the form that was asked for.
        public static let unparseable = Code(value: .unparseable)
        /// Not asked: the provider failed again and again and is left alone for a while.
        public static let suspended = Code(value: .suspended)
        /// Not asked: as many calls as allowed are under way.
        public static let busy = Code(value: .busy)
        /// Not asked: the day's money is spent.
        public static let budgetSpent = Code(value: .budgetSpent)
        /// The hint gave the answer away.
        public static let hintContainedAnswer = Code(value: .hintContainedAnswer)
        /// The caller went away.
        public static let cancelled = Code(value: .cancelled)

        /// The word for logs and metrics, in snake case.
        public var description: String {
            var text = ""
            for character in value.rawValue {
                if character.isUppercase { text.append("_") }
                text.append(contentsOf: character.lowercased())
            }
            return text
        }
    }

    /// The kind of failure.
    public var code: Code
    /// What happened and what to do.
    public var message: String
    /// The HTTP status of the last attempt, where there was one.
    public var status: Int?
    /// What was used all the same: a truncated or refused answer is billed.
    public var usage: TokenUsage?
    /// HTTP requests made.
    public var attempts: Int
    /// Attempts that may have been billed although nobody can say how much: those that got no answer after the request
    /// had gone out, or one without figures.
    public var unaccountedAttempts: Int

    /// Makes an error.
    ///
    /// `unaccountedAttempts` follows from the code and the usage where nothing is said: 1 for an answer that never
    /// came, cannot be read or is of no use, where its tokens are not known; otherwise 0.
    public init(
        _ code: Code,
        message: String,
        status: Int? = nil,
        usage: TokenUsage? = nil,
        attempts: Int = 0,
        unaccountedAttempts: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.usage = usage
        self.attempts = attempts
        let isUnaccounted =
            switch code {
            case .connectionFailed, .timedOut, .tooLarge, .unparseable, .truncated, .refused, .filtered, .paused,
                .empty:
                usage == nil
            case .cancelled: usage == nil && attempts > 0
            default: false
            }
        self.unaccountedAttempts = max(0, unaccountedAttempts ?? (isUnaccounted ? 1 : 0))
    }

    /// What is safe to log.
    public var description: String {
        let statusText = status.map { " (HTTP \($0))" } ?? ""
        return "\(code)\(statusText): \(message)"
    }

    /// What the failure says about the provider: that it is in trouble or asked wrongly, that it works although this
    /// one answer is of no use, or nothing.
    var breakerOutcome: ProviderBreaker.Outcome {
        switch code {
        case .unauthorized, .invalidRequest, .rateLimited, .quotaExhausted, .overloaded, .serverError, .notConnected,
            .connectionFailed, .timedOut, .tooLarge, .unparseable:
            .failure
        case .truncated, .refused, .filtered, .paused, .empty, .hintContainedAnswer:
            .neutral
        default:
            .abandoned
        }
    }

    /// Whether the provider was asked at all.
    var wasAsked: Bool {
        switch code {
        case .suspended, .busy, .budgetSpent: false
        case .cancelled: attempts > 0
        default: true
        }
    }
}
