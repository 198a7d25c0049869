/// Who has to end by when, and when the one timer for them all has to look. Free of I/O; the times are the caller's.
///
/// The timer sleeps in slices and looks at nobody before the first deadline that it knows of, so that a thousand loads under way cost it as
/// little as one. What has ended is forgotten at once; a deadline that was the first stays as the time of a look that finds nobody.
struct DeadlineBook<End> {
    /// A timer that has to be started; the one before it no longer counts.
    struct Start {
        var generation: UInt64
        var until: MonotonicInstant
    }

    private struct Watched {
        var deadline: MonotonicInstant
        var end: End
    }

    /// The longest sleep. An abandoned sleep is kept by the runtime until its time would have come, so that it has to be short.
    static var slice: Duration { .milliseconds(250) }

    private var watched: [UInt64: Watched] = [:]
    private var lastNumber: UInt64 = 0
    /// Nobody's deadline lies before this.
    private var nobodyBefore = MonotonicInstant.distantFuture
    /// Until when the timer sleeps; nil while there is none.
    private var wakesAt: MonotonicInstant?
    /// Tells the timer that counts from those that were told to end.
    private var generation: UInt64 = 0

    /// How many are watched.
    var count: Int { watched.count }
    /// Whether there is a timer that counts.
    var hasTimer: Bool { wakesAt != nil }

    mutating func add(deadline: MonotonicInstant, now: MonotonicInstant, end: End) -> (number: UInt64, start: Start?) {
        lastNumber &+= 1
        watched[lastNumber] = Watched(deadline: deadline, end: end)
        nobodyBefore = min(nobodyBefore, deadline)
        // A timer that is behind its time wakes at once.
        if let wakesAt, wakesAt <= deadline { return (lastNumber, nil) }
        generation &+= 1
        let until = min(deadline, now.advanced(by: Self.slice))
        wakesAt = until
        return (lastNumber, Start(generation: generation, until: until))
    }

    /// What was watched under this number has ended; returns what it left for the caller to let go of.
    mutating func remove(_ number: UInt64) -> End? {
        watched.removeValue(forKey: number)?.end
    }

    /// A timer has woken. Returns who is due, first things first, and until when it sleeps next; nil where it has to end.
    mutating func wake(generation: UInt64, now: MonotonicInstant) -> (due: [End], next: MonotonicInstant?) {
        guard self.generation == generation else { return ([], nil) }
        var due: [Watched] = []
        if nobodyBefore <= now {
            nobodyBefore = .distantFuture
            for (number, entry) in watched {
                if entry.deadline <= now {
                    due.append(entry)
                    watched[number] = nil
                } else {
                    nobodyBefore = min(nobodyBefore, entry.deadline)
                }
            }
            due.sort { $0.deadline < $1.deadline }
        }
        if watched.isEmpty {
            nobodyBefore = .distantFuture
            wakesAt = nil
        } else {
            wakesAt = min(nobodyBefore, now.advanced(by: Self.slice))
        }
        return (due.map(\.end), wakesAt)
    }

    /// A timer ended before its time. If it counted, the next that is added starts another.
    mutating func timerEnded(generation: UInt64) {
        if self.generation == generation { wakesAt = nil }
    }
}
