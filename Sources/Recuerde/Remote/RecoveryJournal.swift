/// What could not be brought to Redis: one newest intent per key, bounded. Free of I/O; its owner holds it in a lock.
///
/// A write that fails is noted here before the call returns, and brought to Redis with the same comparison of stamps
/// when Redis is back. Until then it also overrules what Redis says about its key, so that an old value which Redis
/// still holds is not served after its removal. Too many intents, or too many bytes, collapse into one clear, which
/// loses values and never the meaning.
package struct RecoveryJournal: Sendable {
    /// What is to be brought to Redis for one entry.
    package struct Intent: Sendable, Equatable {
        package var operation: RemoteWrite.Operation
        package var stamp: Stamp
        /// When the value is dead: from then on only what it replaced must still go. Nil for a removal.
        package var expiry: MonotonicInstant?
        /// Whether it is the value of a load: its loss costs another load, and changes no meaning.
        package var isFill: Bool
        /// Whether nobody was there to take it: the remote tier was known to be gone, and so was it for others.
        package var wasGone: Bool
        /// What is to be brought there before it, of an expiry: the write that waited already when the entry was expired. A value in it is marked as
        /// expired, so that it comes there as what stands in for a load.
        package fileprivate(set) var first: First?
        /// What came of the last attempt to bring it to Redis.
        package fileprivate(set) var reason: JournalReason
        fileprivate var sequence: UInt64 = 0
        fileprivate var notBefore = MonotonicInstant(nanoseconds: .min)
        fileprivate var attempts = 0

        package init(
            operation: RemoteWrite.Operation,
            stamp: Stamp,
            expiry: MonotonicInstant?,
            isFill: Bool = false,
            wasGone: Bool = false,
            reason: JournalReason = .unavailable
        ) {
            self.isFill = isFill
            self.wasGone = wasGone
            self.reason = reason
            self.operation = operation
            self.stamp = stamp
            self.expiry = expiry
        }

        fileprivate var weight: Int {
            if case .store(let bytes, _) = first?.operation ?? operation { bytes.count } else { 0 }
        }
    }

    /// A write under its own stamp, as it was noted.
    package struct First: Sendable, Equatable {
        package var operation: RemoteWrite.Operation
        package var stamp: Stamp
        package var expiry: MonotonicInstant?
        package var wasGone: Bool
        /// Whether it is the value of a load, which nobody meant.
        package var isFill: Bool
    }

    /// An intent that is being replayed; it says which one it was, in case a newer has come meanwhile.
    package struct Lease: Sendable {
        package let name: String
        package let intent: Intent
        let sequence: UInt64
    }

    private var intents: [String: Intent] = [:]
    /// Names in the order in which their intents came; a pair whose sequence is not the intent's is outdated.
    private var order: [(name: String, sequence: UInt64)] = []
    private var bytes = 0
    /// How many of the intents are fills.
    private var fills = 0
    /// How many of the intents wait for which reason.
    private var counts = Array(repeating: 0, count: JournalReason.Wrapped.allCases.count)
    private var clearReason = JournalReason.underWay
    private var clearAttempts = 0
    private var clearNotBefore = MonotonicInstant(nanoseconds: .min)
    private var sequence: UInt64 = 0
    /// Tags that were invalidated.
    var tags = TagIntents()
    private let maximumIntents: Int
    private let maximumBytes: Int
    /// Everything stamped up to here is to be cleared in Redis.
    package private(set) var pendingClear: Stamp?
    /// Whether the pending clear stands for intents that were too many: memory reflects them all, and is to be believed.
    package private(set) var isCollapsed = false
    /// Whether the pending clear leaves what may stand in for a load, expired.
    package private(set) var keepsStale = false
    /// How often the journal has collapsed.
    package private(set) var overflows = 0

    package init(maximumIntents: Int, maximumBytes: Int) {
        self.maximumIntents = max(0, maximumIntents)
        self.maximumBytes = max(0, maximumBytes)
    }

    package var count: Int { intents.count + tags.count + (pendingClear == nil ? 0 : 1) }
    package var isEmpty: Bool { intents.isEmpty && tags.count == 0 && pendingClear == nil }

    /// How many wait for which reason, together ``count``; every reason is there.
    package var reasons: [JournalReason: Int] {
        var reasons: [JournalReason: Int] = [:]
        for reason in JournalReason.allCases { reasons[reason] = counts[reason.wrapped.rawValue] }
        if pendingClear != nil { reasons[clearReason, default: 0] += 1 }
        for reason in tags.reasons { reasons[reason, default: 0] += 1 }
        return reasons
    }

    /// The values that wait, with the names of their entries and their stamps.
    var values: [(name: String, bytes: [UInt8], stamp: Stamp)] {
        intents.compactMap { name, intent in
            let next = intent.next
            guard case .store(let bytes, _) = next.operation else { return nil }
            return (name, bytes, next.stamp)
        }
    }

    /// Notes an intent, in place of an older one for the same entry; not if a clear waits that was stamped later.
    ///
    /// - Parameters:
    ///   - intent: What is to be done.
    ///   - name: The entry's name.
    ///   - collapseStamp: What a clear is stamped with, should the bound be passed.
    /// - Returns: Values of loads that were let go of, this one or others: nothing brings them to Redis any more.
    @discardableResult
    package mutating func note(
        _ intent: Intent,
        for name: String,
        collapseStamp: () -> Stamp
    ) -> [(name: String, stamp: Stamp)] {
        let present = intents[name]
        let isOvertaken = present.map { $0.stamp > intent.stamp } ?? false
        if isOvertaken, present.map({ intent.mayGo(before: $0) }) != true {
            if !intent.isFill, present?.isFill == true {
                // What is later stands for it as well, and must not be let go of for being only the value of a load.
                intents[name]?.isFill = false
                fills -= 1
            }
            return []
        }
        // What a collapse stood for may have had a later stamp than this one, which only comes to its end now.
        var intent = intent
        if let pendingClear, intent.stamp <= pendingClear {
            guard keepsStale, let left = intent.afterClear else {
                return intent.isFill ? [(name, intent.stamp)] : []
            }
            intent = left
        }
        if let present, isOvertaken {
            var expiry = present
            expiry.expire(intent)
            intent = expiry
        } else if intent.operation == .expire {
            intent.expire(present)
        }
        // What takes the place of a removal or a set stands for that as well: it must not be let go of.
        if let present, !present.isFill { intent.isFill = false }
        if intent.isFill, fills == 0, present == nil, wouldOverfill(intent) { return [(name, intent.stamp)] }
        sequence += 1
        intent.sequence = sequence
        fills += (intent.isFill ? 1 : 0) - (present?.isFill == true ? 1 : 0)
        if let old = intents.updateValue(intent, forKey: name) {
            bytes -= old.weight
            counts[old.reason.wrapped.rawValue] -= 1
        }
        bytes += intent.weight
        counts[intent.reason.wrapped.rawValue] += 1
        order.append((name, sequence))
        compactOrder()
        return makeRoom(collapseStamp)
    }

    /// Where it is too full: lets go of the values of loads, which it returns; where that is not enough, one clear stands for all.
    mutating func makeRoom(_ collapseStamp: () -> Stamp) -> [(name: String, stamp: Stamp)] {
        guard isOverfull else { return [] }
        let dropped = dropFills()
        if isOverfull { collapse(collapseStamp()) }
        return dropped
    }

    /// One clear stands for all that is too much.
    private mutating func collapse(_ stamp: Stamp) {
        overflows += 1
        noteClear(stamp, reason: .overflow)
        isCollapsed = true
    }

    /// A fill for which nothing can be let go of is not noted at all: in a full journal that costs no walk over it.
    private func wouldOverfill(_ intent: Intent) -> Bool {
        intents.count + tags.count >= maximumIntents || bytes > maximumBytes - intent.weight
    }

    var isOverfull: Bool { intents.count + tags.count > maximumIntents || bytes > maximumBytes }

    /// What was only loaded goes before what somebody meant. All of it, so that this is done seldom.
    private mutating func dropFills() -> [(name: String, stamp: Stamp)] {
        guard fills > 0 else { return [] }
        fills = 0
        let dropped = intents.filter { $0.value.isFill }.map { (name: $0.key, stamp: $0.value.stamp) }
        keep { !$0.isFill }
        return dropped
    }

    private mutating func keep(_ isKept: (Intent) -> Bool) {
        intents = intents.filter { isKept($0.value) }
        order = order.filter { intents[$0.name]?.sequence == $0.sequence }
        bytes = 0
        for index in counts.indices { counts[index] = 0 }
        for intent in intents.values {
            bytes += intent.weight
            counts[intent.reason.wrapped.rawValue] += 1
        }
    }

    /// Notes that all is to be cleared; it stands for every intent that is not stamped later. With `whateverStamp`, for every intent that waits
    /// at all: the stamps of some lie ahead of the clock.
    ///
    /// With `keepingStale`, unless a clear waits that does not, Redis keeps what may stand in for loads. Then a write that waits is not void, for it
    /// says what must not stand in: a value that Redis does not have yet is given up, and what it was to replace is removed.
    package mutating func noteClear(
        _ stamp: Stamp,
        whateverStamp: Bool = false,
        keepingStale: Bool = false,
        reason: JournalReason = .underWay
    ) {
        keepsStale = keepingStale && (pendingClear == nil || keepsStale)
        isCollapsed = false
        pendingClear = max(pendingClear ?? .zero, stamp)
        clearReason = reason
        clearAttempts = 0
        clearNotBefore = MonotonicInstant(nanoseconds: .min)
        if keepsStale {
            for (name, intent) in intents where whateverStamp || intent.stamp <= stamp {
                intents[name] = intent.afterClear
            }
            keep { _ in true }
        } else {
            keep { !whateverStamp && $0.stamp > stamp }
            tags.cleared(upTo: whateverStamp ? Stamp(microseconds: .max) : stamp)
        }
        fills = intents.values.count { $0.isFill }
    }

    /// The latest stamp of anything that waits.
    package var latest: Stamp {
        intents.values.lazy.map(\.stamp).max().map { max($0, pendingClear ?? .zero) } ?? pendingClear ?? .zero
    }

    /// Up to which stamp Redis is not to be believed about an entry; nil where it is.
    package func overrules(_ name: String) -> Stamp? {
        guard let stamp = intents[name]?.stamp else { return pendingClear }
        return max(stamp, pendingClear ?? .zero)
    }

    /// Up to which stamp memory is not to be believed about an entry; nil where it is.
    package func overrulesMemory(_ name: String) -> Stamp? {
        let intent = intents[name].flatMap { $0.operation == .expire ? $0.first?.stamp : $0.stamp }
        guard let pendingClear, !isCollapsed, !keepsStale else { return intent }
        return max(intent ?? .zero, pendingClear)
    }

    /// Up to which stamp nothing in memory is to be believed about an entry that is not stale; nil where it is.
    package func overrulesFreshness(_ name: String) -> Stamp? {
        let intent = intents[name].flatMap { $0.operation == .expire ? $0.stamp : nil }
        guard let pendingClear, keepsStale else { return intent }
        return max(intent ?? .zero, pendingClear)
    }

    /// What is to become of an entry by what waits.
    package enum Ruling: Sendable {
        /// It is to be written.
        case write
        /// It is to go.
        case removal
        /// It is to be a miss that may stand in for loads.
        case expiry
    }

    /// What is to become of an entry by the latest of what waits for it; nil where nothing does.
    package func ruling(_ name: String) -> Ruling? {
        if let intent = intents[name], intent.stamp > pendingClear ?? .zero {
            switch (intent.operation, intent.first?.operation) {
            case (.expire, .remove), (.remove, _): return .removal
            case (.expire, _): return .expiry
            case (.store, _): return .write
            }
        }
        return pendingClear.flatMap { _ in isCollapsed ? nil : keepsStale ? .expiry : .removal }
    }

    /// All that waits and concerns an entry, in the order in which it is brought there. For operators.
    ///
    /// - Parameters:
    ///   - name: The entry's name.
    ///   - records: The names of the records of its tags.
    ///   - now: The present moment.
    func waiting(for name: String, tags records: [String], now: MonotonicInstant) -> [KeyExplanation.Waiting] {
        var waiting: [KeyExplanation.Waiting] = []
        if let pendingClear {
            waiting.append(
                KeyExplanation.Waiting(
                    operation: keepsStale ? .clearKeepingStale : .clear,
                    stamp: pendingClear,
                    reason: clearReason,
                    attempts: clearAttempts,
                    pause: now.pause(until: clearNotBefore)
                )
            )
        }
        waiting += records.compactMap { tags.waiting($0, now: now) }
        guard let intent = intents[name] else { return waiting }
        func step(_ operation: RemoteWrite.Operation, _ stamp: Stamp) -> KeyExplanation.Waiting {
            KeyExplanation.Waiting(
                operation: .init(operation),
                stamp: stamp,
                reason: intent.reason,
                attempts: intent.attempts,
                pause: now.pause(until: intent.notBefore)
            )
        }
        if let first = intent.first { waiting.append(step(first.operation, first.stamp)) }
        waiting.append(step(intent.operation, intent.stamp))
        return waiting
    }

    /// Whether something waits for an entry, in whose place or after which an expiry has to wait as well.
    package func holds(_ name: String) -> Bool { intents[name] != nil }

    /// An acknowledged write has made the intent for an entry void.
    package mutating func settle(_ name: String, upTo stamp: Stamp) {
        guard let intent = intents[name], intent.stamp <= stamp else { return }
        remove(name)
    }

    /// The oldest intents that are due, of those that came after the one numbered `after`; with `regardless`, those that
    /// wait after a refusal as well. Those that are not ready stay where they are.
    package func due(
        limit: Int,
        now: MonotonicInstant,
        regardless: Bool = false,
        after: UInt64 = 0,
        isReady: (String, Stamp) -> Bool = { _, _ in true }
    ) -> [Lease] {
        var leases: [Lease] = []
        // Numbers only grow along the list.
        var index = after == 0 ? 0 : firstIndex(after: after)
        while index < order.count, leases.count < limit {
            let (name, sequence) = order[index]
            index += 1
            guard let intent = intents[name], intent.sequence == sequence, regardless || now >= intent.notBefore,
                isReady(name, intent.stamp)
            else { continue }
            leases.append(Lease(name: name, intent: intent, sequence: sequence))
        }
        return leases
    }

    private func firstIndex(after sequence: UInt64) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if order[middle].sequence <= sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A replayed intent was carried out, or something newer stood there.
    package mutating func settled(_ lease: Lease) {
        guard intents[lease.name]?.sequence == lease.sequence else { return }
        remove(lease.name)
    }

    /// What was to go before an expiry has been brought there, or been given up: the expiry itself is next.
    package mutating func settledFirst(_ lease: Lease) {
        guard var intent = intents[lease.name], intent.sequence == lease.sequence else { return }
        bytes -= intent.weight
        intent.first = nil
        intent.attempts = 0
        intents[lease.name] = intent
    }

    /// A value will not be brought there any more. What it was to replace must go all the same, for it may have been expired since, and
    /// so stand in for loads: the next attempt is a removal, under the stamp of the value.
    package mutating func becomesRemoval(_ lease: Lease) {
        guard var intent = intents[lease.name], intent.sequence == lease.sequence else { return }
        bytes -= intent.weight
        if var first = intent.first {
            (first.operation, first.expiry) = (.remove, nil)
            intent.first = first
        } else {
            (intent.operation, intent.expiry) = (.remove, nil)
        }
        intent.attempts = 0
        intent.notBefore = MonotonicInstant(nanoseconds: .min)
        intents[lease.name] = intent
    }

    /// A replayed intent was refused: it waits, longer each time, and lets the others pass.
    package mutating func refused(_ lease: Lease, now: MonotonicInstant, reason: JournalReason = .refused) {
        waits(lease, reason: reason)
        guard var intent = intents[lease.name], intent.sequence == lease.sequence else { return }
        (intent.attempts, intent.notBefore) = Self.pause(after: intent.attempts, now: now)
        intents[lease.name] = intent
    }

    /// An attempt to bring an intent there came to nothing, which says nothing about the intent itself: it stays where it is.
    package mutating func waits(_ lease: Lease, reason: JournalReason) {
        guard let intent = intents[lease.name], intent.sequence == lease.sequence else { return }
        counts[intent.reason.wrapped.rawValue] -= 1
        counts[reason.wrapped.rawValue] += 1
        intents[lease.name]?.reason = reason
    }

    /// An attempt to carry out the pending clear came to nothing.
    package mutating func clearWaits(reason: JournalReason) {
        if !isCollapsed { clearReason = reason }
    }

    /// The pending clear, if it is due; with `regardless`, one that waits after a refusal as well.
    package func dueClear(now: MonotonicInstant, regardless: Bool = false) -> Stamp? {
        regardless || now >= clearNotBefore ? pendingClear : nil
    }

    /// The pending clear was refused: it waits, longer each time, and lets what came after it pass.
    package mutating func clearRefused(now: MonotonicInstant) {
        clearWaits(reason: .refused)
        (clearAttempts, clearNotBefore) = Self.pause(after: clearAttempts, now: now)
    }

    static func pause(after attempts: Int, now: MonotonicInstant) -> (
        attempts: Int, notBefore: MonotonicInstant
    ) {
        let attempts = min(attempts + 1, 6)
        return (attempts, now.advanced(by: .seconds(1 << attempts)))
    }

    /// A pending clear up to this stamp was carried out.
    package mutating func cleared(upTo stamp: Stamp) {
        guard let pendingClear, pendingClear <= stamp else { return }
        self.pendingClear = nil
        isCollapsed = false
        keepsStale = false
    }

    private mutating func remove(_ name: String) {
        guard let intent = intents.removeValue(forKey: name) else { return }
        if intent.isFill { fills -= 1 }
        bytes -= intent.weight
        counts[intent.reason.wrapped.rawValue] -= 1
        compactOrder()
    }

    /// Keeps the list of names within twice the number of intents: amortised constant time.
    private mutating func compactOrder() {
        guard order.count > intents.count * 2 + 16 else { return }
        order = order.filter { intents[$0.name]?.sequence == $0.sequence }
    }
}

