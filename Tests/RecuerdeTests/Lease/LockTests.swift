import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// Locks that all nodes of a cache share.
@Suite struct LockTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }
    private var remote: ScriptedRemoteTier { nodes.remote }
    private let name = "{test:v2}:lock:job"

    private func cache(_ tier: LeaseTier? = nil, prefix: String = "test") -> Cache {
        var configuration = CacheConfiguration()
        configuration.prefix = prefix
        return Cache(configuration: configuration, remote: tier ?? LeaseTier(remote), timeSource: time)
    }

    /// Work under way behind a door, which holds the lock.
    private func working(
        _ cache: Cache,
        ttl: Duration = .seconds(10),
        behind door: Door
    ) async -> Task<FencingToken, any Error> {
        let task = Task {
            try await cache.withLock("job", ttl: ttl) { token in
                await door.pass()
                return token
            }
        }
        await door.someoneWaits()
        return task
    }

    private func code(_ body: @escaping @Sendable () async throws -> Void) async -> CacheError.Code? {
        await #expect(throws: CacheError.self) { try await body() }?.code
    }

    // MARK: One at a time

    @Test func oneAtATimeAndEachWithAGreaterNumber() async throws {
        let caches = (0..<3).map { _ in cache() }
        let watcher = Watcher()
        let tasks = (0..<30).map { number in
            Task {
                try await caches[number % 3].withLock("job", wait: .seconds(60)) { token in
                    watcher.enter(token)
                    for _ in 0..<10 { await Task.yield() }
                    watcher.leave()
                }
            }
        }
        for task in tasks { try await task.value }
        let given = watcher.tokens
        #expect(watcher.most == 1)
        #expect(given.count == 30 && given == given.sorted() && Set(given).count == 30)
        #expect(remote.leaseOwners.isEmpty && remote.leaseWaiters == 0)
        #expect(caches.allSatisfy { $0.deadlines.count == 0 })
    }

    @Test func whoWaitsIsWokenByTheMessage() async throws {
        let (door, other) = (Door(), cache())
        let first = await working(cache(), behind: door)
        let second = Task { try await other.withLock("job", wait: .seconds(60)) { $0 } }
        await eventually { remote.leaseWaiters == 1 }
        door.open()
        let former = try await first.value
        #expect(try await second.value > former)
    }

    @Test func whoseMessageIsLostGetsItWhenItsTimeWouldBeOver() async throws {
        let (door, other) = (Door(), cache())
        let first = await working(cache(), behind: door)
        let second = Task { try await other.withLock("job", wait: .seconds(60)) { $0 } }
        await eventually { remote.leaseWaiters == 1 }
        remote.loseLeaseMessages(true)
        door.open()
        _ = try await first.value
        time.advance(by: .seconds(9))
        for _ in 0..<1_000 { await Task.yield() }
        #expect(remote.leaseWaiters == 1)
        time.advance(by: .milliseconds(1_500))
        _ = try await second.value
    }

    @Test func theWaitHasAnEnd() async throws {
        let (door, other) = (Door(), cache())
        let first = await working(cache(), behind: door)
        #expect(await code { try await other.withLock("job") { _ in } } == .lockTimedOut)
        let began = time.now()
        let second = Task { try await other.withLock("job", wait: .seconds(20)) { _ in } }
        await eventually { remote.leaseWaiters == 1 }
        await nodes.pass(keeping: name, above: .seconds(6), until: { remote.leaseWaiters == 0 })
        #expect(await code { try await second.value } == .lockTimedOut)
        #expect(began.duration(to: time.now()) >= .seconds(20))
        door.open()
        _ = try await first.value
    }

    @Test func scenario77_prefixesNamesAndKeysDoNotMeet() async throws {
        let door = Door()
        let first = await working(cache(), behind: door)
        try await cache(prefix: "other").withLock("job") { _ in }
        try await cache().withLock("job:2") { _ in }
        try await nodes.leased().set("job", to: 1)
        #expect(try await nodes.leased().value(for: "lock:job") { 1 } == 1)
        door.open()
        _ = try await first.value
    }

    // MARK: Release

    @Test func itIsFreeHoweverTheWorkEnds() async throws {
        let cache = cache()
        await #expect(throws: LoadFailure.self) { try await cache.withLock("job") { _ in throw LoadFailure() } }
        #expect(remote.leaseOwners.isEmpty)
        let door = Door()
        let task = Task {
            try await cache.withLock("job") { _ in
                await door.pass()
                try Task.checkCancellation()
            }
        }
        await door.someoneWaits()
        task.cancel()
        // The work has not ended yet, so the lock is not free either.
        #expect(remote.leaseOwners.keys.sorted() == [name])
        door.open()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(remote.leaseOwners.isEmpty && cache.deadlines.count == 0)
    }

    @Test func whoIsCancelledWhileItWaitsLeavesNothingBehind() async throws {
        let (door, other) = (Door(), cache())
        let first = await working(cache(), behind: door)
        let owner = remote.leaseOwners[name]
        let second = Task { try await other.withLock("job", wait: .seconds(60)) { _ in } }
        await eventually { remote.leaseWaiters == 1 }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(remote.leaseWaiters == 0 && other.deadlines.count == 0 && remote.leaseOwners[name] == owner)
        door.open()
        _ = try await first.value
    }

    @Test func aLockWhoseAnswerWasLostIsGivenBack() async throws {
        let tier = LeaseTier(remote)
        let cache = cache(tier)
        tier.fail(.answersAreLost)
        #expect(await code { try await cache.withLock("job") { _ in } } == .remoteFailed)
        #expect(remote.leaseOwners.isEmpty && tier.counts.released == 1)
    }

    // MARK: Loss

    @Test func itIsRenewedForAsLongAsTheWorkGoesOn() async throws {
        let tier = LeaseTier(remote)
        let door = Door()
        let first = await working(cache(tier), ttl: .seconds(3), behind: door)
        let owner = remote.leaseOwners[name]
        let end = time.now().advanced(by: .seconds(10))
        await nodes.pass(keeping: name, above: .milliseconds(1_800), until: { time.now() >= end })
        #expect(owner != nil && remote.leaseOwners[name] == owner)
        // However late each renewal may come: ten seconds are more than three of these leases.
        #expect(tier.counts.renewed >= 3)
        door.open()
        _ = try await first.value
        #expect(remote.leaseOwners.isEmpty)
    }

    enum Loss: CaseIterable {
        case cutOff, evicted, allData
    }

    @Test(arguments: Loss.allCases)
    func whereItIsLostTheWorkIsCancelledAndTheCallThrows(loss: Loss) async throws {
        let tier = LeaseTier(remote)
        let cache = cache(tier)
        let (door, cancelled) = (Door(), Tally())
        let first = Task {
            try await cache.withLock("job") { _ in
                await withTaskCancellationHandler {
                    await door.pass()
                } onCancel: {
                    cancelled.add()
                }
                return "whatever it returns"
            }
        }
        await door.someoneWaits()
        switch loss {
        case .cutOff: tier.fail(.isCutOff)
        case .evicted: remote.evictLease(name)
        case .allData: remote.loseData()
        }
        let began = time.now()
        await eventually {
            time.advance(by: .milliseconds(50))
            return cancelled.count == 1
        }
        // At the next renewal, or at the end of its time if nobody says so.
        #expect(began.duration(to: time.now()) >= .seconds(loss == .cutOff ? 10 : 3))
        tier.fail(nil)
        // Another has it before the first has ended; that is what the number is for.
        let otherDoor = Door()
        let second = await working(self.cache(), behind: otherDoor)
        let owner = try #require(remote.leaseOwners[name])
        door.open()
        #expect(await code { _ = try await first.value } == .lockLost)
        #expect(remote.leaseOwners[name] == owner)
        otherDoor.open()
        _ = try await second.value
    }

    @Test func aLossThatShowsOnlyAtTheEndIsToldToo() async throws {
        let (cache, door) = (cache(), Door())
        let first = await working(cache, behind: door)
        remote.loseData()
        door.open()
        #expect(await code { _ = try await first.value } == .lockLost)
    }

    /// The whole process was stopped for longer than the lock lasts, timers and all.
    @Test func whoComesBackTooLateIsTold() async throws {
        let tier = LeaseTier(remote)
        let (cache, door) = (cache(tier), Door())
        let first = await working(cache, behind: door)
        time.advance(by: .seconds(11))
        door.open()
        #expect(await code { _ = try await first.value } == .lockLost)
    }

    @Test func whatTheWorkThrowsIsThrownOnEvenThen() async throws {
        let (cache, door) = (cache(), Door())
        let first = Task {
            try await cache.withLock("job") { _ in
                await door.pass()
                throw LoadFailure()
            }
        }
        await door.someoneWaits()
        remote.loseData()
        door.open()
        await #expect(throws: LoadFailure.self) { try await first.value }
    }

    @Test func numbersGrowAfterALossOfDataAsLongAsTheClockDoes() async throws {
        let cache = cache()
        let first = try await cache.withLock("job") { $0 }
        remote.loseData()
        time.advance(by: .milliseconds(1))
        #expect(try await cache.withLock("job") { $0 } > first)
        // With the data, whatever the clock says.
        time.setUnixTime(UnixTime(microseconds: 1_000_000))
        let second = try await cache.withLock("other") { $0 }
        #expect(second > first)
        #expect(try await cache.withLock("job") { $0 } > second)
    }

    // MARK: Refusal

    @Test func whereRedisIsAwayItThrows() async throws {
        let cache = cache()
        remote.behave(Nodes.down)
        for _ in 0..<2 {
            let ran = Tally()
            #expect(
                await code { try await cache.withLock("job", wait: .seconds(60)) { _ in _ = ran.add() } }
                    == .remoteFailed
            )
            #expect(ran.count == 0)
        }
        nodes.comeBack()
        remote.failLeases(RemoteTierError(.refused, "scripted to be refused"))
        #expect(await code { try await cache.withLock("job", wait: .seconds(60)) { _ in } } == .remoteFailed)
        remote.failLeases(nil)
        remote.setFull(true)
        #expect(await code { try await cache.withLock("job", wait: .seconds(60)) { _ in } } == .remoteFailed)
        remote.setFull(false)
        try await cache.withLock("job") { _ in }
    }

    @Test func whereRedisGoesAwayWhileItWaitsItThrows() async throws {
        let (door, other) = (Door(), cache())
        let first = await working(cache(), behind: door)
        let second = Task { try await other.withLock("job", wait: .seconds(60)) { _ in } }
        await eventually { remote.leaseWaiters == 1 }
        remote.behave(Nodes.down)
        remote.wakeLeaseWaiters()
        #expect(await code { try await second.value } == .remoteFailed)
        door.open()
        // Nobody says that it was lost, and its time is not over.
        _ = try await first.value
    }

    @Test func withoutAStoreOfLocksThereAreNone() async throws {
        let alone = nodes.memoryOnly()
        #expect(await code { try await alone.withLock("job") { _ in } } == .unsupported)
        remote.offerLeases(false)
        let without = cache()
        #expect(await code { try await without.withLock("job") { _ in } } == .unsupported)
    }

    @Test func badNamesAndClosedCachesAreRefused() async throws {
        let cache = cache()
        #expect(await code { try await cache.withLock("") { _ in } } == .invalidKey)
        cache.close()
        #expect(await code { try await cache.withLock("job") { _ in } } == .closed)
        #expect(remote.leaseOwners.isEmpty)
    }
}

/// Counts how many are inside at once.
private final class Watcher: Sendable {
    private let state = Mutex<(inside: Int, most: Int, tokens: [FencingToken])>((0, 0, []))

    var most: Int { state.withLock(\.most) }
    var tokens: [FencingToken] { state.withLock(\.tokens) }

    func enter(_ token: FencingToken) {
        state.withLock { state in
            state.inside += 1
            state.most = max(state.most, state.inside)
            state.tokens.append(token)
        }
    }

    func leave() {
        state.withLock { $0.inside -= 1 }
    }
}
