import Recuerde
import RecuerdeTesting
import Synchronization
import Testing

/// The scripted tier as one node sees it, whose own exchanges about leases can be made to fail, and are counted; something may come in between.
final class LeaseTier: ForwardingTier, LeaseStore {
    enum Fault: Sendable {
        /// Nothing arrives, as from a node that is cut off, or stopped.
        case isCutOff
        /// It is carried out, and the answer is lost.
        case answersAreLost
        case isRefused
    }

    struct Counts: Sendable, Equatable {
        var asked = 0
        var renewed = 0
        var released = 0
    }

    let base: any RemoteTier
    private let store: ScriptedRemoteTier
    private let state = Mutex<(fault: Fault?, counts: Counts)>((nil, Counts()))

    private let interludes = Mutex<(before: Interlude?, afterRefusal: Interlude?)>((nil, nil))

    typealias Interlude = @Sendable () async -> Void

    /// What happens once, before a lease is asked for.
    func beforeAsking(_ body: @escaping Interlude) {
        interludes.withLock { $0.before = body }
    }

    /// What happens once, when the answer is under way that another has the lease.
    func afterRefusal(_ body: @escaping Interlude) {
        interludes.withLock { $0.afterRefusal = body }
    }

    init(_ store: ScriptedRemoteTier) {
        base = store
        self.store = store
    }

    func fail(_ fault: Fault?) {
        state.withLock { $0.fault = fault }
    }

    /// How many exchanges of each kind set out.
    var counts: Counts { state.withLock { $0.counts } }

    var leases: (any LeaseStore)? { store.leases == nil ? nil : self }

    func acquire(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> LeaseAnswer {
        state.withLock { $0.counts.asked += 1 }
        let before = interludes.withLock { $0.before.take() }
        await before?()
        let answer = try await exchange {
            try await $0.acquire(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
        }
        if case .held = answer {
            let after = interludes.withLock { $0.afterRefusal.take() }
            await after?()
        }
        return answer
    }

    func renew(_ lease: LeaseName, owner: String, timeToLive: Duration, timeout: Duration) async throws -> Bool {
        defer { state.withLock { $0.counts.renewed += 1 } }
        return try await exchange {
            try await $0.renew(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
        }
    }

    func release(_ lease: LeaseName, owner: String, timeout: Duration) async throws -> Bool {
        defer { state.withLock { $0.counts.released += 1 } }
        return try await exchange { try await $0.release(lease, owner: owner, timeout: timeout) }
    }

    func heed(_ lease: LeaseName, _ wake: @escaping @Sendable () -> Void) -> LeaseEar {
        store.heed(lease, wake)
    }

    private func exchange<Answer: Sendable>(
        _ body: (ScriptedRemoteTier) async throws -> Answer
    ) async throws -> Answer {
        switch state.withLock({ $0.fault }) {
        case .isCutOff: throw RemoteTierError(.timedOut, "scripted to be cut off")
        case .isRefused: throw RemoteTierError(.refused, "scripted to be refused")
        case .answersAreLost:
            _ = try await body(store)
            throw RemoteTierError(.timedOut, "scripted to lose the answer")
        case nil: return try await body(store)
        }
    }
}

extension Nodes {
    /// A cache whose loads are one per cluster.
    func leased(_ tier: LeaseTier? = nil, _ change: (inout CacheConfiguration) -> Void = { _ in }) -> Cache {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        configuration.defaultLoadsOncePerCluster = true
        // The clock of these tests goes on while exchanges are under way, which must not spend what a call may wait for Redis.
        configuration.remoteDeadline = .seconds(3_600)
        change(&configuration)
        return Cache(configuration: configuration, remote: tier ?? LeaseTier(remote), timeSource: time)
    }

    /// Moves the clock until something is so, as slowly as it takes the owner of a lease that lives to renew it in time.
    func pass(
        keeping name: String,
        above least: Duration,
        until condition: () -> Bool,
        place: SourceLocation = #_sourceLocation
    ) async {
        await eventually(place) {
            if remote.leaseRemaining(name) > least { time.advance(by: .milliseconds(50)) }
            return condition()
        }
    }

    /// Moves the clock in small steps, in each of which what is due gets its turn.
    func pass(_ duration: Duration, _ eachStep: () async -> Void = {}) async {
        let end = time.now().advanced(by: duration)
        while time.now() < end {
            // Whoever has been woken by the step before sleeps again, or has ended.
            for _ in 0..<20 { await Task.yield() }
            time.advance(by: min(.milliseconds(100), time.now().duration(to: end)))
            await eachStep()
        }
    }
}
