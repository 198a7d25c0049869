import RecuerdeTesting
import Testing

@testable import Recuerde

/// `docs/scenarios-cache.md`, the scenarios about tags on one node.
@Suite(.timeLimit(.minutes(1))) struct TagScenarioTests {
    private let fleet = Fleet()

    @Test(arguments: TagSetting.allCases)
    func scenario45_whatCarriesTheTagIsAMissUntilItIsSetAgain(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("a", to: 1, options: .tagged("x"))
        try await cache.set("b", to: 2, options: .tagged("y"))
        try await cache.set("c", to: 3)
        try await cache.set(["d": 4, "e": 5], options: .tagged("y", "x"))
        for (key, value) in [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)] {
            #expect(try await cache.get(CacheKey(key)) == value)
        }
        try await cache.invalidate(tags: ["x"])
        #expect(try await cache.int("a") == nil)
        #expect(try await cache.int("d") == nil)
        #expect(try await cache.get(["a", "b", "c", "d", "e"], as: Int.self) == ["b": 2, "c": 3])
        #expect(try await cache.int("b") == 2)
        #expect(try await cache.int("c") == 3)
        try await cache.set("a", to: 10, options: .tagged("x"))
        #expect(try await cache.int("a") == 10)
        #expect(try await cache.value(for: "d", options: .tagged("x")) { 40 } == 40)
        #expect(try await cache.int("d") == 40)
        // And again.
        try await cache.invalidate(tags: ["x"], by: .remove)
        #expect(try await cache.int("a") == nil)
        #expect(try await cache.int("d") == nil)
    }

    @Test(arguments: TagSetting.allCases)
    func scenario46_severalTagsAndNone(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        for (key, tag) in [("a", "x"), ("b", "y"), ("c", "z")] {
            try await cache.set(CacheKey(key), to: 1, options: .tagged(tag))
        }
        let exchanges = try await fleet.exchanges { try await cache.invalidate(tags: []) }
        #expect(exchanges == 0)
        #expect(try await cache.int("a") == 1)
        #expect(try await cache.int("b") == 1)
        let once = try await fleet.exchanges { try await cache.invalidate(tags: ["x", "y", "x"]) }
        #expect(once == (setting == .memoryOnly ? 0 : 1))
        #expect(try await cache.int("a") == nil)
        #expect(try await cache.int("b") == nil)
        #expect(try await cache.int("c") == 1)
        try await cache.set("a", to: 2, options: .tagged("x", "y"))
        #expect(try await cache.int("a") == 2)
    }

    @Test(arguments: TagSetting.allCases)
    func scenario47_aFormerTagConcernsAnEntryNoMore(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: 1, options: .tagged("x"))
        try await cache.set("k", to: 2, options: .tagged("y"))
        try await cache.set("l", to: 1, options: .tagged("x"))
        try await cache.set("l", to: 2)
        try await cache.invalidate(tags: ["x"])
        #expect(try await cache.int("k") == 2)
        #expect(try await cache.int("l") == 2)
        try await cache.invalidate(tags: ["y"])
        #expect(try await cache.int("k") == nil)
        #expect(try await cache.int("l") == 2)
    }

    @Test(arguments: TagSetting.allCases)
    func scenario48_whatHasExpiredStandsInAndWhatIsRemovedDoesNot(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let lasting = EntryOptions.tagged("x", timeToLive: .seconds(100), staleness: .seconds(50))
        try await cache.set("k", to: 1, options: lasting)
        try await cache.set("strict", to: 1, options: .tagged("x", timeToLive: .seconds(100)))
        fleet.time.advance(by: .seconds(10))
        try await cache.invalidate(tags: ["x"], by: .expire)
        var stale = EntryOptions()
        stale.acceptsStale = true
        #expect(try await cache.int("k") == nil)
        #expect(try await cache.result(for: "k", as: Int.self, options: stale)?.provenance.source == .stale)
        let result = try await cache.loadingInVain("k")
        #expect(result.value == 1 && result.provenance.staleReason == .loadFailed)
        // Who may not stand in past its usual end may not past this one either.
        await #expect(throws: LoadFailure.self) { try await cache.loadingInVain("strict") }
        // As long past it as past the usual one.
        fleet.time.advance(by: .seconds(49))
        #expect(try await cache.loadingInVain("k").value == 1)
        fleet.time.advance(by: .seconds(2))
        await #expect(throws: LoadFailure.self) { try await cache.loadingInVain("k") }

        try await cache.set("k", to: 2, options: lasting)
        try await cache.invalidate(tags: ["x"], by: .remove)
        #expect(try await cache.result(for: "k", as: Int.self, options: stale) == nil)
        await #expect(throws: LoadFailure.self) { try await cache.loadingInVain("k") }
        // What was removed does not come back because it expires as well.
        try await cache.invalidate(tags: ["x"], by: .expire)
        await #expect(throws: LoadFailure.self) { try await cache.loadingInVain("k") }
    }

    @Test(arguments: TagSetting.allCases)
    func scenario49_whatIsVoidIsNotThere(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: 1, options: .tagged("x", staleness: .seconds(50)))
        #expect(try await cache.contains("k"))
        #expect(try cache.onlyIfPresent("k", as: Int.self) == 1)
        try await cache.invalidate(tags: ["x"])
        #expect(try await !cache.contains("k"))
        #expect(try cache.onlyIfPresent("k", as: Int.self) == nil)
        #expect(try await !cache.touch("k", timeToLive: .seconds(100)))
        #expect(try await cache.explain("k").verdict.hasPrefix("miss"))
        try await cache.set("k", to: 2, options: .tagged("x"))
        #expect(try await cache.contains("k"))
        #expect(try cache.onlyIfPresent("k", as: Int.self) == 2)
        #expect(try await cache.explain("k").verdict.hasPrefix("hit"))
    }

    @Test(arguments: TagSetting.allCases)
    func scenario51_aLoadUnderWayIsNotKept(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        let slow = Task {
            try await cache.result(for: "k", options: .tagged("x")) { _ in
                await door.pass()
                return Loaded(1)
            }
        }
        await door.someoneWaits()
        try await cache.invalidate(tags: ["x"])
        // Who comes after it does not wait for what began before it.
        #expect(try await cache.value(for: "k", options: .tagged("x")) { 2 } == 2)
        door.open()
        let result = try await slow.value
        #expect(result.value == 1 && !result.provenance.stored)
        #expect(try await cache.int("k") == 2)
    }

    @Test(arguments: TagSetting.allCases)
    func scenario51_norIsOneWhoseTagsAreItsOwn(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        let slow = Task {
            try await cache.value(for: "k") {
                await door.pass()
                return 1
            }
        }
        let chosen = Task {
            try await cache.result(for: "l") { _ in
                await door.pass()
                return Loaded(1, tags: ["x"])
            }
        }
        await door.someoneWaits(count: 2)
        fleet.time.advance(by: .seconds(1))
        try await cache.invalidate(tags: ["x"])
        door.open()
        #expect(try await slow.value == 1)
        #expect(try await chosen.value.value == 1)
        #expect(try await cache.int("k") == 1)
        #expect(try await cache.int("l") == nil)
        fleet.time.advance(by: .seconds(1))
        let again = try await cache.result(for: "l") { _ in Loaded(2, tags: ["x"]) }
        #expect(again.provenance.stored)
        #expect(try await cache.int("l") == 2)
        try await cache.invalidate(tags: ["x"])
        #expect(try await cache.int("l") == nil)
    }

    @Test(arguments: TagSetting.allCases)
    func scenario51_norOneInTheBackground(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: 1, options: .tagged("x", timeToLive: .seconds(1), staleness: .seconds(100)))
        fleet.time.advance(by: .seconds(2))
        let door = Door()
        var options = EntryOptions.tagged("x", staleness: .seconds(100))
        options.softTimeout = .zero
        let stale = try await cache.result(for: "k", options: options) { _ in
            await door.pass()
            return Loaded(2)
        }
        #expect(stale.value == 1 && stale.provenance.staleReason == .loadSlow)
        await door.someoneWaits()
        try await cache.invalidate(tags: ["x"], by: .remove)
        door.open()
        await eventually { cache.statistics().backgroundLoads == 0 }
        #expect(try await cache.int("k") == nil)
        await #expect(throws: LoadFailure.self) { try await cache.loadingInVain("k") }
    }

    @Test(arguments: [TagSetting.memoryOnly, .memoryFirst, .memoryUnchecked])
    func scenario51_norOneBeforeItsTime(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let time = fleet.time
        var options = EntryOptions.tagged("x", timeToLive: .seconds(10))
        options.earlyRefresh = 1e9
        _ = try await cache.value(for: "k", options: options) {
            time.advance(by: .seconds(1))
            return 1
        }
        let door = Door()
        #expect(
            try await cache.value(for: "k", options: options) {
                await door.pass()
                return 2
            } == 1
        )
        await door.someoneWaits()
        try await cache.invalidate(tags: ["x"])
        #expect(try await cache.value(for: "k", options: options) { 3 } == 3)
        door.open()
        await eventually { cache.statistics().backgroundLoads == 0 }
        #expect(try await cache.int("k") == 3)
    }

    @Test(arguments: [TagSetting.memoryOnly, .memoryFirst])
    func scenario53_tenThousandEntriesCostOneExchangeAndLeaveNothing(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let keys = (0..<10_000).map { CacheKey("k", "\($0)") }
        let values = Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
        try await cache.set(values, options: .tagged("x", timeToLive: .seconds(100)))
        #expect(try await cache.get(keys, as: Int.self).count == 10_000)
        let cost = try await fleet.exchanges { try await cache.invalidate(tags: ["x"]) }
        #expect(cost == (setting == .memoryOnly ? 0 : 1))
        #expect(try await cache.get(keys, as: Int.self).isEmpty)
        if setting == .memoryFirst { #expect(fleet.remote.record(Fleet.record("x")) != nil) }
        fleet.time.advance(by: .seconds(200))
        #expect(fleet.remote.names.isEmpty)
        // Nor does it stay here once nothing refers to it.
        cache.memory.purge()
        for number in 0..<3_000 { try await cache.set("other", to: 1, options: .tagged("t\(number)")) }
        #expect(cache.tags.count < 1_500)
    }

    @Test(arguments: TagSetting.allCases)
    func whatIsNoTagIsRefused(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        for tag in ["", String(repeating: "x", count: 70_000)] {
            await #expect(throws: CacheError.self) { try await cache.invalidate(tags: ["good", tag]) }
            await #expect(throws: CacheError.self) { try await cache.set("k", to: 1, options: .tagged(tag)) }
            await #expect(throws: CacheError.self) { try await cache.set(["k": 1], options: .tagged(tag)) }
            await #expect(throws: CacheError.self) { try await cache.value(for: "k", options: .tagged(tag)) { 1 } }
            let loaded = try await cache.result(for: "l") { _ in Loaded(1, tags: [tag]) }
            #expect(loaded.value == 1 && !loaded.provenance.stored)
        }
        #expect(try await cache.int("k") == nil)
        #expect(try await cache.int("l") == nil)
    }

    @Test(arguments: TagSetting.allCases)
    func manyAndLongTags(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        var options = EntryOptions()
        let long = String(repeating: "verb:", count: 100)
        options.tags = (0..<200).map { "tag{\($0)}" } + ["é", "e\u{301}", long]
        try await cache.set("k", to: 1, options: options)
        #expect(try await cache.int("k") == 1)
        try await cache.invalidate(tags: ["tag{200}", long + "x", "tag"])
        #expect(try await cache.int("k") == 1)
        for tag in ["tag{137}", long, "e\u{301}"] {
            try await cache.invalidate(tags: [tag])
            #expect(try await cache.int("k") == nil)
            try await cache.set("k", to: 1, options: options)
            #expect(try await cache.int("k") == 1)
        }
    }

    @Test func touchKeepsTagsAndTheirRecords() async throws {
        for setting in TagSetting.allCases {
            let cache = fleet.cache(setting)
            try await cache.set("k", to: 1, options: .tagged("x", timeToLive: .seconds(10)))
            #expect(try await cache.touch("k", timeToLive: .seconds(1_000)))
            fleet.time.advance(by: .seconds(500))
            #expect(try await cache.int("k") == 1)
            try await cache.invalidate(tags: ["x"])
            #expect(try await cache.int("k") == nil)
        }
    }

    @Test func anUpdateDoesNotSeeWhatIsVoid() async throws {
        let cache = fleet.cache(.memoryOnly)
        try await cache.set("k", to: 1, options: .tagged("x"))
        try await cache.update("k", as: Int.self) { ($0 ?? 0) + 1 }
        #expect(try await cache.int("k") == 2)
        try await cache.invalidate(tags: ["x"])
        try await cache.update("k", as: Int.self, options: .tagged("x")) { ($0 ?? 0) + 1 }
        #expect(try await cache.int("k") == 1)
    }

    @Test func snapshotsHoldTagsAndNothingThatIsVoid() async throws {
        let cache = fleet.cache(.memoryOnly)
        try await cache.set("a", to: 1, options: .tagged("x"))
        try await cache.set("b", to: 2, options: .tagged("y"))
        try await cache.set("c", to: 3, options: .tagged("z", staleness: .seconds(100)))
        try await cache.invalidate(tags: ["x"], by: .remove)
        try await cache.invalidate(tags: ["z"])
        let snapshot = cache.snapshot()
        let other = fleet.cache(.memoryOnly)
        #expect(other.restore(snapshot) == 2)
        #expect(try await other.int("a") == nil)
        #expect(try await other.int("b") == 2)
        #expect(try await other.int("c") == nil)
        #expect(try await other.loadingInVain("c").value == 3)
        try await other.invalidate(tags: ["y", "z"], by: .remove)
        #expect(try await other.int("b") == nil)
        await #expect(throws: LoadFailure.self) { try await other.loadingInVain("c") }
    }

    @Test func plainEntriesCarryNone() async throws {
        let cache = fleet.node(1) { $0.format = .plain }
        try await cache.set("k", to: 1, options: .tagged("x"))
        #expect(try await cache.value(for: "l", options: .tagged("x")) { 2 } == 2)
        #expect(try await cache.int("k") == 1)
        let error = await #expect(throws: CacheError.self) { try await cache.invalidate(tags: ["x"]) }
        #expect(error?.code == .unsupported)
        #expect(try await cache.int("k") == 1)
        #expect(try await cache.int("l") == 2)
        #expect(fleet.remote.names == ["test:k", "test:l"])
    }
}
