/// One way on which notices of changes come from the remote tier: a tracked connection, or a subscription.
///
/// What was read from the remote tier is kept in memory together with the line that would tell of its next change. While that line
/// stands and is proved to be alive, the copy in memory is as good as the entry itself.
public struct InvalidationLine: Sendable, Hashable {
    /// Never zero, and not used again before four thousand million others were.
    let number: UInt32
    /// Whether it also tells, once each, of what this node itself writes over it.
    let tellsOwnWrites: Bool

    init(number: UInt32, tellsOwnWrites: Bool = true) {
        self.number = number
        self.tellsOwnWrites = tellsOwnWrites
    }
}

/// The line that tells of changes of an entry, at one moment; see ``RemoteTier/witness(of:for:)``.
public struct RemoteWitness: Sendable, Hashable {
    /// The line.
    public let line: InvalidationLine
    /// Which way exchanges about the entry take: another number where they may have begun to go elsewhere.
    public let route: UInt64

    /// Makes a witness.
    public init(line: InvalidationLine, route: UInt64 = 0) {
        self.line = line
        self.route = route
    }
}

/// Who hears of what others change in the remote tier. A cache is one; an implementation of ``RemoteTier`` calls it.
///
/// The calls for one line come one after the other, in the order of what happened there. Over a tracked connection they come before the answer
/// of any exchange that the remote tier carried out later; a subscription may be behind, and then takes what was read meanwhile for nothing.
/// They return soon and call nothing back.
public protocol InvalidationListener: AnyObject, Sendable {
    /// At what pace the listener wants lines to be proved.
    var provingPace: Duration { get }

    /// What its entries look like. A remote tier that hears only of what caches do need not tell a listener to entries that other programs write.
    var format: WireFormat { get }

    /// A line stands, and nothing was read over it yet. Nil where there are more lines than can be told apart: then what
    /// is read over this one has no witness.
    func opened(tellsOwnWrites: Bool) -> InvalidationLine?

    /// All that had changed until so long ago has been told.
    func proved(_ line: InvalidationLine, before: Duration)

    /// The line is gone: what was read over it is watched no more.
    func closed(_ line: InvalidationLine)

    /// These entries were written or removed, or the remote tier has let go of them. Names of others' entries do no harm.
    ///
    /// If the line tells of own writes: of each write of an `envelope` entry that was done over it, once, the entry having been looked at first.
    /// Nil for a line that does not stand yet, or has no number: what it tells is heeded all the same.
    func changed(_ names: [String], on line: InvalidationLine?)

    /// All entries that were read over this line are gone. The line stands under another number from then on; nil as for
    /// ``opened(tellsOwnWrites:)``.
    func changedAll(_ line: InvalidationLine) -> InvalidationLine?
}

extension InvalidationListener {
    /// The usual format.
    public var format: WireFormat { .envelope }
}
