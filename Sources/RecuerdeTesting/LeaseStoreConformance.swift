public import Recuerde
import Synchronization

/// What every `LeaseStore` must show, as checks that throw where it does not.
///
/// The scripted store and Redis pass the same ones. Names begin with `prefix`, so that several runs do not meet on one server.
public struct LeaseStoreConformance: Sendable {
    private let store: any LeaseStore
    private let prefix: String
    private let timeout = Duration.seconds(5)
    private let long = Duration.seconds(60)
    private let pass: @Sendable (Duration) async throws -> Void

    /// Makes the suite for a store that is up.
    ///
    /// - Parameters:
    ///   - store: What is to be checked.
    ///   - prefix: What the names begin with.
    ///   - pass: Lets so much time pass, by the store's clock.
    public init(
        store: any LeaseStore,
        prefix: String,
        pass: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.store = store
        self.prefix = prefix
        self.pass = pass
    }

    /// Runs every check.
    public func checkAll() async throws {
        try await givesALeaseToOneOwner()
        try await givesItToItsOwnerOnceMore()
        try await onlyItsOwnerEndsIt()
        try await endsByItsTime()
        try await renewalCountsAnew()
        try await numbersGrow()
        try await tellsOfReleases()
    }

    // MARK: Checks

    private func givesALeaseToOneOwner() async throws {
        let lease = lease("one")
        _ = try await take(lease, "a")
        guard case .held(let remaining) = try await ask(lease, "b") else {
            throw TestingError("a lease that is held was given to another")
        }
        try expect(remaining > .zero && remaining <= long, "another is told for how long a lease is held")
        _ = try await take(self.lease("another"), "b")
    }

    private func givesItToItsOwnerOnceMore() async throws {
        let lease = lease("again")
        let first = try await take(lease, "a")
        try expect(try await take(lease, "a") == first, "its owner gets the same number again")
        try expect(try await store.release(lease, owner: "a", timeout: timeout), "its owner releases it, once")
        try expect(try await !store.release(lease, owner: "a", timeout: timeout), "what was released is nobody's")
    }

    private func onlyItsOwnerEndsIt() async throws {
        let lease = lease("own")
        _ = try await take(lease, "a")
        // One name being the beginning of another makes them no less different.
        for other in ["b", "", "a:", "aa"] {
            try expect(
                try await !store.release(lease, owner: other, timeout: timeout),
                "nobody releases another's lease"
            )
            try expect(
                try await !store.renew(lease, owner: other, timeToLive: long, timeout: timeout),
                "nobody renews another's lease"
            )
        }
        try expect(
            try await store.renew(lease, owner: "a", timeToLive: long, timeout: timeout),
            "its owner renews a lease"
        )
        guard case .held = try await ask(lease, "b") else { throw TestingError("a lease was ended by another") }
    }

    private func endsByItsTime() async throws {
        let lease = lease("time")
        _ = try await take(lease, "a", for: .milliseconds(50))
        try await pass(.milliseconds(80))
        try expect(
            try await !store.renew(lease, owner: "a", timeToLive: long, timeout: timeout),
            "what has run out is not renewed"
        )
        _ = try await take(lease, "b")
        try expect(try await !store.release(lease, owner: "a", timeout: timeout), "who has lost it releases nothing")
        guard case .held = try await ask(lease, "a") else { throw TestingError("the former owner ended it") }
    }

    private func renewalCountsAnew() async throws {
        let lease = lease("renewal")
        _ = try await take(lease, "a", for: .milliseconds(400))
        try expect(
            try await store.renew(lease, owner: "a", timeToLive: long, timeout: timeout),
            "its owner renews a lease"
        )
        try await pass(.milliseconds(500))
        guard case .held = try await ask(lease, "b") else { throw TestingError("a renewed lease has run out") }
    }

    private func numbersGrow() async throws {
        var last: Int64 = 0
        for round in 0..<20 {
            let lease = LeaseName(name: prefix + "n\(round % 3)", channel: channel, counter: prefix + "counter")
            let number = try await take(lease, "\(round)")
            try expect(number > last, "each number of a counter is greater than those before")
            last = number
            _ = try await store.release(lease, owner: "\(round)", timeout: timeout)
        }
    }

    private func tellsOfReleases() async throws {
        let lease = lease("told")
        let tally = Mutex(0)
        let ear = store.heed(lease) { tally.withLock { $0 += 1 } }
        // As who waits does: heeds first, and then looks; until the store has told of one it is asked to tell of another.
        for round in 0..<500 {
            _ = try await take(lease, "\(round)")
            let before = tally.withLock { $0 }
            _ = try await store.release(lease, owner: "\(round)", timeout: timeout)
            try await pass(.milliseconds(10))
            if tally.withLock({ $0 }) > before, round > 2 {
                ear.end()
                return
            }
        }
        throw TestingError("nobody is told of releases")
    }

    // MARK: Parts

    private var channel: String { prefix + "leases" }

    private func lease(_ name: String) -> LeaseName { LeaseName(name: prefix + name, channel: channel) }

    private func ask(_ lease: LeaseName, _ owner: String) async throws -> LeaseAnswer {
        try await store.acquire(lease, owner: owner, timeToLive: long, timeout: timeout)
    }

    private func take(_ lease: LeaseName, _ owner: String, for time: Duration? = nil) async throws -> Int64 {
        let answer = try await store.acquire(lease, owner: owner, timeToLive: time ?? long, timeout: timeout)
        guard case .taken(let number) = answer else { throw TestingError("a free lease was not given: \(answer)") }
        return number
    }

    private func expect(_ condition: Bool, _ what: String) throws {
        if !condition { throw TestingError("it does not hold that \(what)") }
    }
}
