import Synchronization

/// The ear of a cache: applies to memory what others have changed in the remote tier.
///
/// Called on whatever thread the notices arrive; holds the lock of one shard of memory for each.
final class Invalidation: InvalidationListener {
    let provingPace: Duration
    private let lines: LineTable
    private let memory: MemoryTier
    private let flights: FlightTable
    private let tags: TagBook
    private let clock: HybridClock
    private let keySpace: KeySpace
    private let timeSource: any TimeSource
    private let log: CacheLog
    private let copiesTaken = Atomic(0)
    private let isFlushed = Atomic(false)
    private let own = Mutex(OwnWrites())
    /// The same for the records of tags.
    private let ownTags = Mutex(OwnWrites())

    init(
        lines: LineTable,
        memory: MemoryTier,
        flights: FlightTable,
        tags: TagBook,
        clock: HybridClock,
        keySpace: KeySpace,
        timeSource: any TimeSource,
        log: CacheLog,
        pace: Duration
    ) {
        self.lines = lines
        self.memory = memory
        self.flights = flights
        self.tags = tags
        self.clock = clock
        self.keySpace = keySpace
        self.timeSource = timeSource
        self.log = log
        self.provingPace = pace
    }

    var format: WireFormat { keySpace.format }

    /// How many copies have gone for notices.
    var applied: Int { copiesTaken.load(ordering: .relaxed) }

    /// Whether all has been lost since this was asked last.
    func takeFlush() -> Bool { isFlushed.exchange(false, ordering: .acquiringAndReleasing) }

    func opened(tellsOwnWrites: Bool) -> InvalidationLine? {
        let now = timeSource.now()
        let line = lines.open(tellsOwnWrites: tellsOwnWrites, now: now)
        // Nothing is wrong but slow: what is read over it is asked for each time.
        if line == nil { log.tooManyLines(limit: LineTable.capacity, now: now) }
        return line
    }

    func proved(_ line: InvalidationLine, before: Duration) {
        let instant = timeSource.now().advanced(by: .zero - max(.zero, before))
        lines.prove(line, at: instant)
        own.withLock { $0.proved(line, at: instant) }
        ownTags.withLock { $0.proved(line, at: instant) }
    }

    func closed(_ line: InvalidationLine) {
        lines.close(line)
        own.withLock { $0.closed(line) }
        ownTags.withLock { $0.closed(line) }
    }

    func changed(_ names: [String], on line: InvalidationLine?) {
        for name in names {
            guard let text = keySpace.keyText(ofEntry: name) else {
                if let tag = keySpace.tagText(ofRecord: name) { changed(tag: tag, on: line) }
                continue
            }
            let key = CacheKey(escapedText: text)
            let isOthers = line.map { line in own.withLock { $0.notice(key, on: line) } } ?? true
            if isOthers { apply(key) }
        }
    }

    private func apply(_ key: CacheKey) {
        if memory.invalidate(key) {
            copiesTaken.wrappingAdd(1, ordering: .relaxed)
            log.invalidatedElsewhere(key)
        }
        // Whoever comes from now on must not get what was read or made of what stood there before.
        flights.detach(key)
    }

    // MARK: Tags

    /// The record of a tag was written, or the remote tier has let go of it. It is read again when somebody needs it.
    private func changed(tag text: String, on line: InvalidationLine?) {
        let isOthers =
            line.map { line in ownTags.withLock { $0.notice(CacheKey(escapedText: text), on: line) } } ?? true
        if isOthers { doubt(text) }
    }

    private func doubt(_ text: String) {
        guard let mark = tags.present(text) else { return }
        mark.changed(before: clock.latest)
        log.invalidatedElsewhere(tag: text)
    }

    /// This node is about to write the record of a tag over a line.
    func begin(tag text: String, on line: InvalidationLine) {
        if line.tellsOwnWrites { ownTags.withLock { $0.begin(CacheKey(escapedText: text), on: line) } }
    }

    /// Whether it is writing that.
    func isWriting(tag text: String, on line: InvalidationLine) -> Bool {
        line.tellsOwnWrites && ownTags.withLock { $0.isPending(CacheKey(escapedText: text), on: line) }
    }

    /// That write was answered, or given up.
    func end(tag text: String, on line: InvalidationLine, _ outcome: OwnWrites.Outcome) {
        let now = timeSource.now()
        if ownTags.withLock({ $0.end(CacheKey(escapedText: text), on: line, outcome, now: now) }) { doubt(text) }
    }

    // MARK: Own writes

    /// This node is about to write an entry over a line.
    func begin(_ key: CacheKey, on line: InvalidationLine) {
        if line.tellsOwnWrites { own.withLock { $0.begin(key, on: line) } }
    }

    /// Whether it is writing the entry over that line.
    func isWriting(_ key: CacheKey, on line: InvalidationLine) -> Bool {
        line.tellsOwnWrites && own.withLock { $0.isPending(key, on: line) }
    }

    /// That write was answered, or given up.
    func end(_ key: CacheKey, on line: InvalidationLine, _ outcome: OwnWrites.Outcome) {
        let now = timeSource.now()
        if own.withLock({ $0.end(key, on: line, outcome, now: now) }) { apply(key) }
    }

    /// Whoever has read over the line asks again before anything of it is served: so this costs the same for a million entries as for one.
    func changedAll(_ line: InvalidationLine) -> InvalidationLine? {
        lines.close(line, withGrace: false)
        own.withLock { $0.closed(line) }
        ownTags.withLock { $0.closed(line) }
        memory.voidAllGuards()
        flights.detachAll()
        // Each line tells of it; the marks are made anew once, and those who listen are told once.
        if !isFlushed.exchange(true, ordering: .acquiringAndReleasing) { log.flushed() }
        return opened(tellsOwnWrites: line.tellsOwnWrites)
    }
}
