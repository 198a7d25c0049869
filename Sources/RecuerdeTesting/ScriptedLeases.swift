public import Recuerde
import Synchronization

/// The leases of a scripted store.
final class ScriptedLeases: Sendable {
    struct Lease {
        var owner: String
        var number: Int64
        var expiry: MonotonicInstant
    }

    private struct Ear {
        var name: String
        var wake: @Sendable () -> Void
    }

    private struct State {
        var leases: [String: Lease] = [:]
        var counters: [String: Int64] = [:]
        var ears: [UInt64: Ear] = [:]
        var last: UInt64 = 0
        var isOffered = true
        var isSilent = false
        var fault: RemoteTierError?
    }

    private let state = Mutex(State())

    var isOffered: Bool {
        get { state.withLock(\.isOffered) }
        set { state.withLock { $0.isOffered = newValue } }
    }

    var isSilent: Bool {
        get { state.withLock(\.isSilent) }
        set { state.withLock { $0.isSilent = newValue } }
    }

    var fault: RemoteTierError? {
        get { state.withLock(\.fault) }
        set { state.withLock { $0.fault = newValue } }
    }

    func standing(now: MonotonicInstant) -> [String: Lease] {
        state.withLock { $0.leases.filter { now < $0.value.expiry } }
    }

    var ears: Int { state.withLock { $0.ears.count } }

    func loseData() {
        state.withLock { ($0.leases, $0.counters) = ([:], [:]) }
    }

    func remove(_ name: String) {
        _ = state.withLock { $0.leases.removeValue(forKey: name) }
    }

    func acquire(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        now: MonotonicInstant,
        time: Stamp
    ) -> LeaseAnswer {
        state.withLock { state in
            let present = state.leases[lease.name].flatMap { now < $0.expiry ? $0 : nil }
            if let present, present.owner != owner { return .held(remaining: now.duration(to: present.expiry)) }
            var number = present?.number ?? time.microseconds
            if present == nil, let counter = lease.counter {
                number = max(number, (state.counters[counter] ?? 0) + 1)
                state.counters[counter] = number
            }
            state.leases[lease.name] = Lease(owner: owner, number: number, expiry: now.advanced(by: timeToLive))
            return .taken(number: number)
        }
    }

    func renew(_ lease: LeaseName, owner: String, timeToLive: Duration, now: MonotonicInstant) -> Bool {
        state.withLock { state in
            guard let present = state.leases[lease.name], present.owner == owner, now < present.expiry else {
                return false
            }
            state.leases[lease.name]?.expiry = now.advanced(by: timeToLive)
            return true
        }
    }

    /// Whether it was released, and whom to tell.
    func release(_ lease: LeaseName, owner: String, now: MonotonicInstant) -> (Bool, [@Sendable () -> Void]) {
        state.withLock { state in
            guard let present = state.leases[lease.name], present.owner == owner, now < present.expiry else {
                return (false, [])
            }
            state.leases[lease.name] = nil
            return (true, state.isSilent ? [] : state.ears.values.filter { $0.name == lease.name }.map(\.wake))
        }
    }

    func heed(_ lease: LeaseName, _ wake: @escaping @Sendable () -> Void) -> LeaseEar {
        let number = state.withLock { state in
            state.last += 1
            state.ears[state.last] = Ear(name: lease.name, wake: wake)
            return state.last
        }
        return LeaseEar { [self] in _ = state.withLock { $0.ears.removeValue(forKey: number) } }
    }

    /// As when the way on which releases are told was lost, or is there again.
    func wakeAll() {
        let wakes = state.withLock { $0.ears.values.map(\.wake) }
        for wake in wakes { wake() }
    }
}

// MARK: Script

extension ScriptedRemoteTier {
    /// Whether the store has leases at all.
    public func offerLeases(_ isOffered: Bool) {
        leaseBook.isOffered = isOffered
    }

    /// What exchanges about leases fail with from now on, while all others are carried out; nil for nothing.
    public func failLeases(_ error: RemoteTierError?) {
        leaseBook.fault = error
    }

    /// Whether the messages that tell of a release are lost from now on.
    public func loseLeaseMessages(_ isSilent: Bool) {
        leaseBook.isSilent = isSilent
    }

    /// Tells all who heed a lease that it may be free.
    public func wakeLeaseWaiters() {
        leaseBook.wakeAll()
    }

    /// How many heed a lease.
    public var leaseWaiters: Int { leaseBook.ears }

    /// The owner of each lease that is held.
    public var leaseOwners: [String: String] {
        leaseBook.standing(now: timeSource.now()).mapValues(\.owner)
    }

    /// For how long a lease is still held, unless it is renewed; zero for one that is not.
    public func leaseRemaining(_ name: String) -> Duration {
        let now = timeSource.now()
        return leaseBook.standing(now: now)[name].map { now.duration(to: $0.expiry) } ?? .zero
    }

    /// Takes a lease away by hand, as an eviction would. Nobody is told.
    public func evictLease(_ name: String) {
        leaseBook.remove(name)
    }
}

// MARK: LeaseStore

extension ScriptedRemoteTier: LeaseStore {
    public var leases: (any LeaseStore)? { leaseBook.isOffered ? self : nil }

    public func acquire(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> LeaseAnswer {
        try await exchange(timeout) { now, time, isFull in
            if isFull { throw Self.full }
            return self.leaseBook.acquire(lease, owner: owner, timeToLive: timeToLive, now: now, time: time)
        }
    }

    public func renew(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> Bool {
        try await exchange(timeout) { now, _, _ in
            self.leaseBook.renew(lease, owner: owner, timeToLive: timeToLive, now: now)
        }
    }

    public func release(_ lease: LeaseName, owner: String, timeout: Duration) async throws -> Bool {
        let (stood, wakes) = try await exchange(timeout) { now, _, _ in
            self.leaseBook.release(lease, owner: owner, now: now)
        }
        for wake in wakes { wake() }
        return stood
    }

    public func heed(_ lease: LeaseName, _ wake: @escaping @Sendable () -> Void) -> LeaseEar {
        leaseBook.heed(lease, wake)
    }

    private func exchange<Answer: Sendable>(
        _ timeout: Duration,
        _ body: @Sendable (MonotonicInstant, Stamp, _ isFull: Bool) throws -> Answer
    ) async throws -> Answer {
        if let fault = leaseBook.fault { throw fault }
        return try await exchange(timeout, about: body).get()
    }
}
