import Recuerde
import RecuerdeTesting

/// One thing that happens in a history.
enum Event: Sendable {
    /// A caller calls a node. The number names the call.
    case call(Int, node: Int, Call)
    /// The caller of that call is cancelled.
    case cancel(Int)
    /// The load of that call comes to its end.
    case endLoad(Int, fails: Bool)
    /// So many ready steps are carried out, in an order that the seed picks.
    case steps(Int, seed: UInt64)
    /// All of them.
    case settle(seed: UInt64)
    /// Time passes, and whoever wakes does what there is to do.
    case pass(Duration, seed: UInt64)
    /// Time passes while nobody gets to run.
    case stall(Duration)
    /// What becomes of every exchange of a node from now on.
    case link(node: Int, ScriptedExchange)
    /// What becomes of its next ones.
    case nextExchanges(node: Int, [ScriptedExchange])
    case store(StoreEvent)
    case tag(TagPlan.Event)
    case line(node: Int, LineEvent)
    /// The process of a node is killed, and another one started.
    case restart(node: Int)
    /// The upkeep of a node begins.
    case run(node: Int)
}

/// What befalls the store.
enum StoreEvent: Sendable {
    case down(losingData: Bool)
    case up
    case freeze(Duration)
    case loseData
    case full(Bool)
    case evict(key: Int, group: Int)
    case evictCompanion(key: Int, group: Int)
    case garbage(key: Int, group: Int)
}

/// What befalls the line over which a node is told of changes.
enum LineEvent: Sendable {
    case breaks
    case opens
    /// Whether nothing is heard of it.
    case silent(Bool)
    /// So long notices are under way.
    case delay(Duration)
}

/// What a caller asks of a node.
enum Call: Sendable {
    case get(key: Int)
    case result(key: Int)
    case getAll
    case value(key: Int, life: Life, load: Load, terms: Terms)
    case set(key: Int, life: Life)
    case setAll(life: Life)
    case delete(key: Int)
    case clear
    case expire(key: Int)
    case clearKeepingStale
    /// Takes a stale value as well.
    case stale(key: Int)
    case touch(key: Int, life: Life)
    case contains(key: Int)
    case invalidate(tags: [Int], removes: Bool)
    /// All keys in one load.
    case values(life: Life, load: Load, terms: Terms)
}

extension Call {
    /// Of a call that may load.
    var terms: Terms? {
        switch self {
        case .value(_, _, _, let terms), .values(_, _, let terms): terms
        default: nil
        }
    }

    /// The key that it loads, if it is one.
    var loadedKey: Int? {
        if case .value(let key, _, _, _) = self { key } else { nil }
    }

    func mayLoad(_ key: Int) -> Bool {
        if case .values = self { true } else { loadedKey == key }
    }
}

/// A time to live, and how long past it a value may stand in.
struct Life: Sendable {
    var fresh: Duration
    var stale: Duration = .zero
    var total: Duration { fresh + stale }

    static let long = Life(fresh: .seconds(36_000))
    /// Long, and as long past that.
    static let lasting = Life(fresh: .seconds(36_000), stale: .seconds(36_000))
}

/// How a load goes.
enum Load: Sendable {
    /// It gives its value after so many suspensions.
    case quick(suspensions: Int)
    case fails
    /// It waits for `endLoad`, or for its deadline.
    case waits(heedsCancellation: Bool)
}

/// How the world of a history is set up.
struct Setup: Sendable {
    var nodes = 2
    /// How far each node's clock is ahead of the store's.
    var clockOffsets: [Duration] = []
    var maximumEntries = 100
    var journalMaximumIntents = 10_000
    var breakerThreshold = 3
    /// Two prefixes, each of every other node.
    var hasTwoGroups = false
    /// Whether nodes ask the store before they are called for the first time.
    var connects = true
    /// Whether nodes are told of changes, and so ask memory first.
    var isTracked = false
    /// Where values have tags: which ones, by ``TagPlan``.
    var tagSeed: UInt64?
    /// Where callers want more than the value.
    var wants: WantPlan?
    var maximumBackgroundLoads = 1_000
    /// For how long a source is left alone that has failed.
    var failureThrottle = Duration.seconds(10)

    func group(of node: Int) -> Int { hasTwoGroups ? node % 2 : 0 }
    var groups: Int { hasTwoGroups ? 2 : 1 }
    /// One that looks like a pattern for the other's entries.
    static let prefixes = ["p*", "p:x"]
}

/// A history: what happens, and in which order.
struct History: ModelHistory {
    var seed: UInt64
    var setup: Setup
    var events: [Event]

    static let keys = 3
    /// How long a load of a history may take.
    static let loadTimeout = Duration.seconds(4)
}

extension Life: CustomStringConvertible {
    var description: String {
        self.fresh == Life.long.fresh ? stale == .zero ? "long" : "long+\(stale)" : "\(fresh)+\(stale)"
    }
}
