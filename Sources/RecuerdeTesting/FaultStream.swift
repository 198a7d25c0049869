/// One direction of one connection through a `FaultProxy`: what has come, and what of it may go on now.
///
/// Times are nanoseconds of any clock; there is no I/O here. What is held is bounded: a sender that is faster than the
/// flow allows is not read from.
struct FaultStream {
    enum Step: Equatable {
        /// At most so many of the bytes that are held.
        case send(Int)
        /// Nothing, until this time or, if nil, until something happens.
        case wait(until: Int64?)
        /// The connection is to be cut now.
        case cut(reset: Bool)
        /// The sender has ended, and all that it sent has gone on.
        case end
    }

    static let capacity = 256 * 1024

    private var bytes: [UInt8] = []
    private var start = 0
    private var received = 0
    private(set) var sentCount = 0
    /// When the bytes up to a count came; only kept for delays.
    private var arrivals: [(upTo: Int, at: Int64)] = []
    private var flow = FaultFlow.forward
    private var generation = -1
    private var nextAt: Int64 = 0
    private var leftBeforeCut = 0
    var hasEnded = false

    private var held: Int { bytes.count - start }

    /// Takes up another flow; counts begin anew with each generation.
    mutating func use(_ flow: FaultFlow, generation: Int, now: Int64) {
        guard generation != self.generation else { return }
        self.generation = generation
        self.flow = flow
        arrivals = []
        nextAt = now
        if case .cut(let after, _) = flow.kind { leftBeforeCut = after }
        if case .delay = flow.kind, held > 0 { arrivals = [(received, now)] }
    }

    /// How much may be read from the sender now.
    var room: Int {
        if hasEnded || flow == .stop { return 0 }
        return max(0, Self.capacity - held)
    }

    mutating func receive(_ new: ArraySlice<UInt8>, now: Int64) {
        bytes += new
        received += new.count
        if case .delay = flow.kind { arrivals.append((received, now)) }
    }

    /// The bytes that wait, from the first on.
    var waiting: ArraySlice<UInt8> { bytes[start...] }

    func step(now: Int64) -> Step {
        switch flow.kind {
        case .stop:
            return .wait(until: nil)
        case .cut(_, let reset):
            if leftBeforeCut == 0 { return .cut(reset: reset) }
            if held > 0 { return .send(min(held, leftBeforeCut)) }
        case .forward:
            if held > 0 { return .send(held) }
        case .pace(let count, _):
            if held > 0 { return nextAt <= now ? .send(min(held, count)) : .wait(until: nextAt) }
        case .delay(let time):
            guard held > 0 else { break }
            var due = sentCount
            for arrival in arrivals {
                if arrival.at + time > now {
                    return due > sentCount ? .send(due - sentCount) : .wait(until: arrival.at + time)
                }
                due = arrival.upTo
            }
            return .send(held)
        }
        return hasEnded ? .end : .wait(until: nil)
    }

    mutating func sent(_ count: Int, now: Int64) {
        start += count
        sentCount += count
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            start = 0
        } else if start > Self.capacity {
            bytes.removeFirst(start)
            start = 0
        }
        switch flow.kind {
        case .pace(_, let every): nextAt = now + every
        case .cut: leftBeforeCut -= min(leftBeforeCut, count)
        case .delay: arrivals.removeAll { $0.upTo <= sentCount }
        default: break
        }
    }
}
