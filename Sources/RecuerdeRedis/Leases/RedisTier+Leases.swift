public import Recuerde

/// Leases in Redis: one key for each, which expires with it.
extension RedisTier: LeaseStore {
    /// The tier itself.
    public var leases: (any LeaseStore)? { self }

    /// One script. A number is Redis' clock in microseconds, and greater than the latest that was given, which stands under the counter.
    public func acquire(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> LeaseAnswer {
        try await translated {
            let reply = try await client.evaluate(
                LeaseScripts.acquire,
                keys: [lease.name] + (lease.counter.map { [$0] } ?? []),
                arguments: [owner, Self.milliseconds(timeToLive)],
                timeout: timeout
            )
            guard let parts = reply.elements, parts.count == 2, let status = parts[0].int else {
                throw Self.unexpected("EVALSHA")
            }
            if status == 0, let left = parts[1].int { return .held(remaining: .milliseconds(max(0, left))) }
            guard status == 1, let number = parts[1].string.flatMap(Int64.init) else {
                throw Self.unexpected("EVALSHA")
            }
            return .taken(number: number)
        }
    }

    public func renew(
        _ lease: LeaseName,
        owner: String,
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> Bool {
        try await translated {
            let reply = try await client.evaluate(
                LeaseScripts.renew,
                keys: [lease.name],
                arguments: [owner, Self.milliseconds(timeToLive)],
                timeout: timeout
            )
            guard let stands = reply.int else { throw Self.unexpected("EVALSHA") }
            return stands == 1
        }
    }

    /// One script, which also publishes the lease's name on its channel.
    public func release(_ lease: LeaseName, owner: String, timeout: Duration) async throws -> Bool {
        try await translated {
            let reply = try await client.evaluate(
                LeaseScripts.release,
                keys: [lease.name],
                arguments: [owner, lease.channel],
                timeout: timeout
            )
            guard let parts = reply.elements, parts.count == 2, let stood = parts[0].int, let told = parts[1].int else {
                throw Self.unexpected("EVALSHA")
            }
            if told == 0 { leaseWatch.noteUntold() }
            return stood == 1
        }
    }

    /// By a subscription to the lease's channel over a connection of its own, which is opened for the first who has to wait and kept from then on.
    public func heed(_ lease: LeaseName, _ wake: @escaping @Sendable () -> Void) -> LeaseEar {
        leaseWatch.heed(lease, wake)
    }
}
