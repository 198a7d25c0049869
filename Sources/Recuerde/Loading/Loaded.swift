/// What a load gives: the value, and what the load alone can know about it.
///
/// What it says goes before what the call, the kind and the cache say, for this value alone: the caller's options stay as they were. It
/// holds however the load ends, for a caller who waits as in the background.
public struct Loaded<Value: Sendable>: Sendable {
    /// The value.
    public var value: Value {
        didSet { isConfirmation = false }
    }
    /// Whether it may be kept. If not, it is handed to those who wait, and the next call loads again; what is kept under the key already
    /// stays as it is, fresh or stale, and may go on standing in for loads that fail. Who wants that gone removes it.
    public var store: Bool
    /// Time to live, in place of the call's. Zero and less: as if ``store`` were false.
    public var timeToLive: Duration?
    /// How long past its logical life the entry may stand in when a later load fails, in place of the call's.
    public var maximumStaleness: Duration?
    /// What the load cost; kept with the entry.
    public var cost: LoadCost?
    /// Tags, in place of the call's. Those of the call are known while the load runs, so that nobody joins it who comes after one of them was
    /// invalidated; prefer them where they are known. Something that is no tag keeps the value from being kept.
    public var tags: [String]?
    /// What the source says about this version of the value, for the load that may replace it (``LoadContext/previous``). Entries of the
    /// format `plain` in a remote tier have no room for it. Where it is longer than ``Validators/maximumLength``, the value is kept without
    /// it.
    public var validators: Validators?
    /// Whether it is the value that was there before, see ``LoadContext/notModified()``.
    var isConfirmation = false

    /// Makes the outcome of a load.
    public init(
        _ value: Value,
        store: Bool = true,
        timeToLive: Duration? = nil,
        maximumStaleness: Duration? = nil,
        cost: LoadCost? = nil,
        tags: [String]? = nil,
        validators: Validators? = nil
    ) {
        self.value = value
        self.store = store
        self.timeToLive = timeToLive
        self.maximumStaleness = maximumStaleness
        self.cost = cost
        self.tags = tags
        self.validators = validators
    }
}
