/// What director, nodes and judge of the source agree on. All of them read the same clock, so each knows how the source is.
enum SourcePlan {
    static let nodes = 3
    static let callers = 100
    static let keys = 8

    static let cycle = milliseconds(20_000)
    /// From when on it hangs, fails, and answers again.
    static let hangs = milliseconds(4_000)
    static let fails = milliseconds(9_500)
    static let answers = milliseconds(13_500)

    static let life = milliseconds(400)
    static let staleness = milliseconds(600_000)
    static let soft = milliseconds(150)
    static let hard = milliseconds(1_000)
    static let loadTimeout = milliseconds(3_000)
    static let throttle = milliseconds(500)
    static let remoteDeadline = milliseconds(250)
    static let breakerPause = milliseconds(500)
    /// A load of a source that is well.
    static let work = milliseconds(5)..<milliseconds(25)

    /// A busy machine is given so long; hundreds of callers wake at the same moment.
    static let grace = milliseconds(1_000)
    static let allowance = milliseconds(600)

    enum State: Sendable { case well, hanging, failing }

    static func state(_ phase: Int64) -> State {
        phase < hangs || phase >= answers ? .well : phase < fails ? .hanging : .failing
    }

    /// Of five callers four have a stale value as soon as the load is slow; the fifth waits for longer.
    static func limit(ofCaller number: Int) -> Int64 { number % 5 == 0 ? hard : soft }
}
