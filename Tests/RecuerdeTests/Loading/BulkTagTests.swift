import RecuerdeTesting
import Testing

@testable import Recuerde

/// What several values cost whose tags' records were changed, mostly by a longer life alone.
@Suite(.timeLimit(.minutes(1))) struct BulkTagTests: BulkSuite {
    let fleet = Fleet()

    private func node() -> (cache: Cache, tier: WatchedTier) {
        let tier = WatchedTier(fleet.board.node(1), time: fleet.time)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        return (Cache(configuration: configuration, remote: tier, timeSource: fleet.time), tier)
    }

    /// Somebody has done something to the records of these tags.
    private func touchRecords(_ tags: [String]) async throws {
        let records = tags.map { Fleet.record($0) }
        let steps = records.map {
            RemoteTagStep(name: $0, operation: .keep(missing: nil), life: .seconds(1_000_000))
        }
        _ = try await fleet.remote.tags(steps, timeout: .seconds(1))
        fleet.board.change(records, toAll: true)
    }

    @Test func whereTheirTagsAloneAreNotKnownTheRecordsAreReadAndNotTheEntries() async throws {
        let (cache, tier) = node()
        let keys = (0..<100).map { CacheKey("\($0)") }
        for (number, key) in keys.enumerated() {
            try await cache.set(key, to: number, options: Self.options { $0.tags = ["x", "t\(number % 3)"] })
        }
        let tags = ["x", "t0", "t1", "t2"]
        func expectRecordsAlone(_ ask: () async throws -> Int) async throws {
            try await touchRecords(tags)
            tier.watch()
            let first = try await ask()
            #expect(first == 100)
            #expect(Set(tier.names) == Set(tags.map { Fleet.record($0) }) && tier.timeouts.count == 1)
            tier.watch()
            let second = try await ask()
            #expect(second == 100)
            #expect(tier.timeouts.isEmpty)
        }
        try await expectRecordsAlone { try await cache.get(keys, as: Int.self).count }
        try await expectRecordsAlone {
            try await cache.values(for: keys, options: Self.options()) { _ in [:] as [CacheKey: Int] }.count
        }
        try await expectRecordsAlone {
            try await cache.results(for: keys, options: Self.options { $0.readPolicy = .onlyIfCached }) {
                _ -> Answers in
                [:]
            }.values.count
        }
        // What one of them has made void is gone all the same.
        try await fleet.node(2).invalidate(tags: ["t0"])
        #expect(try await cache.get(keys, as: Int.self).count == 66)
    }

    /// Three loads of others whose tags are in doubt, and one value that memory has.
    private func loading(_ cache: Cache, behind door: Door) async throws -> [Task<Int, any Error>] {
        let tasks = ["a", "b", "c"].map { key in
            Task {
                try await cache.value(for: CacheKey(key), options: Self.options { $0.tags = [key] }) {
                    await door.pass()
                    return 1
                }
            }
        }
        await door.someoneWaits(count: 3)
        return tasks
    }

    @Test func doubtsAboutFlightsAreSettledWithOneExchangeForAllOfThem() async throws {
        let (cache, tier) = node()
        let door = Door()
        let tasks = try await loading(cache, behind: door)
        try await touchRecords(["a", "b", "c"])
        tier.watch()
        let call = Task {
            try await cache.values(for: ["a", "b", "c"], options: Self.options()) { _ in [:] as [CacheKey: Int] }
        }
        await eventually { waiting(cache, "a") == 2 && waiting(cache, "b") == 2 && waiting(cache, "c") == 2 }
        #expect(tier.timeouts.count == 1)
        door.open()
        #expect(try await call.value == ["a": 1, "b": 1, "c": 1])
        for task in tasks { #expect(try await task.value == 1) }
    }

    /// Settling doubts, looking, planting and writing: the deadline is for all of them together.
    @Test func allWaitsOfACallForRedisTogetherTakeTheDeadlineAtMost() async throws {
        let (cache, tier) = node()
        let door = Door()
        let tasks = try await loading(cache, behind: door)
        try await touchRecords(["a", "b", "c"])
        tier.watch(taking: .milliseconds(100))
        let begun = time.now()
        let asked = Asked()
        let call = Task {
            try await cache.values(for: ["a", "new"], options: Self.options()) { keys in
                asked.note(keys)
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, 2) })
            }
        }
        // The new one has been loaded and has landed.
        await eventually { waiting(cache, "a") == 2 && !asked.keys.isEmpty && cache.flights.running == 3 }
        #expect(asked.keys == [["new"]])
        #expect(begun.duration(to: time.now()) <= .milliseconds(250))
        #expect(tier.timeouts == [.milliseconds(250), .milliseconds(150), .milliseconds(50)])
        tier.watch()
        door.open()
        #expect(try await call.value == ["a": 1, "new": 2])
        for task in tasks { #expect(try await task.value == 1) }
    }

    /// What the remote tier has said of an entry is not forgotten over its tags.
    @Test func anEntryThatWasExpiredIsSoWhateverItsTagsSay() throws {
        let (cache, _) = node()
        let now = time.now()
        let entry = MemoryMetadata(
            stamp: cache.clock.next(),
            createdAt: now,
            logicalExpiry: now.advanced(by: .seconds(1)),
            physicalExpiry: now.advanced(by: .seconds(2)),
            marks: try cache.tagSet(["x"]),
            weight: 1
        )
        let found = Found(value: 1, entry: entry, source: .redis, isExpired: true)
        #expect(cache.judged(found, now: now, heedsDoubt: false)?.isExpired == true)
    }
}
