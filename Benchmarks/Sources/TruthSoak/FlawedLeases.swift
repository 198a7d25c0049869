import Recuerde

/// Leases that hold less than they promise.
struct FlawedLeases: LeaseStore {
    let base: any LeaseStore
    let flaw: Flaw

    func acquire(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> LeaseAnswer {
        if flaw == .refusing, lease.counter != nil, Int.random(in: 0..<10) == 0 {
            throw RemoteTierError(.refused, "refused on purpose")
        }
        let life = flaw == .immortal ? .seconds(60) : timeToLive
        switch try await base.acquire(lease, owner: owner, timeToLive: life, timeout: timeout) {
        case .taken(let number): return .taken(number: flaw == .falling ? .max - number : number)
        case .held where flaw == .generous: return .taken(number: 1)
        case .held(let remaining): return .held(remaining: remaining)
        }
    }

    func renew(_ lease: LeaseName, owner: String, timeToLive: Duration, timeout: Duration) async throws -> Bool {
        switch flaw {
        case .untold, .generous: true
        case .immortal: try await base.renew(lease, owner: owner, timeToLive: .seconds(60), timeout: timeout)
        default: try await base.renew(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
        }
    }

    func release(_ lease: LeaseName, owner: String, timeout: Duration) async throws -> Bool {
        let stood = try await base.release(lease, owner: owner, timeout: timeout)
        return flaw == .untold || flaw == .generous || stood
    }

    func heed(_ lease: LeaseName, _ wake: @escaping @Sendable () -> Void) -> LeaseEar {
        base.heed(lease, wake)
    }
}
