/// The order in which entries leave: W-TinyLFU with queues that are put in order only when something has to go.
///
/// Sources: Einziger, Friedman and Manes, "TinyLFU", 2017, section 4 (window, main part, admission by frequency);
/// Einziger, Eytan, Friedman and Manes, "Adaptive Software Cache Management", 2018 (the size of the window decides);
/// Yang et al., "FIFO Queues Are All You Need for Cache Eviction", 2023, and Zhang et al., "SIEVE", 2024 (lazy promotion:
/// a hit sets a bit, and the queue is put right at eviction).
///
/// Newcomers enter the window. What falls out of it is a candidate: it competes by frequency with the entry of the main
/// part that is next to go. Where true W-TinyLFU moves an entry at each hit, here an entry that was used since it was
/// last looked at gets another round when its turn has come, as in CLOCK; that costs a hit nothing, and simulated on the
/// 14 traces of the acceptance table it even comes out ahead of exact queues, by a hundredth of the optimum.
///
/// A frequency is counted in the byte of a resident entry, and goes to the sketch when it leaves.
struct EvictionOrder {
    /// How many entries are looked at in one go; what is left over is done the next time.
    private static let patience = 64

    private var uses = SlotColumn(filler: UseByte())
    private var hashes = SlotColumn<UInt32>(filler: 0)
    private var links = SlotLinks()
    private var weights = SlotColumn<UInt32>(filler: 1)
    /// Whether there was ever another weight than one.
    private var weighs = false
    /// The slots that there was ever anything in are below this one.
    private var reach: UInt32 = 0
    private var window = SlotQueue()
    private var probation = SlotQueue()
    private var protected = SlotQueue()
    /// Only where entries differ in weight or cost: it takes nine bytes an entry.
    private var value: ValueOrder?
    /// The candidate that competes for room until there is enough, or it has lost.
    private var contender = SlotQueue.none
    private(set) var count = 0
    private(set) var weight = 0
    /// What stands in the queues weighs: all that there is, as long as nothing stands in the order by value.
    var queuedWeight: Int { window.weight + probation.weight + protected.weight }

    /// The queues' shares, in units of weight.
    private var windowShare = 1
    private var protectedTarget = 0
    private var handicap: UInt8 = 1
    private var byValue = false

    /// Whether there is an order by value, so that a plan may ask for it.
    var canRank: Bool { value != nil }

    /// From now on entries are known by their value too; the cost of those that are here already counts as one.
    mutating func enableRanking(for goal: EvictionGoal) {
        if value == nil { value = ValueOrder(goal: goal) }
    }

    // MARK: What is in it

    func holds(_ slot: UInt32) -> Bool {
        uses[slot].queue != .none
    }

    func hash(of slot: UInt32) -> UInt32 { hashes[slot] }

    func weight(of slot: UInt32) -> Int {
        weighs ? Int(weights[slot]) : 1
    }

    func cost(of slot: UInt32) -> Float { value?.cost(of: slot, weight: weight(of: slot)) ?? 1 }

    /// Elements of all columns.
    var room: Int { uses.room + hashes.room + weights.room + links.room + (value?.room ?? 0) }

    // MARK: Use

    /// Notes a use; true if the entry's key is one of the sample.
    @inline(__always)
    mutating func hit(_ slot: UInt32) -> Bool {
        guard slot < reach else { return false }
        var use = uses[slot]
        let old = use.bits
        use.use()
        if use.bits != old { uses[slot] = use }
        return use.sampled
    }

    mutating func setSampled(_ slot: UInt32, _ sampled: Bool) {
        uses[slot].sampled = sampled
    }

    mutating func halve() {
        _ = halve(from: 0, limit: Int(reach))
    }

    /// Halves what is counted of `limit` slots from one on; true if there are more.
    mutating func halve(from start: Int, limit: Int) -> Bool {
        let end = start + limit
        uses.update(start..<max(start, end)) { $0.halve() }
        return end < Int(reach)
    }

    /// Sets how the bound is shared out.
    mutating func follow(_ plan: EvictionPlan, bound: Int) {
        windowShare = max(1, Self.share(plan.window, of: bound))
        protectedTarget = Self.share(plan.protected, of: max(0, bound &- windowShare))
        handicap = plan.handicap
        byValue = plan.byValue && value != nil
    }

    private static func share(_ thousandths: Int, of bound: Int) -> Int {
        let bound = max(0, bound)
        return bound / 1_000 &* thousandths &+ bound % 1_000 &* thousandths / 1_000
    }

