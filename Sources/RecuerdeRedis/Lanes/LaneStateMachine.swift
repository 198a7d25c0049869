/// Which connection of a lane carries the next command. No I/O here.
struct LaneStateMachine {
    enum TakeAction: Equatable {
        /// Use this connection; the number is below `opened`.
        case use(Int)
        /// Make a place for one more connection, and use it.
        case open(Int)
        /// All are in use and may not be shared.
        case full
    }

    private var loads: [Int] = []
    private let limit: Int
    private let isExclusive: Bool

    /// - Parameter isExclusive: true if a command must not share its connection with another.
    init(limit: Int, isExclusive: Bool) {
        self.limit = max(0, limit)
        self.isExclusive = isExclusive
    }

    /// How many commands are under way.
    var load: Int { loads.reduce(0, +) }

    mutating func take() -> TakeAction {
        let least = loads.indices.min { loads[$0] < loads[$1] }
        if let least, loads[least] == 0 {
            loads[least] = 1
            return .use(least)
        }
        if loads.count < limit {
            loads.append(1)
            return .open(loads.count - 1)
        }
        guard let least, !isExclusive else { return .full }
        loads[least] += 1
        return .use(least)
    }

    mutating func release(_ index: Int) {
        guard loads.indices.contains(index), loads[index] > 0 else { return }
        loads[index] -= 1
    }
}
