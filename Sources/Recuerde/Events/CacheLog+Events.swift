/// What is told to those who listen, and not logged.
extension CacheLog {
    /// Another has changed an entry of which memory held a copy.
    func invalidatedElsewhere(_ key: CacheKey) {
        events.emit(.invalidated, key) { $0.origin = .elsewhere }
    }

    /// The record of a tag that is known here was written elsewhere, or is gone.
    func invalidatedElsewhere(tag text: String) {
        events.emit(.tagsInvalidated) { event in
            event.tags = [text]
            event.origin = .elsewhere
        }
    }

    /// All of the remote tier was flushed.
    func flushed() {
        events.emit(.cleared) { $0.origin = .elsewhere }
    }

    func breaker(_ transition: CircuitBreaker.Transition?) {
        switch transition {
        case .opened: events.emit(.breakerOpened)
        case .closed: events.emit(.breakerClosed)
        case nil: break
        }
    }

    /// What waits in the journal from now on. Whether keys are made of names is for the caller to say lazily, since they are only needed where somebody
    /// listens.
    func queued(
        _ key: @autoclosure () -> CacheKey? = nil,
        tag text: String? = nil,
        because reason: JournalReason,
        depth: Int
    ) {
        guard events.isHeard else { return }
        events.emit(.journalQueued, key()) { event in
            event.tags = text.map { [$0] } ?? []
            event.journalReason = reason
            event.count = depth
        }
    }

    /// What does not wait in the journal any more.
    func replayed(_ key: @autoclosure () -> CacheKey? = nil, tag text: String? = nil) {
        guard events.isHeard else { return }
        events.emit(.journalReplayed, key()) { $0.tags = text.map { [$0] } ?? [] }
    }

    func overflowed() {
        events.emit(.journalOverflowed)
    }
}

extension EventHub {
    /// Tells of removals, once somebody else was told.
    func listener(
        besides other: (@Sendable (MemoryRemoval) -> Void)?
    ) -> @Sendable (MemoryRemoval) -> Void {
        { [self] removal in
            other?(removal)
            removed(removal)
        }
    }

    /// An entry has left memory. What was replaced, removed or cleared is told of where that was done.
    func removed(_ removal: MemoryRemoval) {
        switch removal.reason {
        case .size, .weight, .refused, .expired:
            emit(.evicted, CacheKey(escapedText: removal.key)) { $0.removalReason = removal.reason }
        default: break
        }
    }
}
