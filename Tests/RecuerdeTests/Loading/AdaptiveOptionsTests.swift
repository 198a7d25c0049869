import RecuerdeTesting
import Testing

@testable import Recuerde

/// `docs/scenarios-cache.md`, scenarios 30 and 31: what a load says about its own value, or failure.
@Suite(.timeLimit(.minutes(1))) struct AdaptiveOptionsTests {
    private let fleet = Fleet()
    private var time: ManualTimeSource { fleet.time }

    private static func options(_ change: (inout EntryOptions) -> Void = { _ in }) -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(10))
        options.maximumStaleness = .seconds(100)
        options.loadTimeout = .seconds(1_000_000)
        change(&options)
        return options
    }

    private func stale(_ cache: Cache) async throws -> Int? {
        try await cache.result(for: "k", as: Int.self, options: Self.options { $0.acceptsStale = true })?.value
    }

    @Test(arguments: TagSetting.allCases)
    func scenario30_whatTheLoadSaysHoldsForItsValueAlone(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let options = Self.options { $0.tags = ["x"] }
        let chosen = try await cache.result(for: "k", options: options) { _ in
            Loaded(
                1,
                timeToLive: .seconds(3),
                maximumStaleness: .seconds(5),
                cost: LoadCost(microdollars: 9),
                tags: ["y"]
            )
        }
        #expect(chosen.provenance.remaining == .seconds(3))
        let entry = try #require(cache.memory.peek("k", now: time.now()))
        #expect(entry.tags == ["y"] && entry.cost?.microdollars == 9)
        #expect(time.now().duration(to: entry.physicalExpiry) == .seconds(8))
        try await cache.invalidate(tags: ["x"])
        time.advance(by: .milliseconds(2_999))
        #expect(try await cache.int("k") == 1)
        time.advance(by: .milliseconds(1))
        #expect(try await cache.int("k") == nil)
        time.advance(by: .milliseconds(4_999))
        #expect(try await stale(cache) == 1)
        time.advance(by: .milliseconds(1))
        #expect(try await stale(cache) == nil)
        // The options of the call are what they were, and hold for the next value.
        #expect(options.timeToLive == .seconds(10) && options.tags == ["x"])
        let usual = try await cache.result(for: "k", options: options) { _ in Loaded(2) }
        #expect(usual.provenance.remaining == .seconds(10))
        try await cache.invalidate(tags: ["x"])
        #expect(try await cache.int("k") == nil)
    }

    @Test(arguments: TagSetting.allCases)
    func scenario30_alsoWhereTheLoadEndsInTheBackground(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: 1, options: Self.options())
        time.advance(by: .seconds(11))
        let door = Door()
        let answer = try await cache.result(for: "k", options: Self.options { $0.softTimeout = .zero }) { _ in
            await door.pass()
            return Loaded(2, timeToLive: .seconds(3))
        }
        #expect(answer.value == 1 && answer.provenance.staleReason == .loadSlow)
        door.open()
        await eventually { cache.flights.running == 0 }
        #expect(try await cache.result(for: "k", as: Int.self)?.provenance.remaining == .seconds(3))
        time.advance(by: .seconds(3))
        #expect(try await cache.int("k") == nil)
    }

    @Test(arguments: TagSetting.allCases)
    func scenario30_aFailureMayForbidThatAnythingStandsIn(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: 1, options: Self.options())
        time.advance(by: .seconds(11))
        func load(allowsStale: Bool, pause: Duration? = nil) async throws -> CacheResult<Int> {
            try await cache.result(for: "k", options: Self.options()) { _ in
                throw SourceFailure(LoadFailure(text: "y"), allowsStale: allowsStale, pause: pause)
            }
        }
        // What reaches the caller is the error itself.
        await #expect(throws: LoadFailure(text: "y")) { try await load(allowsStale: false) }
        // Nothing was served, so the source has no pause either; and what was there stays.
        #expect(try await load(allowsStale: true, pause: .seconds(60)).provenance.staleReason == .loadFailed)
        time.advance(by: .seconds(59))
        #expect(try await load(allowsStale: false).provenance.staleReason == .throttled)
        time.advance(by: .seconds(1))
        await #expect(throws: LoadFailure(text: "y")) { try await load(allowsStale: false) }
        var bypass = Self.options()
        bypass.readPolicy = .bypass
        await #expect(throws: LoadFailure(text: "z")) {
            try await cache.result(for: "k", options: bypass) { _ -> Loaded<Int> in
                throw SourceFailure(LoadFailure(text: "z"))
            }
        }
    }

    enum Refusal: CaseIterable, Sendable {
        case store, zero, negative
    }

    @Test(arguments: TagSetting.allCases, Refusal.allCases)
    func scenario31_whatIsNotToBeStoredLeavesTheStaleCopyAsItWas(setting: TagSetting, refusal: Refusal) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: 1, options: Self.options())
        time.advance(by: .seconds(11))
        let tally = Tally()
        for value in 2...3 {
            let answer = try await cache.result(for: "k", options: Self.options()) { _ in
                tally.add()
                return switch refusal {
                case .store: Loaded(value, store: false)
                case .zero: Loaded(value, timeToLive: .zero)
                case .negative: Loaded(value, timeToLive: .seconds(-1))
                }
            }
            #expect(answer.value == value && answer.provenance.source == .load)
            #expect(!answer.provenance.stored && answer.provenance.remaining == nil)
        }
        // Nothing of it was kept, so each call loads; and what may stand in for a failure is what was there before.
        #expect(tally.count == 2)
        #expect(try await cache.int("k") == nil)
        #expect(try await stale(cache) == 1)
        if setting != .memoryOnly { #expect(try await stale(fleet.node(2)) == 1) }
        let failed = try await cache.result(for: "k", options: Self.options()) { _ -> Loaded<Int> in throw LoadFailure()
        }
        #expect(failed.value == 1 && failed.provenance.staleReason == .loadFailed)
    }

    @Test(arguments: TagSetting.allCases)
    func scenario31_norDoesItTouchAFreshOne(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: 1, options: Self.options())
        let refresh = Self.options { $0.readPolicy = .refresh }
        #expect(try await cache.result(for: "k", options: refresh) { _ in Loaded(2, store: false) }.value == 2)
        #expect(try await cache.int("k") == 1)
    }
}
