import Synchronization

/// The ear of a cache: applies to memory what others have changed in the remote tier.
///
/// Called on whatever thread the notices arrive; holds the lock of one shard of memory for each.
final class Invalidation: InvalidationListener {
    let provingPace: Duration
    private let lines: LineTable
    private let memory: MemoryTier
    private let flights: FlightTable
    private let keySpace: KeySpace
    private let timeSource: any TimeSource
    private let copiesTaken = Atomic(0)

    init(
        lines: LineTable,
        memory: MemoryTier,
        flights: FlightTable,
        keySpace: KeySpace,
        timeSource: any TimeSource,
        pace: Duration
    ) {
        self.lines = lines
        self.memory = memory
        self.flights = flights
        self.keySpace = keySpace
        self.timeSource = timeSource
        self.provingPace = pace
    }

    var format: WireFormat { keySpace.format }

    /// How many copies have gone for notices.
    var applied: Int { copiesTaken.load(ordering: .relaxed) }

    func opened() -> InvalidationLine? {
        lines.open(now: timeSource.now())
    }

    func proved(_ line: InvalidationLine, before: Duration) {
        lines.prove(line, at: timeSource.now().advanced(by: .zero - max(.zero, before)))
    }

    func closed(_ line: InvalidationLine) {
        lines.close(line)
    }

    func changed(_ names: [String]) {
        for name in names {
            guard let text = keySpace.keyText(ofEntry: name) else { continue }
            let key = CacheKey(escapedText: text)
            if memory.invalidate(key) { copiesTaken.wrappingAdd(1, ordering: .relaxed) }
            // Whoever comes from now on must not get what was read or made of what stood there before.
            flights.detach(key)
        }
    }

    /// Whoever has read over the line asks again before anything of it is served: so this costs the same for a million entries as for one.
    func changedAll(_ line: InvalidationLine) -> InvalidationLine? {
        lines.close(line, withGrace: false)
        memory.voidAllGuards()
        flights.detachAll()
        return lines.open(now: timeSource.now())
    }
}