    /// A window that no common entry fits in would refuse every newcomer at once.
    private var windowTarget: Int {
        !weighs || count == 0 ? windowShare : max(windowShare, weight / count)
    }

    // MARK: Coming and going

    mutating func insert(_ slot: UInt32, hash: UInt32, weight: Int, cost: Float, frequency: UInt8) {
        if holds(slot) { remove(slot) }
        if slot >= reach { reach = slot &+ 1 }
        settle()
        let weight = clamp(weight)
        setWeight(slot, weight)
        hashes[slot] = hash
        var use = UseByte()
        use.frequency = frequency
        uses[slot] = use
        count &+= 1
        self.weight &+= weight
        value?.set(slot, cost: cost, weight: weight)
        if byValue { rank(slot) } else { push(slot, .window) }
    }

    /// Another weight and cost for an entry, which stays where it stands in its queue: that it was used is noted as for a hit.
    mutating func update(_ slot: UInt32, weight: Int, cost: Float) {
        guard holds(slot) else { return }
        let old = self.weight(of: slot)
        let new = clamp(weight)
        // The way of most writes, where costs count as one.
        if new == old, value?.goal != .spend { return }
        // In the order by value the place depends on both, so there it is found anew.
        let isRanked = value?.take(slot, weight: old, links: &links) == true
        setWeight(slot, new)
        self.weight &+= new &- old
        value?.set(slot, cost: cost, weight: new)
        guard !isRanked else {
            let wasTouched = uses[slot].touched
            rank(slot)
            uses[slot].touched = wasTouched
            return
        }
        switch uses[slot].queue {
        case .window: window.reweigh(from: old, to: new)
        case .probation: probation.reweigh(from: old, to: new)
        case .protected: protected.reweigh(from: old, to: new)
        case .none: break
        }
    }

    /// Another weight, be it because weights are told in another unit.
    mutating func reweigh(_ slot: UInt32, weight: Int) {
        guard holds(slot) else { return }
        update(slot, weight: weight, cost: cost(of: slot))
    }

    /// Takes an entry out; its frequency is what the caller should remember.
    @discardableResult
    mutating func remove(_ slot: UInt32) -> UInt8 {
        guard holds(slot) else { return 0 }
        _ = take(slot)
        if contender == slot { contender = SlotQueue.none }
        let frequency = uses[slot].frequency
        uses[slot] = UseByte()
        count &-= 1
        weight &-= weight(of: slot)
        return frequency
    }

    /// Gives everything away, memory too, for somebody else to let go of; shares and goal stay.
    mutating func takeAll() -> EvictionOrder {
        let old = self
        let ranking = value.map { ValueOrder(goal: $0.goal) }
        let (window, protected, handicap, byValue) = (windowShare, protectedTarget, handicap, byValue)
        self = EvictionOrder()
        value = ranking
        windowShare = window
        protectedTarget = protected
        self.handicap = handicap
        self.byValue = byValue
        return old
    }

    /// Who is to go next; nil if nothing is held.
    mutating func victim() -> UInt32? {
        if byValue { return valueVictim() }
        drainValue()
        let candidate = contender != SlotQueue.none ? contender : oldestOfWindow()
        guard let incumbent = oldestOfMain() else {
            return candidate ?? (window.isEmpty ? lowestRanked() : window.tail)
        }
        guard let candidate else { return incumbent }
        if uses[candidate].frequency > uses[incumbent].frequency &+ handicap {
            contender = candidate
            return incumbent
        }
        contender = SlotQueue.none
        return candidate
    }

    /// Who is to go next besides `slot`, which stands aside meanwhile and is the newest of its queue then.
    mutating func victim(besides slot: UInt32) -> UInt32? {
        guard holds(slot), count > 1 else { return nil }
        if contender == slot { contender = SlotQueue.none }
        let queue = take(slot)
        let other = victim()
        if queue == .none { rank(slot) } else { push(slot, queue) }
        return other
    }

    // MARK: The queues

    /// What has outgrown the window, and no one had to go for, enters the main part.
    private mutating func settle() {
        if contender != SlotQueue.none {
            let winner = contender
            contender = SlotQueue.none
            promote(winner)
        }
        var steps = 0
        while window.weight > windowTarget, steps < 8, let slot = oldestOfWindow() {
            promote(slot)
            steps &+= 1
        }
    }

