/// What parent and nodes agree on: keys, times, bounds.
enum Plan {
    /// Nodes that run at a time. The last two reach Redis through a proxy each.
    static let nodes = 4
    static let proxied = 2
    static let callers = 12

    static let bound = milliseconds(2_000)
    static let breakerPause = milliseconds(1_000)
    static let remoteDeadline = milliseconds(250)

    /// One load in twelve takes so long: longer than the deadline by which stamps may lie ahead (see `Judge`), so that a clear can come between.
    static let longLoad = milliseconds(700)

    /// A busy machine is given so long before a stale answer counts as one.
    static let grace = milliseconds(1_000)
    /// The same for callers and their deadlines.
    static let callerAllowance = milliseconds(2_000)

    // Keys by what happens to them.
    static let hot = 0..<4
    /// Written now and then, by all.
    static let calm = 4..<34
    /// Written and loaded by one node each, read by all: a notice that is lost is not made good by a write of the reader.
    static let owned = 34..<66
    /// Live for a second and a half, so that there is always something to load.
    static let brief = 66..<78
    static let briefLife = milliseconds(1_500)
    /// Carry tags, which are invalidated now and then, and may stand in for loads that fail.
    static let tagged = 78..<108
    /// Those whose loads all fail, so that what stands in does so for long.
    static let failing = 98..<108
    static let keys = 108
    static let tags = 10
    /// So that what was served once a load had failed does not hold back the next load for long.
    static let taggedThrottle = milliseconds(300)

    /// One to three of the tags.
    static func tags(of key: Int) -> [Int] {
        guard tagged.contains(key) else { return [] }
        let number = key - tagged.lowerBound
        let all = [number % tags, (number * 3 + 1) % tags, (number * 7 + 2) % tags]
        return Array(Set(all.prefix(1 + number / tags))).sorted()
    }

    // A cycle: faults, then healing, then all settles and is read once more.
    static let cycle = milliseconds(25_000)
    static let faultsEnd = milliseconds(14_000)
    static let writesEnd = milliseconds(19_000)
    static let settledReads = milliseconds(23_500)

    static func owner(of key: Int) -> Int { (key - owned.lowerBound) % nodes }
}
