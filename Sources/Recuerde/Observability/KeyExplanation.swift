/// What a cache knows about one key, and why a read of it would hit or miss: everything but the value.
public struct KeyExplanation: Sendable, Hashable {
    /// The key's text, hidden where keys are (``KeyHashing``).
    public var key: String
    /// The entry's name in Redis.
    public var name: String
    /// What a read would find, and by which rule.
    public var verdict: String
    /// What memory holds; nil for nothing.
    public var memory: Holding?
    /// What Redis holds; nil for nothing, or where it was not to be asked.
    public var redis: Holding?
    /// Whether Redis answered.
    public var redisAnswered: Bool
    /// Why it did not, as the word of a ``JournalReason``, or `left_alone` where it is known to be down; nil where it did, and where there is none.
    public var redisFailure: String?
    /// Whether a write of this key, or a clear, waits for Redis.
    public var hasPendingWrite: Bool
    /// All that waits for Redis and concerns this key: a clear, invalidations of its tags, and its own writes, in the order in which they are brought there.
    public var journal: [Waiting]
    /// Whether a load is under way.
    public var isLoading: Bool
    /// The loads that are under way in this process.
    public var flights: [Flight]
    /// Who has the lease of the key's load, where loads are one per cluster; nil for nobody, or where that could not be found out.
    public var lease: Lease?
    /// For how long stale values are served without a load, since one has failed; nil where one would be tried.
    public var pause: Duration?

    /// What one tier holds.
    public struct Holding: Sendable, Hashable {
        /// `fresh`, `stale`, `dead` where it is past its physical expiry, `unreadable`, `unencrypted` where encryption is required, `overruled` by a write that
        /// waits for Redis, or `invalidated` by one of its tags; one that has expired by its tags and may stand in for a load is `stale`.
        public var state: String
        /// Why bytes are unreadable: `damaged`, `unencrypted`, `unknown_key` or `forged` (altered, brought here from under another name, or of another key of that
        /// identifier); nil for what can be read.
        public var refusal: String?
        /// The entry's version; nil where the format does not say.
        public var stamp: Stamp?
        /// Time since the value was made.
        public var age: Duration?
        /// Time until its logical expiry.
        public var remaining: Duration?
        /// Time until its physical expiry: for so long it may stand in for a load that fails.
        public var life: Duration?
        /// Bytes: the weight in memory, or the length in Redis.
        public var bytes: Int
        /// The entry's tags.
        public var tags: [String]
        /// What is known of each of them.
        public var marks: [Mark]
        /// What its source said about this version.
        public var validators: Validators?
        /// What its load cost, where it said so.
        public var cost: LoadCost?
        /// Whether it was written here and is on its way to Redis. Of memory only.
        public var isProvisional: Bool
        /// Whether somebody tells of changes of it and of its tags: `verified`, `unverified` (not for a moment, within
        /// ``CacheConfiguration/stalenessBound``) or `lost`. Nil for what Redis holds, and where nobody goes by it.
        public var standing: String?
        /// How the bytes in Redis are made; nil for memory, whose values are decoded, and for what is no entry of this version.
        public var payload: Payload?

        init(state: String, bytes: Int, tags: [String] = []) {
            self.state = state
            self.bytes = bytes
            self.tags = tags
            marks = []
            isProvisional = false
        }
    }

    /// What a tag makes of an entry.
    public struct Mark: Sendable, Hashable {
        /// The tag.
        public var tag: String
        /// `valid`, `expired` or `removed` by an invalidation, or `unknown` where its record has changed and was not read since.
        public var effect: String
        /// Entries that are not stamped later have expired; nil for none.
        public var expiredUpTo: Stamp?
        /// Entries that are not stamped later are gone; nil for none.
        public var removedUpTo: Stamp?
    }

    /// How the bytes of an entry are made.
    public struct Payload: Sendable, Hashable {
        /// Whether the value is compressed. Of an encrypted entry too.
        public var isCompressed: Bool
        /// The identifier of the key that it is encrypted with; nil for none.
        public var encryptionKeyID: String?
        /// The version of its type's schema; see ``CacheSchemaVersioned``.
        public var schemaVersion: UInt32
    }

    /// Something that waits for Redis.
    public struct Waiting: Sendable, Hashable {
        /// What is to be done. May grow.
        public struct Operation: Sendable, Hashable, CustomStringConvertible {
            /// The word for it.
            public let description: String
            /// The tag, of an invalidation.
            public let tag: String?

            private init(_ description: String, tag: String? = nil) {
                self.description = description
                self.tag = tag
            }

            /// A value is written.
            public static let write = Operation("write")
            /// The entry is removed.
            public static let removal = Operation("removal")
            /// The entry is expired.
            public static let expiry = Operation("expiry")
            /// All entries are removed.
            public static let clear = Operation("clear")
            /// All entries are expired.
            public static let clearKeepingStale = Operation("clear_keeping_stale")
            /// A tag is invalidated.
            public static func invalidation(of tag: String) -> Operation { Operation("invalidation", tag: tag) }

            init(_ operation: RemoteWrite.Operation) {
                switch operation {
                case .store: self = .write
                case .remove: self = .removal
                case .expire: self = .expiry
                }
            }
        }

        /// What is to be done.
        public var operation: Operation
        /// What is stamped later is not touched by it.
        public var stamp: Stamp
        /// What came of the last attempt.
        public var reason: JournalReason
        /// How often it was refused.
        public var attempts: Int
        /// For how long it is not tried again; nil where the next attempt is due.
        public var pause: Duration?
    }

    /// A load that is under way.
    public struct Flight: Sendable, Hashable {
        /// `load`, `refresh` where a caller has asked for a new value whatever is there, or `early_refresh` before the value has expired.
        public var purpose: String
        /// How many callers wait for it; none where it goes on in the background.
        public var waiting: Int
    }

    /// The lease of a load.
    public struct Lease: Sendable, Hashable {
        /// Whether this process holds it.
        public var isHeldHere: Bool
        /// For how long it lasts unless it is renewed; nil where Redis did not say.
        public var remaining: Duration?
    }
}

extension MonotonicInstant {
    /// The time until a later instant; nil where that is not later.
    func pause(until end: MonotonicInstant) -> Duration? {
        self < end ? duration(to: end) : nil
    }
}
