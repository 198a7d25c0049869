/// A store that several processes share, as the cache sees it: named bytes with a stamp and a lifetime.
///
/// `RecuerdeRedis` has the one for Redis; `RecuerdeTesting` has a scripted one. What every implementation owes:
///
/// - a call returns or throws within its `timeout`, whatever the store does; the cache adds no timer of its own;
/// - each write is one atomic step for its key, and compares stamps as its condition says;
/// - an operation that throws may or may not have been carried out, and repeating it does no harm;
/// - cancelling the task of one call harms no other.
public protocol RemoteTier: Sendable {
    /// Reads entries, in the order of `names`, and in the same exchange what else is asked for.
    func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead

    /// Carries out writes, each by itself: one that is refused does not hold back the others. Outcomes are in order.
    ///
    /// - Throws: ``RemoteTierError`` where no answer came for the whole.
    func write(_ writes: [RemoteWrite], timeout: Duration) async throws -> [Result<RemoteOutcome, RemoteTierError>]

    /// One page of the names that match a glob pattern; `cursor` is nil for the first page.
    func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage

    /// Plants a token beside each of the named entries, for whoever is about to make a value for it, unless one stands
    /// there already; in order, each by itself.
    ///
    /// A token goes with the next write or removal of its entry, with a sweep, and with the store's data if that is lost.
    /// So a value that is stored only if its token still stands comes after nothing that happened meanwhile.
    func plant(
        _ names: [String],
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> [Result<RemoteToken, RemoteTierError>]

    /// The marks of a cache, which stand under `name`; made where they are missing. A clear is noted if it is later than the
    /// one that stands there.
    func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks

    /// Removes those of the named entries that are not stamped later than `stamp`, and the tokens beside all of them that
    /// were planted no later; returns how many entries there were.
    func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int

    /// As ``sweep(_:stamp:format:timeout:)`` for `envelope` entries, but those that may stand in for a load stay, marked as expired, with their
    /// stamps. Returns how many entries there were that had not been expired before.
    ///
    /// Of one name by itself, who is told of changes is told of the next one, as after a write.
    func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int

    /// Steps on the records of tags, in order, each by itself and atomic: one that is refused does not hold back the others.
    ///
    /// - Throws: ``RemoteTierError`` where no answer came for the whole.
    func tags(_ steps: [RemoteTagStep], timeout: Duration) async throws -> [Result<RemoteTag, RemoteTierError>]

    /// The store's clock: proves that it answers, and costs it next to nothing.
    func time(timeout: Duration) async throws -> Stamp

    /// Tells `listener` from now on what others change, for as long as both live. One that cannot tell does nothing.
    ///
    /// The listener is not kept alive by it. Lines that stand already are told of before the call returns.
    func listen(_ listener: any InvalidationListener)

    /// The line that would tell a listener of the next change of an entry if that were read now; nil for none.
    ///
    /// Asked before an exchange and after its answer, equal witnesses mean: the exchange went over that line, which has told of
    /// everything that happened before it was carried out, and will tell of the next change of what it read or wrote. Costs no exchange
    /// and next to no time.
    func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness?

    /// Leases in the same store; nil where it has none.
    var leases: (any LeaseStore)? { get }

    /// Where the store is, for people; without any secret.
    var address: String { get }
}

extension RemoteTier {
    /// One that cannot mark entries as expired lets go of them.
    public func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int {
        try await sweep(names, stamp: stamp, format: .envelope, timeout: timeout)
    }

    /// Tells nobody of anything.
    public func listen(_ listener: any InvalidationListener) {}

    /// None.
    public func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness? { nil }

    /// None.
    public var leases: (any LeaseStore)? { nil }
}

/// What a read asks for besides the entries.
public struct RemoteReadDetails: OptionSet, Sendable, Hashable {
    public let rawValue: Int

    /// The store's clock.
    public static let time = RemoteReadDetails(rawValue: 1)
    /// How long each entry still lives there, which an entry without an envelope does not say itself.
    public static let timesToLive = RemoteReadDetails(rawValue: 2)
    /// Of each entry only the first ``RemoteRead/headLength`` bytes, in which an envelope says its stamp. Asked for alone.
    public static let headsOnly = RemoteReadDetails(rawValue: 4)

    public init(rawValue: Int) {
        self.rawValue = rawValue
    }
}

/// What a read found.
public struct RemoteRead: Sendable {
    /// The bytes of each entry asked for, in order; nil for one that is not there.
    public var entries: [[UInt8]?]
    /// The store's clock, where it was asked for.
    public var time: Stamp?
    /// How long each entry still lives, where it was asked for, in the order of the entries: nil for one that lives without
    /// end, zero for one that is not there (any more).
    public var timesToLive: [Duration?]

    /// How many bytes of an entry are read where only heads are asked for.
    public static var headLength: Int { 28 }

    /// Makes an answer.
    public init(entries: [[UInt8]?], time: Stamp? = nil, timesToLive: [Duration?] = []) {
        self.entries = entries
        self.time = time
        self.timesToLive = timesToLive
    }
}

/// One page of a scan.
public struct RemotePage: Sendable {
    /// Names; one may come twice over the pages of a scan.
    public var names: [String]
    /// What to ask the next page with; nil after the last.
    public var cursor: String?

    /// Makes a page.
    public init(names: [String], cursor: String?) {
        self.names = names
        self.cursor = cursor
    }
}

/// A token that stands beside an entry.
public struct RemoteToken: Sendable, Hashable {
    /// What it is called by.
    public var text: String
    /// The stamp of a load that begins now: the store's clock, and later than what stands under the entry's name.
    public var stamp: Stamp
    /// The store's clock.
    public var time: Stamp

