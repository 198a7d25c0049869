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
        fileprivate var sequence: UInt64 = 0
        fileprivate var notBefore = MonotonicInstant(nanoseconds: .min)
        fileprivate var attempts = 0

        package init(operation: RemoteWrite.Operation, stamp: Stamp, expiry: MonotonicInstant?) {
            self.operation = operation
            self.stamp = stamp
            self.expiry = expiry
        }

        fileprivate var weight: Int {
            if case .store(let bytes, _) = operation { bytes.count } else { 0 }
        }
    }

    /// An intent that is being replayed; it says which one it was, in case a newer has come meanwhile.
    package struct Lease: Sendable {
        package let name: String
        package let intent: Intent
        fileprivate let sequence: UInt64
    }

    private var intents: [String: Intent] = [:]
    /// Names in the order in which their intents came; a pair whose sequence is not the intent's is outdated.
    private var order: [(name: String, sequence: UInt64)] = []
    private var bytes = 0
    private var sequence: UInt64 = 0
    private let maximumIntents: Int
    private let maximumBytes: Int
    /// Everything stamped up to here is to be cleared in Redis.
    package private(set) var pendingClear: Stamp?
    /// How often the journal has collapsed.
    package private(set) var overflows = 0

    package init(maximumIntents: Int, maximumBytes: Int) {
        self.maximumIntents = max(0, maximumIntents)
        self.maximumBytes = max(0, maximumBytes)
    }

    package var count: Int { intents.count + (pendingClear == nil ? 0 : 1) }
    package var isEmpty: Bool { intents.isEmpty && pendingClear == nil }

    /// Notes an intent, in place of an older one for the same entry.
    ///
    /// `collapseStamp` is what a clear is stamped with, should the bound be passed.
    package mutating func note(_ intent: Intent, for name: String, collapseStamp: () -> Stamp) {
        if let present = intents[name], present.stamp > intent.stamp { return }
        sequence += 1
        var intent = intent
        intent.sequence = sequence
        if let old = intents.updateValue(intent, forKey: name) { bytes -= old.weight }
        bytes += intent.weight
        order.append((name, sequence))
        compactOrder()
        if intents.count > maximumIntents || bytes > maximumBytes {
            overflows += 1
            noteClear(collapseStamp())
        }
    }

    /// Notes that all is to be cleared; it stands for every intent that is not stamped later.
    package mutating func noteClear(_ stamp: Stamp) {
        pendingClear = max(pendingClear ?? .zero, stamp)
        intents = intents.filter { $0.value.stamp > stamp }
        order = order.filter { intents[$0.name]?.sequence == $0.sequence }
        bytes = intents.values.reduce(0) { $0 + $1.weight }
    }

    /// Up to which stamp Redis is not to be believed about an entry; nil where it is.
    package func overrules(_ name: String) -> Stamp? {
        guard let stamp = intents[name]?.stamp else { return pendingClear }
        return max(stamp, pendingClear ?? .zero)
    }

    /// An acknowledged write has made the intent for an entry void.
    package mutating func settle(_ name: String, upTo stamp: Stamp) {
        guard let intent = intents[name], intent.stamp <= stamp else { return }
        remove(name)
    }

    /// The oldest intents that are due; with `regardless`, those that wait after a refusal as well.
    package func due(limit: Int, now: MonotonicInstant, regardless: Bool = false) -> [Lease] {
        var leases: [Lease] = []
        var index = 0
        while index < order.count, leases.count < limit {
            let (name, sequence) = order[index]
            index += 1
            guard let intent = intents[name], intent.sequence == sequence, regardless || now >= intent.notBefore
            else { continue }
            leases.append(Lease(name: name, intent: intent, sequence: sequence))
        }
        return leases
    }

    /// A replayed intent was carried out, or something newer stood there.
    package mutating func settled(_ lease: Lease) {
        guard intents[lease.name]?.sequence == lease.sequence else { return }
        remove(lease.name)
    }

    /// A replayed intent was refused: it waits, longer each time, and lets the others pass.
    package mutating func refused(_ lease: Lease, now: MonotonicInstant) {
        guard var intent = intents[lease.name], intent.sequence == lease.sequence else { return }
        intent.attempts = min(intent.attempts + 1, 6)
        intent.notBefore = now.advanced(by: .seconds(1 << intent.attempts))
        intents[lease.name] = intent
    }

    /// A pending clear up to this stamp was carried out.
    package mutating func cleared(upTo stamp: Stamp) {
        if let pendingClear, pendingClear <= stamp { self.pendingClear = nil }
    }

    private mutating func remove(_ name: String) {
        guard let intent = intents.removeValue(forKey: name) else { return }
        bytes -= intent.weight
        compactOrder()
    }

    /// Keeps the list of names within twice the number of intents: amortised constant time.
    private mutating func compactOrder() {
        guard order.count > intents.count * 2 + 16 else { return }
        order = order.filter { intents[$0.name]?.sequence == $0.sequence }
    }
}
