import RecuerdeTesting
import Testing

@testable import Recuerde

/// `docs/scenarios-cache.md`, scenarios 32 and 33, and what else a load may do that asks whether a value is still the current one.
@Suite(.timeLimit(.minutes(1))) struct ConditionalRefreshTests {
    private let fleet = Fleet()
    private var time: ManualTimeSource { fleet.time }
    private let source = ScriptedSource(42)

    private static func options(_ tags: String...) -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(10))
        options.maximumStaleness = .seconds(1_000)
        options.tags = tags
        return options
    }

    private func ask(
        _ cache: Cache,
        _ options: EntryOptions = ConditionalRefreshTests.options()
    ) async throws -> CacheResult<Int> {
        try await cache.result(for: "k", options: options, load: source.load)
    }

    @Test(arguments: TagSetting.allCases)
    func scenario32_threeConditionalQuestionsAndTwoBodies(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        var answers: [CacheResult<Int>] = []
        for call in 1...4 {
            if call == 3 { source.change(to: 43) }
            answers.append(try await ask(cache))
            // And from the cache, as long as it lives.
            time.advance(by: .seconds(9))
            #expect(try await cache.int("k") == answers.last?.value)
            time.advance(by: .seconds(2))
        }
        #expect(answers.map(\.value) == [42, 42, 43, 43])
        #expect(answers.map(\.provenance.confirmed) == [false, true, false, true])
        #expect(answers.allSatisfy { $0.provenance.source == .load && $0.provenance.stored })
        #expect(source.requests.map(\.ifNoneMatch) == [nil, "\"v1\"", "\"v1\"", "\"v2\""])
        #expect(source.requests.map(\.ifModifiedSince) == [nil, "day 1", "day 1", "day 2"])
        #expect(source.requests.map(\.isFull) == [true, false, true, false])
    }

    @Test(arguments: TagSetting.allCases)
    func scenario33_tagsStayWithAValueThatIsConfirmed(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        for tag in ["x", "y"] {
            _ = try await ask(cache, Self.options("x", "y"))
            time.advance(by: .seconds(11))
            // The call that confirms says nothing of tags.
            #expect(try await ask(cache).provenance.confirmed)
            #expect(try await cache.int("k") == 42)
            try await cache.invalidate(tags: [tag])
            #expect(try await cache.int("k") == nil)
        }
    }

    @Test(arguments: TagSetting.allCases)
    func whatIsConfirmedHasANewLifeAndVersionInBothTiers(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let first = try await ask(cache)
        time.advance(by: .seconds(11))
        let second = try await ask(cache)
        #expect(second.provenance.stamp > first.provenance.stamp)
        #expect(second.provenance.age == .zero && second.provenance.remaining == .seconds(10))
        time.advance(by: .seconds(9))
        let here = try #require(try await cache.result(for: "k", as: Int.self))
        #expect(here.provenance.stamp == second.provenance.stamp && here.provenance.remaining == .seconds(1))
        guard setting != .memoryOnly else { return }
        let other = fleet.node(2)
        let there = try #require(try await other.result(for: "k", as: Int.self))
        #expect(there.provenance.source == .redis && there.provenance.stamp == second.provenance.stamp)
        #expect(there.provenance.remaining == .seconds(1))
        // And what the source has said goes with it, to nodes that have never asked it.
        time.advance(by: .seconds(2))
        #expect(try await ask(other).provenance.confirmed)
        #expect(source.requests.map(\.isFull) == [true, false, false])
    }

    @Test(arguments: TagSetting.allCases)
    func aLoadSeesWhatItMayReplace(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        _ = try await cache.result(for: "k", options: Self.options("x")) { (context: LoadContext<Int>) in
            #expect(context.previous == nil)
            return Loaded(
                1,
                cost: LoadCost(microdollars: 7),
                validators: Validators(etag: "e", lastModified: String(repeating: "x", count: 1_025))
            )
        }
        time.advance(by: .seconds(12))
        let loaded = try await cache.result(for: "k", options: Self.options()) { (context: LoadContext<Int>) in
            let previous = try #require(context.previous)
            #expect(previous.value == 1 && previous.isStale && previous.age == .seconds(12))
            #expect(previous.tags == ["x"] && previous.cost?.microdollars == 7 && previous.stamp < context.stamp)
            // Too long to be kept.
            #expect(previous.etag == "e" && previous.lastModified == nil)
            var confirmed = try context.notModified()
            confirmed.timeToLive = .seconds(100)
            confirmed.validators?.etag = "f"
            return confirmed
        }
        #expect(loaded.provenance.remaining == .seconds(100) && loaded.provenance.cost?.microdollars == 7)
        // One that is still fresh, too.
        var fresh = Self.options()
        fresh.readPolicy = .refresh
        let changed = try await cache.result(for: "k", options: fresh) { (context: LoadContext<Int>) in
            let previous = try #require(context.previous)
            #expect(previous.etag == "f" && !previous.isStale)
            var other = try context.notModified()
            other.value = 2
            return other
        }
        #expect(!changed.provenance.confirmed)
        #expect(try await cache.int("k") == 2)
    }

    @Test(arguments: TagSetting.allCases)
    func withNothingThereNothingCanBeConfirmed(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        func confirm(_ options: EntryOptions = ConditionalRefreshTests.options()) async throws -> CacheError.Code? {
            await #expect(throws: CacheError.self) {
                try await cache.result(for: "k", options: options) { (context: LoadContext<Int>) in
                    try context.notModified()
                }
            }?.code
        }
        #expect(try await confirm() == .nothingToConfirm)
        // Nothing but what is of the same type,
        try await cache.set("k", to: "text", options: Self.options())
        #expect(try await confirm() == .nothingToConfirm)
        // and may still stand in;
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(10)))
        time.advance(by: .seconds(10))
        #expect(try await confirm() == .nothingToConfirm)
        // and nothing where the cache is not to be used.
        try await cache.set("k", to: 1, options: Self.options())
        var bypass = Self.options()
        bypass.readPolicy = .bypass
        #expect(try await confirm(bypass) == .nothingToConfirm)
        #expect(try await cache.int("k") == 1)
    }

    @Test(arguments: TagSetting.allCases)
    func whatWasExpiredMayBeConfirmed(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        _ = try await ask(cache, Self.options("x"))
        _ = try await cache.expire("k")
        #expect(try await cache.int("k") == nil)
        #expect(try await ask(cache).provenance.confirmed)
        #expect(try await cache.int("k") == 42)
        // By a tag too, which it keeps.
        try await cache.invalidate(tags: ["x"])
        #expect(try await cache.int("k") == nil)
        #expect(try await ask(cache).provenance.confirmed)
        #expect(try await cache.int("k") == 42)
        // Not what a tag has removed.
        try await cache.invalidate(tags: ["x"], by: .remove)
        #expect(try await ask(cache).provenance.confirmed == false)
        #expect(source.requests.map(\.isFull) == [true, false, false, true])
    }

    enum Interference: CaseIterable, Sendable {
        case delete, set, expire, clear, invalidate, removeByTag
    }

    @Test(arguments: TagSetting.allCases, Interference.allCases)
    func whatHappensMeanwhileWins(setting: TagSetting, interference: Interference) async throws {
        let cache = fleet.cache(setting)
        _ = try await ask(cache, Self.options("x"))
        time.advance(by: .seconds(11))
        let confirmed = try await cache.result(for: "k", options: Self.options()) { (context: LoadContext<Int>) in
            switch interference {
            case .delete: _ = try await cache.delete("k")
            case .set: try await cache.set("k", to: 7)
            case .expire: _ = try await cache.expire("k")
            case .clear: _ = try await cache.clear()
            case .invalidate: try await cache.invalidate(tags: ["x"])
            case .removeByTag: try await cache.invalidate(tags: ["x"], by: .remove)
            }
            return try context.notModified()
        }
        // It is handed to who waits, and not kept.
        #expect(confirmed.value == 42 && confirmed.provenance.confirmed && !confirmed.provenance.stored)
        #expect(try await cache.int("k") == (interference == .set ? 7 : nil))
        var stale = EntryOptions()
        stale.acceptsStale = true
        let standIn = try await cache.result(for: "k", as: Int.self, options: stale)?.value
        switch interference {
        case .set: #expect(standIn == 7)
        case .delete, .clear, .removeByTag: #expect(standIn == nil)
        case .expire, .invalidate: #expect(standIn == 42)
        }
    }

    /// Told of it, or refused by the remote tier.
    @Test(arguments: [TagSetting.memoryFirst, .remoteFirst])
    func whatAnotherNodeRemovesMeanwhileDoesNotComeBack(setting: TagSetting) async throws {
        let (one, two) = (fleet.cache(setting), fleet.node(2))
        _ = try await ask(one)
        time.advance(by: .seconds(11))
        let confirmed = try await one.result(for: "k", options: Self.options()) { (context: LoadContext<Int>) in
            _ = try await two.delete("k")
            return try context.notModified()
        }
        #expect(confirmed.value == 42 && !confirmed.provenance.stored)
        #expect(try await one.int("k") == nil)
        #expect(try await two.int("k") == nil)
    }

    @Test func whoComesAfterATagOfItWasInvalidatedDoesNotJoin() async throws {
        let cache = fleet.node(1)
        _ = try await ask(cache, Self.options("x"))
        time.advance(by: .seconds(11))
        let door = Door()
        let first = Task {
            try await cache.result(for: "k", options: Self.options()) { (context: LoadContext<Int>) in
                await door.pass()
                return try context.notModified()
            }
        }
        await door.someoneWaits()
        try await cache.invalidate(tags: ["x"])
        let second = try await cache.value(for: "k", options: Self.options()) { 43 }
        door.open()
        #expect(second == 43)
        #expect(try await first.value.value == 42)
        #expect(try await cache.int("k") == 43)
    }

    @Test func aValueIsConfirmedWhereRedisIsAway() async throws {
        let cache = fleet.node(1)
        _ = try await ask(cache)
        fleet.remote.behave(Nodes.down)
        time.advance(by: .seconds(11))
        #expect(try await ask(cache).provenance.confirmed)
        fleet.comeBack()
        try await fleet.settle(cache)
        let there = try #require(try await fleet.node(2).result(for: "k", as: Int.self))
        #expect(there.value == 42 && there.provenance.source == .redis)
    }

    @Test func beforeItsTimeAValueIsConfirmedInTheBackground() async throws {
        let cache = fleet.node(1)
        var options = Self.options()
        options.earlyRefresh = 1_000
        _ = try await cache.result(for: "k", options: options) { _ in
            Loaded(
                42,
                cost: LoadCost(duration: .seconds(60)),
                validators: Validators(etag: "\"v1\"", lastModified: "day 1")
            )
        }
        time.advance(by: .seconds(9))
        let early = try await ask(cache, options)
        #expect(early.value == 42 && early.provenance.source != .load)
        await eventually { cache.flights.running == 0 }
        #expect(source.requests.map(\.isFull) == [false])
        #expect(try await cache.result(for: "k", as: Int.self)?.provenance.remaining == .seconds(10))
    }

    @Test func validatorsComeBackFromASnapshot() async throws {
        let cache = fleet.cache(.memoryOnly)
        _ = try await ask(cache)
        let other = Cache(timeSource: time)
        #expect(other.restore(cache.snapshot()) == 1)
        time.advance(by: .seconds(11))
        #expect(try await ask(other).provenance.confirmed)
    }

    @Test func underPlainTheyAreNotKept() async throws {
        let cache = fleet.node(1) { $0.format = .plain }
        _ = try await ask(cache)
        #expect(cache.memory.peek("k", now: time.now())?.validators == nil)
        var refresh = Self.options()
        refresh.readPolicy = .refresh
        #expect(try await ask(cache, refresh).value == 42)
        #expect(source.requests.map(\.ifNoneMatch) == [nil, nil])
    }

    @Test func anEntryWithoutThemIsAsLightAsBefore() {
        #expect(EntryDetails.encode(marks: nil, validators: nil, cost: nil) == 0)
        #expect(MemoryEntry.weight(key: "k", bytes: 1, tags: []) == MemoryEntry.overhead + 2)
        let kept = KeptValidators(Validators(etag: "abc"))
        #expect(
            MemoryEntry.weight(key: "k", bytes: 1, tags: [], validators: kept)
                == MemoryEntry.overhead + 2 + 3 + MemoryLayout<Validators>.stride
        )
        #expect(KeptValidators(Validators()) == nil && KeptValidators(nil) == nil)
    }
}
