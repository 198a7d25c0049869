import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// `docs/scenarios-cache.md`: one load per cluster.
@Suite struct LoadLeaseTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }
    private var remote: ScriptedRemoteTier { nodes.remote }
    private let name = "{test:v2:k}:l"

    /// A load under way behind a door, which holds the lease.
    private func loading(
        _ cache: Cache,
        _ value: Int,
        _ options: EntryOptions = EntryOptions(),
        behind door: Door
    ) async -> Task<Int, any Error> {
        let task = Task {
            try await cache.value(for: "k", options: options) {
                await door.pass()
                return value
            }
        }
        await door.someoneWaits()
        return task
    }

    // MARK: One load

    @Test(arguments: [WireFormat.envelope, .plain], [ReadingOrder.remoteFirst, .memoryFirst, .memoryUnchecked])
    func scenario83_oneLoadHoweverManyNodesAsk(format: WireFormat, order: ReadingOrder) async throws {
        let caches = (0..<4).map { _ in
            nodes.leased {
                $0.format = format
                $0.readingOrder = order
            }
        }
        let (door, tally) = (Door(), Tally())
        let first = await loading(caches[0], 1, behind: door)
        let others = caches.dropFirst().map { cache in
            Task {
                try await cache.result(for: "k") { _ in
                    tally.add()
                    return Loaded(2)
                }
            }
        }
        await eventually { remote.leaseWaiters == 3 }
        #expect(remote.leaseOwners.count == 1 && tally.count == 0)
        // Nothing but the message wakes them: the clock stands still.
        door.open()
        #expect(try await first.value == 1)
        for other in others {
            let result = try await other.value
            #expect(result.value == 1 && result.provenance.source == .redis)
        }
        #expect(tally.count == 0)
        for cache in caches.dropFirst() {
            #expect(cache.statistics().leaseWaits == 1 && cache.statistics().loads == 0)
        }
        await eventually { remote.leaseOwners.isEmpty && remote.leaseWaiters == 0 && nodes.remote.leaseOwners.isEmpty }
        #expect(caches.allSatisfy { $0.deadlines.count == 0 && $0.leases.count == 0 })
    }

    @Test func scenario83_differentPrefixesDoNotWaitForEachOther() async throws {
        let (one, other) = (nodes.leased(), nodes.leased { $0.prefix = "other" })
        let door = Door()
        let first = await loading(one, 1, behind: door)
        #expect(try await other.value(for: "k") { 2 } == 2)
        #expect(other.statistics().leaseWaits == 0)
        door.open()
        #expect(try await first.value == 1)
    }

    @Test func nobodyAsksForLeasesUnlessItIsSaid() async throws {
        let tier = LeaseTier(remote)
        let cache = nodes.leased(tier) { $0.defaultLoadsOncePerCluster = false }
        #expect(try await cache.value(for: "k") { 1 } == 1)
        #expect(tier.counts.asked == 0)
        var options = EntryOptions()
        options.loadsOncePerCluster = true
        #expect(try await cache.value(for: "l", options: options) { 2 } == 2)
        await eventually { tier.counts == LeaseTier.Counts(asked: 1, renewed: 0, released: 1) }
        let leased = nodes.leased(tier)
        options.loadsOncePerCluster = false
        #expect(try await leased.value(for: "m", options: options) { 3 } == 3)
        #expect(tier.counts.asked == 1)
    }

    @Test func aHitAndALoadThatBypassesTheCacheAskForNone() async throws {
        let tier = LeaseTier(remote)
        let cache = nodes.leased(tier)
        #expect(try await cache.value(for: "k") { 1 } == 1)
        #expect(try await cache.value(for: "k") { 2 } == 1)
        var options = EntryOptions()
        options.readPolicy = .bypass
        #expect(try await cache.value(for: "k", options: options) { 3 } == 3)
        #expect(tier.counts.asked == 1)
    }

    /// What stood there when it looked first is not what stands there once it has the lease.
    @Test func whoGetsTheLeaseLooksOnceMoreBeforeItLoads() async throws {
        let (tier, other) = (LeaseTier(remote), nodes.node())
        let cache = nodes.leased(tier)
        tier.beforeAsking {
            // A literal within `try?` is an optional, which would be another type.
            do {
                let value: Int = try await other.value(for: "k") { 7 }
                #expect(value == 7)
            } catch {
                Issue.record(error)
            }
        }
        #expect(try await cache.value(for: "k") { 1 } == 7)
        #expect(cache.statistics().loads == 0)
        await eventually { remote.leaseOwners.isEmpty }
    }

    /// Nobody was there yet to hear of it.
    @Test func aReleaseBeforeItHeedsIsNotMissed() async throws {
        let (door, tier) = (Door(), LeaseTier(remote))
        let (one, other) = (nodes.leased(), nodes.leased(tier))
        let first = await loading(one, 1, behind: door)
        tier.afterRefusal {
            door.open()
            await eventually { remote.leaseOwners.isEmpty }
        }
        #expect(try await other.value(for: "k") { 2 } == 1)
        #expect(try await first.value == 1)
    }

    // MARK: Failure

    @Test func theNextTakesTheLeaseWhereALoadFails() async throws {
        let caches = (0..<3).map { _ in nodes.leased() }
        let door = Door()
        let first = Task {
            try await caches[0].value(for: "k") {
                await door.pass()
                throw LoadFailure()
            } as Int
        }
        await door.someoneWaits()
        let tally = Tally()
        let others = caches.dropFirst().map { cache in
            Task {
                try await cache.value(for: "k") {
                    tally.add()
                    return 2
                }
            }
        }
        await eventually { remote.leaseWaiters == 2 }
        door.open()
        await #expect(throws: LoadFailure.self) { try await first.value }
        for other in others { #expect(try await other.value == 2) }
        #expect(tally.count == 1)
        await eventually { remote.leaseOwners.isEmpty }
    }

    // MARK: Release

    enum Path: CaseIterable {
        case success, failure, skipped, withoutLifetime, tooLarge, deadline, deadlineUnheeded
        case redisFull, redisAway, voided, callerGone, callerGoneWithoutPlace, cacheClosed, abandonedInBackground
    }

    @Test(arguments: Path.allCases)
    func scenario84_theLeaseIsFreeAfterwardsHoweverTheLoadEnds(path: Path) async throws {
        let tier = LeaseTier(remote)
        let cache = nodes.leased(tier) { configuration in
            if path == .callerGoneWithoutPlace { configuration.maximumBackgroundLoads = 0 }
            if path == .tooLarge { configuration.maximumEntryBytes = 1 }
        }
        var options = EntryOptions()
        options.loadTimeout = .seconds(2)
        if path == .withoutLifetime { options.timeToLive = .zero }
        let (door, stay) = (Door(), Door())
        let called = Task { [options] in
            try await cache.result(for: "k", options: options) { _ -> Loaded<Int> in
                await door.pass()
                if path == .failure { throw LoadFailure() }
                if path == .deadlineUnheeded { await stay.pass() }
                try Task.checkCancellation()
                return Loaded(12_345, store: path != .skipped)
            }
        }
        await door.someoneWaits()
        #expect(remote.leaseOwners.keys.sorted() == [name])
        switch path {
        case .success, .failure, .skipped, .withoutLifetime, .tooLarge:
            door.open()
            _ = await called.result
        case .deadline, .deadlineUnheeded:
            if path == .deadlineUnheeded { door.open() }
            await eventually {
                time.advance(by: .milliseconds(50))
                return cache.flights.running == 0
            }
            await #expect(throws: CacheError.self) { try await called.value }
            door.open()
        case .redisFull:
            remote.setFull(true)
            door.open()
            #expect(try await called.value.value == 12_345)
        case .redisAway:
            remote.behave(Nodes.down)
            door.open()
            #expect(try await called.value.value == 12_345)
            await eventually { cache.flights.running == 0 }
            // Nobody can be told; so it ends by its time.
            #expect(remote.leaseOwners.count == 1)
            remote.behave(.normal)
            time.advance(by: .seconds(5))
        case .voided:
            _ = try await cache.delete("k")
            door.open()
            #expect(try await called.value.value == 12_345)
        case .callerGone, .abandonedInBackground:
            called.cancel()
            await #expect(throws: CancellationError.self) { try await called.value }
            #expect(remote.leaseOwners.count == 1 && cache.statistics().backgroundLoads == 1)
            if path == .abandonedInBackground { cache.close() }
            door.open()
        case .callerGoneWithoutPlace:
            called.cancel()
            await #expect(throws: CancellationError.self) { try await called.value }
            door.open()
        case .cacheClosed:
            cache.close()
            door.open()
            #expect(try await called.value.value == 12_345)
        }
        await eventually { remote.leaseOwners.isEmpty && cache.flights.running == 0 }
        stay.open()
        #expect(cache.leases.count == 0 && cache.deadlines.count == 0)
        // And the next one need not wait for anything.
        remote.setFull(false)
        let other = nodes.leased()
        let next = try await other.value(for: "k") { 2 }
        #expect(next == 2 || next == 12_345)
        #expect(other.statistics().leaseWaits == 0)
    }

    @Test func aLeaseWhoseAnswerWasLostIsReleasedToo() async throws {
        let tier = LeaseTier(remote)
        let cache = nodes.leased(tier)
        tier.fail(.answersAreLost)
        let door = Door()
        // It loads at once, for it does not know that it has the lease.
        let called = await loading(cache, 1, behind: door)
        #expect(remote.leaseOwners.count == 1)
        tier.fail(nil)
        door.open()
        #expect(try await called.value == 1)
        await eventually { remote.leaseOwners.isEmpty }
    }

    // MARK: Time

    @Test func itIsRenewedForAsLongAsTheLoadRuns() async throws {
        let tier = LeaseTier(remote)
        let cache = nodes.leased(tier)
        var options = EntryOptions()
        options.loadTimeout = .seconds(3_600)
        let door = Door()
        let called = await loading(cache, 1, options, behind: door)
        let owner = try #require(remote.leaseOwners[name])
        let end = time.now().advanced(by: .seconds(20))
        await nodes.pass(keeping: name, above: .seconds(3), until: { time.now() >= end })
        #expect(remote.leaseOwners[name] == owner && tier.counts.renewed >= 9)
        door.open()
        #expect(try await called.value == 1)
        await eventually { tier.counts.released == 1 }
        let renewed = tier.counts.renewed
        await nodes.pass(.seconds(10))
        #expect(tier.counts.renewed == renewed)
    }

    @Test func aNodeThatIsKilledLosesItByItsTime() async throws {
        let tier = LeaseTier(remote)
        let (killed, other) = (nodes.leased(tier), nodes.leased())
        let (door, tally) = (Door(), Tally())
        let first = await loading(killed, 1, behind: door)
        tier.fail(.isCutOff)
        let second = Task {
            try await other.value(for: "k") {
                tally.add()
                return 2
            }
        }
        await eventually { remote.leaseWaiters == 1 }
        let began = time.now()
        await eventually {
            // No further, or the first load would meet its own deadline where the other node's tasks get to run late.
            if began.duration(to: time.now()) < .seconds(30) { time.advance(by: .milliseconds(50)) }
            return tally.count == 1
        }
        #expect(began.duration(to: time.now()) >= .seconds(5))
        #expect(try await second.value == 2)
        door.open()
        _ = try await first.value
    }

    /// Stopped for longer than its lease lasts, it goes on as if nothing had been.
    @Test func aNodeThatComesBackHarmsNobody() async throws {
        let tier = LeaseTier(remote)
        let (stopped, other) = (nodes.leased(tier), nodes.leased())
        let (door, otherDoor) = (Door(), Door())
        let first = await loading(stopped, 1, behind: door)
        let former = try #require(remote.leaseOwners[name])
        tier.fail(.isCutOff)
        time.advance(by: .seconds(6))
        #expect(remote.leaseOwners.isEmpty)
        let second = await loading(other, 2, behind: otherDoor)
        let present = try #require(remote.leaseOwners[name])
        #expect(present != former)
        otherDoor.open()
        #expect(try await second.value == 2)
        let third = nodes.leased()
        let thirdDoor = Door()
        _ = try await third.delete("k")
        let last = await loading(third, 3, behind: thirdDoor)
        let owner = try #require(remote.leaseOwners[name])
        // Now the first goes on: its value comes too late, and the lease is not its own.
        tier.fail(nil)
        door.open()
        #expect(try await first.value == 1)
        await eventually { stopped.flights.running == 0 }
        #expect(remote.leaseOwners[name] == owner)
        thirdDoor.open()
        #expect(try await last.value == 3)
        #expect(try await other.get("k") == 3)
        await eventually { remote.leaseOwners.isEmpty }
    }

    @Test func aLeaseThatIsLostOnTheWayCostsNoValue() async throws {
        let cache = nodes.leased()
        let door = Door()
        let called = await loading(cache, 1, behind: door)
        remote.evictLease(name)
        await nodes.pass(.seconds(6))
        door.open()
        #expect(try await called.value == 1)
        #expect(try await nodes.node().get("k") == 1)
    }

    /// What comes in between makes void what was looked at before it, and not a load that begins after it.
    @Test func whatIsRemovedWhileOneWaitsDoesNotKeepTheLoadFromBeingKept() async throws {
        let (one, other) = (nodes.leased(), nodes.leased())
        let door = Door()
        let first = await loading(one, 1, behind: door)
        let second = Task { try await other.value(for: "k") { 2 } }
        await eventually { remote.leaseWaiters == 1 }
        _ = try await other.delete("k")
        door.open()
        #expect(try await first.value == 1)
        #expect(try await second.value == 2)
        #expect(try await nodes.node().get("k") == 2)
    }

    // MARK: Waiting

    @Test func whoseMessageIsLostWaitsUntilTheLeaseWouldHaveRunOut() async throws {
        let (one, other) = (nodes.leased(), nodes.leased())
        let door = Door()
        let first = await loading(one, 1, behind: door)
        let second = Task { try await other.value(for: "k") { 2 } }
        await eventually { remote.leaseWaiters == 1 }
        remote.loseLeaseMessages(true)
        door.open()
        #expect(try await first.value == 1)
        await eventually { remote.leaseOwners.isEmpty }
        let began = time.now()
        await eventually {
            time.advance(by: .milliseconds(50))
            return other.flights.running == 0
        }
        #expect(try await second.value == 1)
        #expect(began.duration(to: time.now()) >= .seconds(3))
    }

    /// Not by asking again and again: once for each time that the lease would have run out.
    @Test func whoWaitsAsksSeldom() async throws {
        let (tier, otherTier) = (LeaseTier(remote), LeaseTier(remote))
        let (one, other) = (nodes.leased(tier), nodes.leased(otherTier))
        let door = Door()
        let first = await loading(one, 1, behind: door)
        let second = Task { try await other.value(for: "k") { 2 } }
        await eventually { remote.leaseWaiters == 1 && otherTier.counts.asked == 2 }
        let end = time.now().advanced(by: .seconds(15))
        await nodes.pass(keeping: name, above: .seconds(3), until: { time.now() >= end })
        // Each question is good for three seconds at least.
        #expect(otherTier.counts.asked <= 7 && tier.counts.renewed > 0)
        door.open()
        #expect(try await first.value == 1)
        #expect(try await second.value == 1)
    }

    @Test(arguments: [true, false])
    func theWaitHasAnEnd(isLoadTimeout: Bool) async throws {
        let (one, other) = (
            nodes.leased(),
            nodes.leased { configuration in
                configuration.leaseWait = .seconds(isLoadTimeout ? 3_600 : 10)
            }
        )
        var options = EntryOptions()
        options.loadTimeout = .seconds(3_600)
        let (door, tally) = (Door(), Tally())
        let first = await loading(one, 1, options, behind: door)
        options.loadTimeout = .seconds(isLoadTimeout ? 10 : 3_600)
        let second = Task { [options] in
            try await other.value(for: "k", options: options) {
                tally.add()
                return 2
            }
        }
        await eventually { remote.leaseWaiters == 1 }
        let (began, owner) = (time.now(), remote.leaseOwners[name])
        await nodes.pass(keeping: name, above: .seconds(3), until: { tally.count == 1 })
        #expect(began.duration(to: time.now()) >= .seconds(10))
        #expect(try await second.value == 2)
        // Another's lease, which it has not touched.
        #expect(owner != nil && remote.leaseOwners[name] == owner)
        door.open()
        #expect(try await first.value == 1)
    }

    @Test func scenario29_whoWaitsForAnotherNodeIsServedWhatIsStale() async throws {
        let (one, other) = (nodes.leased(), nodes.leased())
        var options = EntryOptions.timeToLive(.seconds(10))
        options.maximumStaleness = .seconds(3_600)
        _ = try await one.value(for: "k", options: options) { 1 }
        time.advance(by: .seconds(11))
        let (door, tally, stale) = (Door(), Tally(), options)
        let first = await loading(one, 2, options, behind: door)
        @Sendable func ask(_ soft: Duration) async throws -> CacheResult<Int> {
            var impatient = stale
            impatient.softTimeout = soft
            return try await other.result(for: "k", options: impatient) { _ in
                tally.add()
                return Loaded(3)
            }
        }
        // At once.
        let now = time.now()
        let atOnce = try await ask(.zero)
        #expect(atOnce.value == 1 && atOnce.provenance.staleReason == .loadSlow && time.now() == now)
        // And after a while.
        let later = Task { try await ask(.milliseconds(200)) }
        await eventually {
            time.advance(by: .milliseconds(50))
            return other.statistics().staleServed == 2
        }
        #expect(try await later.value.value == 1)
        #expect(tally.count == 0)
        door.open()
        #expect(try await first.value == 2)
        await eventually { other.statistics().backgroundLoads == 0 }
        #expect(try await ask(.zero).value == 2 && tally.count == 0)
    }

    @Test func aHardLimitHoldsWhileAnotherNodeIsWaitedFor() async throws {
        let (one, other) = (nodes.leased(), nodes.leased())
        let door = Door()
        let first = await loading(one, 1, behind: door)
        var options = EntryOptions()
        options.hardTimeout = .zero
        let hard = options
        let error = await #expect(throws: CacheError.self) {
            try await other.value(for: "k", options: hard) { 2 }
        }
        #expect(error?.code == .waitTimedOut)
        door.open()
        #expect(try await first.value == 1)
        await eventually { other.statistics().backgroundLoads == 0 }
    }

    @Test func whoIsCancelledWhileItWaitsLeavesNothingBehind() async throws {
        let (one, other) = (nodes.leased(), nodes.leased { $0.maximumBackgroundLoads = 0 })
        let (door, tally) = (Door(), Tally())
        let first = await loading(one, 1, behind: door)
        let second = Task { try await other.value(for: "k") { tally.add() } }
        await eventually { remote.leaseWaiters == 1 }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        await eventually { remote.leaseWaiters == 0 && other.flights.running == 0 }
        #expect(other.deadlines.count == 0 && remote.leaseOwners.count == 1)
        door.open()
        #expect(try await first.value == 1)
        #expect(tally.count == 0)
    }

    /// It would wait for itself: the load of a refresh asks for what stands under its own key.
    @Test func whatTheOwnNodeLoadsIsNotWaitedFor() async throws {
        let cache = nodes.leased()
        var options = EntryOptions()
        options.readPolicy = .refresh
        let value = try await cache.value(for: "k", options: options) {
            try await cache.value(for: "k") { 1 } + 1
        }
        #expect(value == 2 && cache.statistics().loads == 2)
        await eventually { remote.leaseOwners.isEmpty }
    }

    @Test func aRefreshWaitsForNobodyAndIsWaitedFor() async throws {
        let (one, other, third) = (nodes.leased(), nodes.leased(), nodes.leased())
        var options = EntryOptions()
        options.readPolicy = .refresh
        let (door, otherDoor) = (Door(), Door())
        let first = await loading(one, 1, options, behind: door)
        let second = await loading(other, 2, options, behind: otherDoor)
        let waiting = Task { try await third.value(for: "k") { 3 } }
        await eventually { remote.leaseWaiters == 1 }
        door.open()
        #expect(try await first.value == 1)
        #expect(try await waiting.value == 1)
        otherDoor.open()
        #expect(try await second.value == 2)
    }

    // MARK: Failing open

    @Test func scenario85_whereRedisIsAwayItLoadsAtOnce() async throws {
        let (one, other) = (nodes.leased(), nodes.leased())
        let door = Door()
        let first = await loading(one, 1, behind: door)
        remote.behave(Nodes.down)
        #expect(try await other.value(for: "k") { 2 } == 2)
        #expect(other.statistics().leaseWaits == 0)
        door.open()
        #expect(try await first.value == 1)
    }

    @Test(arguments: [true, false])
    func scenario85_whereRedisGoesAwayMeanwhileItLoadsAfterABoundedTime(isNoticed: Bool) async throws {
        let (one, other) = (nodes.leased(), nodes.leased())
        let (door, tally) = (Door(), Tally())
        let first = await loading(one, 1, behind: door)
        let second = Task {
            try await other.value(for: "k") {
                tally.add()
                return 2
            }
        }
        await eventually { remote.leaseWaiters == 1 }
        remote.behave(Nodes.down)
        let began = time.now()
        if isNoticed {
            remote.wakeLeaseWaiters()
        } else {
            await eventually {
                time.advance(by: .milliseconds(50))
                return tally.count == 1
            }
        }
        #expect(try await second.value == 2)
        #expect(began.duration(to: time.now()) < .seconds(isNoticed ? 1 : 30))
        door.open()
        #expect(try await first.value == 1)
    }

    enum Denial: CaseIterable {
        case refused, timedOut, full, none
    }

    @Test(arguments: Denial.allCases)
    func aStoreThatDeniesLeasesIsNotWaitedFor(denial: Denial) async throws {
        switch denial {
        case .refused: remote.failLeases(RemoteTierError(.refused, "scripted to be refused"))
        case .timedOut: remote.failLeases(RemoteTierError(.timedOut, "scripted to be slow"))
        case .full: remote.setFull(true)
        case .none: remote.offerLeases(false)
        }
        let (one, other) = (nodes.leased(), nodes.leased())
        let door = Door()
        let first = await loading(one, 1, behind: door)
        #expect(try await other.value(for: "k") { 2 } == 2)
        door.open()
        #expect(try await first.value == 1)
        #expect(remote.leaseOwners.isEmpty)
        // Values are kept all the same, where there is room.
        if denial != .full { #expect(try await nodes.node().get("k") == 2) }
    }
}