    /// Makes a token.
    public init(text: String, stamp: Stamp, time: Stamp) {
        self.text = text
        self.stamp = stamp
        self.time = time
    }
}

/// What the store knows of a cache as a whole.
public struct RemoteMarks: Sendable, Hashable {
    /// When the marks were made: since then the store has not lost its data, or it would have lost them as well.
    public var epoch: Stamp
    /// The latest clear; zero for none.
    public var cleared: Stamp
    /// Whether they were missing, and have been made by this very call.
    public var isNew: Bool

    /// Makes marks.
    public init(epoch: Stamp, cleared: Stamp, isNew: Bool) {
        self.epoch = epoch
        self.cleared = cleared
        self.isNew = isNew
    }
}

/// One write to the remote tier.
public struct RemoteWrite: Sendable {
    /// What is done.
    public enum Operation: Sendable, Equatable {
        /// Stores bytes for a time. Under `envelope` the stamp in the bytes is replaced by the one that the step takes.
        case store(bytes: [UInt8], timeToLive: Duration)
        /// Removes the entry and leaves a tombstone.
        case remove
        /// Marks the entry as expired where it stands, under the stamp that it has and for as long as it lives there, and leaves a tombstone with the
        /// stamp of this step. An entry that may not stand in for a load (its logical expiry is its physical one) is removed. Under `plain`
        /// the same as ``remove``.
        case expire

        /// Whether it brings a value there.
        package var isStore: Bool {
            if case .store = self { true } else { false }
        }
    }

    /// When it is done, and what stamp it takes. Under `plain`, which has no stamps, every write is done.
    public enum Condition: Sendable, Hashable {
        /// Always: the stamp is the store's clock, and later than what stands there and than `floor`.
        ///
        /// But not once the store's clock has passed `validUntil`: a write that its caller has given up, and that the
        /// store finds in a buffer later, must not come after what was written since.
        case always(floor: Stamp, validUntil: Stamp)
        /// Only if nothing stands there that is stamped as late as `stamp` or later; the stamp stays.
        ///
        /// A removal that is not done because of a later tombstone still removes an entry that is stamped earlier than itself, which
        /// somebody has expired since: what it was to take away must not stand in for a load. A store that is not done changes nothing.
        case ifNewer(Stamp)
        /// As ``ifNewer(_:)``, and only if this token still stands beside the entry; it stays there.
        case ifToken(Stamp, token: String)
    }

    /// The entry's name.
    public var name: String
    /// What is done.
    public var operation: Operation
    /// When it is done.
    public var condition: Condition
    /// Whether the entry has an envelope.
    public var format: WireFormat

    /// Makes a write.
    public init(name: String, operation: Operation, condition: Condition, format: WireFormat) {
        self.name = name
        self.operation = operation
        self.condition = condition
        self.format = format
    }
}

/// What came of a write.
public struct RemoteOutcome: Sendable, Equatable {
    /// Whether it was done; false where something newer stood there.
    public var applied: Bool
    /// Whether an entry stood there before.
    public var existed: Bool
    /// The stamp of what stands there now; for a write that came too late, the store's clock.
    public var stamp: Stamp
    /// Whether it was not done because `validUntil` had passed.
    public var isLate: Bool
    /// Whether it was done, and has left the entry as it was: an expiry of what had been expired before. Then no notice of it comes.
    public var isUnchanged: Bool

    /// Makes an outcome.
    public init(applied: Bool, existed: Bool, stamp: Stamp, isLate: Bool = false, isUnchanged: Bool = false) {
        self.applied = applied
        self.existed = existed
        self.stamp = stamp
        self.isLate = isLate
        self.isUnchanged = isUnchanged
    }
}

/// Why the remote tier did not do what it was asked.
public struct RemoteTierError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the cache makes of a failure. May grow.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Wrapped {
            case unavailable, absent, timedOut, overloaded, refused, authenticationFailed, interrupted, leftAlone
        }

        private let wrapped: Wrapped

        /// The store cannot be reached, or is of no use, so that what was asked for is not under way to it: the breaker opens at once.
        public static let unavailable = Code(wrapped: .unavailable)
        /// Nobody is there at the store's address, for anyone (its port is closed): the breaker opens at once. What is merely not
        /// reached is ``unavailable``, for others may reach it.
        public static let absent = Code(wrapped: .absent)
        /// No answer in time: a few of these in a row open the breaker.
        public static let timedOut = Code(wrapped: .timedOut)
        /// Too much is under way on our side already; says nothing about the store.
        public static let overloaded = Code(wrapped: .overloaded)
        /// The store answers, and refuses this operation (full, read-only, no permission).
        public static let refused = Code(wrapped: .refused)
        /// The store does not accept our credentials: the breaker opens at once.
        public static let authenticationFailed = Code(wrapped: .authenticationFailed)

        /// A connection broke under way; whether the store is there, the next exchange tells.
        public static let interrupted = Code(wrapped: .interrupted)
        /// The store is known to be down, and was not asked.
        public static let leftAlone = Code(wrapped: .leftAlone)

        public var description: String {
            "\(wrapped)"
        }
    }

    /// What the cache makes of it.
    public let code: Code
    /// What happened, without secrets, keys or values.
    public let message: String
    /// Whether the store refuses the operation because it is full. Other refusals (read-only, no permission) may end while nothing has
    /// been given up for them.
    public let lacksRoom: Bool

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: What the cache makes of it.
    ///   - message: What happened, without secrets, keys or values.
    ///   - lacksRoom: Whether the store refuses because it is full. A ``Code/refused`` that does not say so is taken for one that may end
    ///     soon.
    public init(_ code: Code, _ message: String, lacksRoom: Bool = false) {
        self.code = code
        self.message = message
        self.lacksRoom = lacksRoom
    }

    public var description: String {
        "\(code): \(message)"
    }
}
