import Synchronization

/// Counts the commands that hold a place in some queue, also those whose caller is gone and whose reply is still to come.
///
/// How many have been taken since the beginning is counted along with it, in the upper half of the same number, so that
/// retries know what they are a share of and a command costs no second atomic addition for it.
final class PlaceCounter: Sendable {
    /// Lower half: places taken now. Upper half: places taken so far; wraps around.
    private let counts = Atomic<UInt64>(0)

    /// Takes places; false if there are not that many.
    func take(_ count: Int, limit: Int) -> Bool {
        // Looked at first, so that a long pipeline which does not fit takes no place from others even for a moment.
        guard taken + count <= limit else { return false }
        let both = UInt64(truncatingIfNeeded: count) &* 0x1_0000_0001
        let before = counts.wrappingAdd(both, ordering: .relaxed).oldValue
        if Int(before & 0xFFFF_FFFF) + count <= limit { return true }
        counts.wrappingSubtract(both, ordering: .relaxed)
        return false
    }

    /// Takes places for what waits to be sent and does not count as sent yet; false if there are not that many.
    func hold(_ count: Int, limit: Int) -> Bool {
        guard taken + count <= limit else { return false }
        let places = UInt64(truncatingIfNeeded: count)
        let before = counts.wrappingAdd(places, ordering: .relaxed).oldValue
        if Int(before & 0xFFFF_FFFF) + count <= limit { return true }
        counts.wrappingSubtract(places, ordering: .relaxed)
        return false
    }

    /// Takes one place, whatever the limit.
    func add() {
        counts.wrappingAdd(0x1_0000_0001, ordering: .relaxed)
    }

    func free(_ count: Int) {
        guard count != 0 else { return }
        counts.wrappingSubtract(UInt64(truncatingIfNeeded: count), ordering: .relaxed)
    }

    var taken: Int { Int(counts.load(ordering: .relaxed) & 0xFFFF_FFFF) }

    var takenSoFar: UInt32 { UInt32(truncatingIfNeeded: counts.load(ordering: .relaxed) >> 32) }
}
