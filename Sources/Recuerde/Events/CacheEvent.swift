/// Something that has happened in a cache; see ``Cache/events(bufferSize:)``.
///
/// What it tells besides its kind depends on that; what does not apply is nil or empty. It names keys and tags, which may hold what users wrote, and
/// the error of a load: that is meant for the program that uses the cache, and not for logs or metrics. ``description`` shows nothing of them.
public struct CacheEvent: Sendable {
    /// Who has caused it.
    public struct Origin: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped {
            case here, elsewhere
        }

        private let wrapped: Wrapped

        /// A call of this cache, or its own work.
        public static let here = Origin(wrapped: .here)
        /// Another node, another program, or Redis itself, as a notice has told; or this node, where the notice cannot be told apart: of what a clear of
        /// its own that keeps stale values has changed, and of writes that were given up.
        public static let elsewhere = Origin(wrapped: .elsewhere)

        public var description: String { "\(wrapped)" }
    }

    /// What has happened.
    public var kind: Kind
    /// When, by the clock of this process.
    public var time: UnixTime
    /// Of which key. The hidden name where names are hidden (``KeyHashing``). Its ``CacheKey/kind`` is there where a call has named the key.
    public var key: CacheKey?
    /// Of which tags: each as one part of a name in Redis, escaped, or hidden where names are.
    public var tags: [String] = []
    /// Who has caused it.
    public var origin = Origin.here
    /// Where a hit was found: ``Provenance/Source/memory`` or ``Provenance/Source/redis``.
    public var tier: Provenance.Source?
    /// Why something stale was served.
    public var staleReason: Provenance.StaleReason?
    /// How long a load has taken.
    public var duration: Duration?
    /// What a load has failed with, or why Redis counts as away. That of a load is the load's own, and may say anything.
    public var error: (any Error)?
    /// How many entries a clear has taken, how many writes wait, or how many events were missed.
    public var count: Int?
    /// Why an entry had to leave memory.
    public var removalReason: RemovalReason?
    /// Why a write waits for Redis.
    public var journalReason: JournalReason?

    /// Makes an event, for tests of those who listen.
    public init(_ kind: Kind, key: CacheKey? = nil, time: UnixTime = UnixTime(microseconds: 0)) {
        self.kind = kind
        self.key = key
        self.time = time
    }
}

extension CacheEvent: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind, and how many, why and where from; neither keys nor tags nor errors.
    public var description: String {
        var words = [kind.rawValue, "by: \(origin)"]
        if let tier { words.append("tier: \(tier)") }
        if let staleReason { words.append("reason: \(staleReason)") }
        if let removalReason { words.append("reason: \(removalReason)") }
        if let journalReason { words.append("reason: \(journalReason)") }
        if let duration { words.append("duration: \(duration)") }
        if let count { words.append("count: \(count)") }
        return words.joined(separator: ", ")
    }

    public var debugDescription: String { description }

    /// Shows what ``description`` does.
    public var customMirror: Mirror { Mirror(self, children: ["event": description]) }
}
