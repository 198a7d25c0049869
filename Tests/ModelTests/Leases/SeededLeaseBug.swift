import Recuerde
import RecuerdeTesting

/// A fault about leases that is put in on purpose, to see that the checker finds it. As with ``SeededBug``, each stands where the cache
/// relies on something, here in the store of leases as its node sees it.
enum SeededLeaseBug: CaseIterable, Sendable {
    /// 3: two hold one lease.
    case sharesLeases
    /// 3: renewals are acknowledged and not done.
    case losesRenewals
    /// 3: whoever gives a lease back ends it, whoever holds it by then.
    case endsOthersLeases
    /// 3: numbers follow the clock alone, so that they do not grow when that is put back.
    case numbersByTheClock
    /// 4: releases are not done.
    case keepsLeases
    /// 4: nobody hears of a release.
    case hearsNoReleases
    /// 4: where the store cannot be asked, it is waited for as if another had the lease.
    case failsClosed

    var truth: Int {
        switch self {
        case .sharesLeases, .losesRenewals, .endsOthersLeases, .numbersByTheClock: 3
        case .keepsLeases, .hearsNoReleases, .failsClosed: 4
        }
    }
}

extension StoppableTier: LeaseStore {
    var leases: (any LeaseStore)? { self }

    func acquire(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> LeaseAnswer {
        let latest = ledger.latest
        ledger.owners[owner] = process
        let answer = try await through {
            var lease = lease
            if bug == .numbersByTheClock { lease.counter = nil }
            do {
                let answer = try await node.acquire(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
                guard bug == .sharesLeases, case .held = answer else { return answer }
                return .taken(number: latest.number + 1)
            } catch  where bug == .failsClosed && !(error is CancellationError) {
                return .held(remaining: .seconds(3_600))
            }
        }
        ledger.notes?("process \(process) asks for \(lease.name): \(answer)")
        if case .taken(let number) = answer {
            ledger.took(lease, number: number, process: process, latestBefore: latest)
        }
        return answer
    }

    func renew(_ lease: LeaseName, owner: String, timeToLive: Duration, timeout: Duration) async throws -> Bool {
        if bug == .losesRenewals { return true }
        let stood = try await through {
            try await node.renew(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
        }
        ledger.notes?("process \(process) renews \(lease.name): \(stood)")
        return stood
    }

    func release(_ lease: LeaseName, owner: String, timeout: Duration) async throws -> Bool {
        if bug == .keepsLeases { return true }
        let stood = try await through {
            let stood = try await node.release(lease, owner: owner, timeout: timeout)
            if bug == .endsOthersLeases, !stood { store.evictLease(lease.name) }
            return stood
        }
        ledger.notes?("process \(process) gives \(lease.name) back: \(stood)")
        return stood
    }

    func heed(_ lease: LeaseName, _ wake: @escaping @Sendable () -> Void) -> LeaseEar {
        let door = door
        return node.heed(lease) { [bug] in
            if bug != .hearsNoReleases { door.perform(wake) }
        }
    }
}
