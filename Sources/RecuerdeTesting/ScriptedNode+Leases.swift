public import Recuerde

/// The leases of the store as this node sees them: each exchange goes the node's own way. News of a release comes at once; see
/// ``ScriptedRemoteTier/loseLeaseMessages(_:)``.
extension ScriptedNode: LeaseStore {
    public var leases: (any LeaseStore)? { store.leases == nil ? nil : self }

    public func acquire(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> LeaseAnswer {
        try await exchange(timeout) { store, _ in
            try await store.acquire(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
        }
    }

    public func renew(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> Bool {
        try await exchange(timeout) { store, _ in
            try await store.renew(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
        }
    }

    public func release(_ lease: LeaseName, owner: String, timeout: Duration) async throws -> Bool {
        try await exchange(timeout) { store, _ in
            try await store.release(lease, owner: owner, timeout: timeout)
        }
    }

    public func heed(_ lease: LeaseName, _ wake: @escaping @Sendable () -> Void) -> LeaseEar {
        store.heed(lease, wake)
    }
}
