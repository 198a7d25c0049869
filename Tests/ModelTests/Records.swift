import Recuerde

/// A call, from its first step on.
struct CallRecord {
    var id: Int
    /// Which process it was made to; a restarted node is another one.
    var process: Int
    var group: Int
    var call: Call
    /// Counts what happens: of two that do not overlap, the one with the smaller end came first.
    var begin = Int.max
    var beginTime = MonotonicInstant(nanoseconds: 0)
    var end: Int?
    var endTime: MonotonicInstant?
    var stalledBefore = Duration.zero
    /// Whether it returned, and did not throw.
    var succeeded = false
    /// Whether somebody cancelled it, or killed its process.
    var wasCancelled = false
    var isDead = false
    /// What was known of its way to the store when it began.
    var failuresBefore = 0
    var wasClean = false
    /// Whether the process had ever seen the marks of its cache by then.
    var knewMarks = false
    /// Whether the store took part from the beginning to the end, so that it knows of the call.
    var isClean = false
    /// Whether its node had been told of all changes by then, and no line of it had ever failed.
    var hadHeardAll = false
    /// The same of the records of tags.
    var hadHeardOfTags = false
    /// How many notices of each key its node had been told of by then.
    var told: [Int] = []
    /// The same of the record of each tag.
    var toldOfTags: [Int] = []
    /// What it was answered, if it asked for one value.
    var answer: Int?
    var provenance: Provenance?
    /// What its load was told of: values that it may replace.
    var handed: [(key: Int, value: Int)] = []
    /// What has failed of a call for several values.
    var failures: [(key: Int, error: any Error)] = []
    /// Whether its node loads values early, so that it may have waited for such a load before its own.
    var mayWaitTwice = false

    /// The longest that it may take.
    var bound: Duration {
        switch call {
        case .value(_, _, _, let terms): terms.bound(waitsTwice: mayWaitTwice)
        // It may have to wait for those of others before what is left is loaded.
        case .values(_, _, let terms): terms.bound(waitsTwice: true)
        case .clear, .clearKeepingStale: .milliseconds(2_000)
        case .invalidate: .milliseconds(500)
        default: .milliseconds(250)
        }
    }
}

/// How a value was seen.
struct Sight {
    var isStale: Bool
    var isShared: Bool
    /// Whether it may come from memory, whose knowledge of others is that of its node.
    var mayBeOfMemory: Bool
    var suffix = ""

    init(_ source: Provenance?) {
        isStale = source?.source == .stale
        isShared = source?.shared == true
        mayBeOfMemory = source.map { $0.source == .memory || $0.source == .stale } ?? true
    }

    /// By a load, as the value that it may replace.
    static var handed: Sight {
        var sight = Sight(nil)
        sight.isStale = true
        sight.suffix = " to confirm"
        return sight
    }
}

/// A value that somebody set or loaded. Its number is the value itself, so that each answer tells who wrote it.
struct ValueRecord {
    var key: Int
    var group: Int
    /// The call that set it, or whose load made it.
    var call: Int
    var isLoad: Bool
    var life: Life
    /// When its set, or its load, began.
    var begin: Int
    var beginTime: MonotonicInstant
    /// When its load ended or was cut off.
    var loadEnd: MonotonicInstant?
    var loadEndMoment = Int.max
    var isRefresh = false
    var tags: [Int] = []
    /// Whether its load has given it.
    var isMade = false
    /// Whether nobody waited for it any more, or ever did, when its load began or when that ended.
    var isOfBackground = false
}

/// What takes the place of all that began before it: a set, a removal, an expiry, a clear.
struct Supersession {
    var call: Int
    /// Whether what it takes the place of may stand in for a load that fails.
    var keepsStale = false
    /// The value of a set.
    var value: Int?
}

/// A truth that did not hold.
struct Violation: Error {
    var truth: Int
    var what: String
}
