/// A set of slots as sorted ranges, which a clear text can hold: `0-5460,9000`.
struct ClusterSlotSet: Sendable, Equatable {
    private(set) var ranges: [ClosedRange<Int>] = []

    /// The slots for which a condition holds.
    init(where isMember: (Int) -> Bool) {
        var first: Int?
        for slot in 0..<RedisKeySlot.count {
            if isMember(slot) {
                first = first ?? slot
            } else if let start = first {
                ranges.append(start...(slot - 1))
                first = nil
            }
        }
        if let first { ranges.append(first...(RedisKeySlot.count - 1)) }
    }

    /// No slot.
    init() {}

    /// Reads what `text` has written; nil if it is anything else.
    init?(text: Substring) {
        guard !text.isEmpty else { return }
        var end = -1
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = item.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
            guard let first = bounds[0], let last = bounds.count == 2 ? bounds[1] : first, first > end, first <= last,
                last < RedisKeySlot.count
            else { return nil }
            ranges.append(first...last)
            end = last
        }
    }

    var text: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }

    var isEmpty: Bool { ranges.isEmpty }

    /// The number of slots.
    var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// The lowest slot.
    var first: Int? { ranges.first?.lowerBound }

    func intersection(_ other: ClusterSlotSet) -> ClusterSlotSet { combined(other) { $0 && $1 } }
    func union(_ other: ClusterSlotSet) -> ClusterSlotSet { combined(other) { $0 || $1 } }
    func subtracting(_ other: ClusterSlotSet) -> ClusterSlotSet { combined(other) { $0 && !$1 } }

    private func combined(_ other: ClusterSlotSet, _ rule: (Bool, Bool) -> Bool) -> ClusterSlotSet {
        let mine = flags
        let others = other.flags
        return ClusterSlotSet { rule(mine[$0], others[$0]) }
    }

    private var flags: [Bool] {
        var flags = [Bool](repeating: false, count: RedisKeySlot.count)
        for range in ranges { for slot in range { flags[slot] = true } }
        return flags
    }
}