extension RecoveryJournal.Intent {
    /// The write that is to be brought there next.
    package var next: RecoveryJournal.First {
        first
            ?? RecoveryJournal.First(
                operation: operation,
                stamp: stamp,
                expiry: expiry,
                wasGone: wasGone,
                isFill: isFill
            )
    }

    /// Whether an attempt to bring it there has been refused already.
    package var hasBeenTried: Bool { attempts > 0 }

    /// Whether it is a write that began before an expiry which waits already, and has only failed now. An expiry does not stand for what was to be
    /// replaced or removed before it; whatever else is later does, and so it does for the value of a load, which nobody meant.
    fileprivate func mayGo(before later: RecoveryJournal.Intent) -> Bool {
        later.operation == .expire && operation != .expire && !isFill && stamp > later.first?.stamp ?? .zero
    }

    /// An expiry takes the place of what waits for the entry, and comes after it.
    fileprivate mutating func expire(_ present: RecoveryJournal.Intent?) {
        guard let present else { return }
        first = present.operation == .expire ? present.first : present.next
        guard case .store(let bytes, let timeToLive) = first?.operation else { return }
        if let bytes = Envelope.expired(bytes) {
            first?.operation = .store(bytes: bytes, timeToLive: timeToLive)
        } else {
            first?.operation = .remove
            first?.expiry = nil
        }
    }

    /// What is left of it when a clear comes that keeps stale values: what must not stand in goes. Nil for nothing, as of an expiry, which the clear
    /// is as well, and of the value of a load, which nobody meant.
    fileprivate var afterClear: RecoveryJournal.Intent? {
        guard !isFill else { return nil }
        let write = next
        guard write.operation != .expire else { return nil }
        var left = self
        left.first = nil
        (left.operation, left.stamp, left.expiry) = (.remove, write.stamp, nil)
        return left
    }
}