    private mutating func promote(_ slot: UInt32) {
        guard uses[slot].queue == .window else { return }
        _ = take(slot)
        uses[slot].touched = false
        push(slot, .probation)
    }

    /// The candidate, if the window has more than its share.
    private mutating func oldestOfWindow() -> UInt32? {
        var steps = 0
        while window.weight > windowTarget, !window.isEmpty {
            let slot = window.tail
            guard uses[slot].touched, steps < Self.patience, window.count > 1 else { return slot }
            _ = take(slot)
            uses[slot].touched = false
            push(slot, .window)
            steps &+= 1
        }
        return nil
    }

    /// The entry of the main part that is next to go.
    private mutating func oldestOfMain() -> UInt32? {
        var steps = 0
        while steps < 2 * Self.patience {
            steps &+= 1
            guard !probation.isEmpty else {
                guard !protected.isEmpty else { return nil }
                let slot = protected.tail
                _ = take(slot)
                push(slot, .probation)
                continue
            }
            let slot = probation.tail
            guard uses[slot].touched else { return slot }
            _ = take(slot)
            uses[slot].touched = false
            push(slot, .protected)
            shrinkProtected()
        }
        return probation.isEmpty ? nil : probation.tail
    }

    private mutating func shrinkProtected() {
        var second = 0
        var steps = 0
        while protected.weight > protectedTarget, !protected.isEmpty, steps < Self.patience {
            steps &+= 1
            let slot = protected.tail
            _ = take(slot)
            let again = uses[slot].touched && second < 8
            uses[slot].touched = false
            push(slot, again ? .protected : .probation)
            if again { second &+= 1 }
        }
    }

    private mutating func push(_ slot: UInt32, _ queue: UseByte.Queue) {
        let weight = weight(of: slot)
        switch queue {
        case .window: links.push(slot, weight: weight, into: &window)
        case .probation: links.push(slot, weight: weight, into: &probation)
        case .protected: links.push(slot, weight: weight, into: &protected)
        case .none: return
        }
        uses[slot].queue = queue
    }

    /// Takes a slot out of where it stands; `.none` if that was the order by value.
    private mutating func take(_ slot: UInt32) -> UseByte.Queue {
        let weight = weight(of: slot)
        if value?.take(slot, weight: weight, links: &links) == true { return .none }
        let queue = uses[slot].queue
        switch queue {
        case .window: links.take(slot, weight: weight, outOf: &window)
        case .probation: links.take(slot, weight: weight, outOf: &probation)
        case .protected: links.take(slot, weight: weight, outOf: &protected)
        case .none: break
        }
        return queue
    }

    // MARK: The order by value

    private mutating func rank(_ slot: UInt32) {
        uses[slot].touched = false
        // Counted as on trial, should the queues be followed again.
        uses[slot].queue = .probation
        let frequency = uses[slot].frequency
        let weight = weight(of: slot)
        value?.push(slot, frequency: frequency, weight: weight, links: &links)
    }

    private mutating func valueVictim() -> UInt32? {
        contender = SlotQueue.none
        // What still stands in the queues is ranked little by little, but never all of it in one go.
        var steps = 0
        while steps < Self.patience, let slot = oldestQueued() {
            _ = take(slot)
            rank(slot)
            steps &+= 1
        }
        steps = 0
        while let slot = lowestRanked() {
            guard uses[slot].touched, steps < Self.patience else {
                value?.evicting(slot)
                return slot
            }
            _ = take(slot)
            rank(slot)
            steps &+= 1
        }
        return oldestQueued()
    }

    private func oldestQueued() -> UInt32? {
        if !probation.isEmpty { return probation.tail }
        if !protected.isEmpty { return protected.tail }
        return window.isEmpty ? nil : window.tail
    }

    private func lowestRanked() -> UInt32? { value?.lowest() }

    /// After the queues are followed again, the least valuable come first in the queue of those on trial.
    private mutating func drainValue() {
        var steps = 0
        while steps < Self.patience, let slot = lowestRanked() {
            _ = take(slot)
            push(slot, .probation)
            steps &+= 1
        }
    }

    // MARK: Room

    /// Weights are kept in 32 bits: what is heavier counts as 4 GiB, in the shares of the queues only.
    private func clamp(_ weight: Int) -> Int {
        min(max(0, weight), Int(UInt32.max))
    }

    private mutating func setWeight(_ slot: UInt32, _ weight: Int) {
        if weight != 1 { weighs = true }
        if weighs { weights[slot] = UInt32(truncatingIfNeeded: weight) }
    }
}
