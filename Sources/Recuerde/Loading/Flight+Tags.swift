import Synchronization

/// A value under way, or in hand, that bears tags.
struct TagCargo: Sendable {
    /// Its own, and those of the value that it may confirm.
    let sets: [TagSet]
    let stamp: Stamp
    let clock: HybridClock

    init(tags: TagSet, stamp: Stamp, clock: HybridClock) {
        self.init(sets: [tags], stamp: stamp, clock: clock)
    }

    init(sets: [TagSet], stamp: Stamp, clock: HybridClock) {
        self.sets = sets
        self.stamp = stamp
        self.clock = clock
    }

    /// Whether none of its tags has been invalidated since it was stamped, as far as is known.
    var isGood: Bool {
        let stamp = clock.told(stamp)
        return sets.allSatisfy { stamp > $0.floors(clock).expired && !$0.isInDoubt(stamp, clock) }
    }

    /// Whether nobody knows: a record of its tags was changed, by an invalidation or by nothing but a longer life.
    var isInDoubt: Bool {
        let stamp = clock.told(stamp)
        return sets.allSatisfy { stamp > $0.floors(clock).expired } && sets.contains { $0.isInDoubt(stamp, clock) }
    }
}

/// Tags of what is loaded: who comes after an invalidation must not get what began before it.
extension Flight {
    /// From now on something is loaded that is void as soon as one of these tags is invalidated; nil for nothing that is known.
    func loads(_ cargo: TagCargo?) {
        state.withLock { state in
            guard state.seats.outcome == nil else { return }
            guard let cargo else {
                state.cargo = nil
                return
            }
            state.cargo = { cargo }
        }
    }

    /// What is known of what is being loaded. Told after its end too, for those who have waited for it and hand it on.
    var cargo: TagCargo? { state.withLock { $0.cargo?() } }

    /// What another flight brings is waited for: what makes that void makes this void.
    func waits(for other: Flight) {
        state.withLock { $0.cargo = { other.cargo } }
    }

    /// What is handed out has been found, or chosen its tags, when others had come already that did not know of them: if one of these has
    /// been invalidated by then, who has taken a seat after that of this number begins anew.
    func brings(_ cargo: TagCargo, upTo seat: UInt64) {
        state.withLock { $0.brought = (cargo, seat) }
    }
}

/// What a flight brings was begun before a tag of it was invalidated, and this caller came after that, perhaps.
struct Overtaken: Error {}
