import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// Lives that are shorter by chance, `docs/scenarios-cache.md`, scenario 39.
@Suite(.timeLimit(.minutes(1))) struct JitterTests {
    private let fleet = Fleet()
    private var time: ManualTimeSource { fleet.time }

    private func cache(
        _ setting: TagSetting,
        chance: @escaping @Sendable () -> Double,
        _ change: (inout CacheConfiguration) -> Void = { _ in }
    ) -> Cache {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        configuration.defaultTimeToLive = .seconds(100)
        configuration.defaultMaximumStaleness = .seconds(50)
        configuration.chance = chance
        change(&configuration)
        switch setting {
        case .memoryOnly: return Cache(configuration: configuration, timeSource: time)
        case .memoryFirst: break
        case .remoteFirst: configuration.readingOrder = .remoteFirst
        case .memoryUnchecked: configuration.readingOrder = .memoryUnchecked
        }
        return Cache(configuration: configuration, remote: fleet.board.node(1), timeSource: time)
    }

    @Test(
        arguments: [
            (Jitter.none, 1.0, 0.0), (.fraction(0.2), 0, 0), (.fraction(0.2), 0.5, 10), (.fraction(0.2), 1, 20),
            (.fraction(7), 1, 50), (.fraction(-1), 1, 0), (.fraction(.nan), 1, 0), (.fraction(0.2), .nan, 0),
            (.upTo(.seconds(30)), 0.5, 15), (.upTo(.seconds(30)), 1, 30), (.upTo(.seconds(-1)), 1, 0),
            (.upTo(.seconds(1_000_000)), 1, 50), (.upTo(Lifetime.longest * 1_000), 2, 50),
        ] as [(Jitter, Double, Double)]
    )
    func itTakesAtMostWhatItSaysAndHalfOfALife(jitter: Jitter, chance: Double, cut: Double) throws {
        #expect(jitter.cut(of: .seconds(100), chance: chance) == .seconds(cut))
        let lifetime = try #require(Lifetime(timeToLive: .seconds(100), maximumStaleness: .seconds(50)))
        let shorter = lifetime.cut(by: jitter, chance: chance)
        #expect(shorter.fresh == .seconds(100 - cut) && shorter.total == .seconds(150 - cut))
    }

    @Test func theShortestAndTheLongestLivesStayLives() throws {
        for life in [Duration.microseconds(1), .microseconds(2), Lifetime.longest] {
            let lifetime = try #require(Lifetime(timeToLive: life, maximumStaleness: .zero))
            let cut = lifetime.cut(by: .fraction(0.5), chance: 1)
            #expect(
                cut.fresh >= .microseconds(1) && cut.fresh >= life / 2 && cut.fresh <= life && cut.total == cut.fresh
            )
        }
    }

    @Test(arguments: TagSetting.allCases)
    func everyEntryThrowsItsOwnDieAndBothTiersKeepWhatCameOfIt(setting: TagSetting) async throws {
        let chances = Mutex([0.0, 0.5, 0.25, 0.75, 1, 0.1])
        let cache = cache(setting, chance: { chances.withLock { $0.removeFirst() } }) {
            $0.defaultJitter = .fraction(0.4)
        }
        func remaining(_ node: Cache, _ key: CacheKey) async throws -> Duration? {
            try await node.result(for: key, as: Int.self)?.provenance.remaining
        }
        var lives: [CacheKey: Duration] = [:]
        for key in ["a", "b", "c"] as [CacheKey] {
            lives[key] = try await cache.result(for: key) { _ in Loaded(1) }.provenance.remaining
        }
        #expect(lives == ["a": .seconds(100), "b": .seconds(80), "c": .seconds(90)])
        try await cache.set("d", to: 1)
        lives["d"] = .seconds(70)
        try await cache.set("e", to: "text")
        #expect(try await cache.result(for: "e", as: String.self)?.provenance.remaining == .seconds(60))
        for (key, life) in lives {
            #expect(try await remaining(cache, key) == life)
            if setting != .memoryOnly { #expect(try await remaining(fleet.node(2), key) == life) }
        }
        // A lifetime that somebody gives by hand is that.
        #expect(try await cache.touch("d", timeToLive: .seconds(100)))
        #expect(try await remaining(cache, "d") == .seconds(100))
        #expect(chances.withLock { $0 } == [0.1])
    }

    @Test func theNearestThatSaysHowMuchIsHeeded() async throws {
        let cache = cache(.memoryOnly, chance: { 1 }) { $0.defaultJitter = .fraction(0.1) }
        func life(_ key: CacheKey, _ options: EntryOptions = EntryOptions()) async throws -> Duration? {
            try await cache.set(key, to: 1, options: options)
            return try await cache.result(for: key, as: Int.self)?.provenance.remaining
        }
        let key = CacheKey("k", kind: CacheKind("kind", jitter: .fraction(0.2)))
        var options = EntryOptions()
        options.jitter = Jitter.none
        #expect(try await life("k") == .seconds(90))
        #expect(try await life(key) == .seconds(80))
        #expect(try await life(key, options) == .seconds(100))
        // Of what a load or a negative answer says it takes its share as well.
        let loaded = try await cache.result(for: "l") { _ in Loaded(1, timeToLive: .seconds(10)) }
        #expect(loaded.provenance.remaining == .seconds(9))
    }

    @Test(arguments: TagSetting.allCases, [Duration.zero, .seconds(20)])
    func scenario39_neitherTheStaleLifeNorThePauseIsLongerForIt(setting: TagSetting, throttle: Duration) async throws {
        let cache = cache(setting, chance: { 1 }) {
            $0.defaultTimeToLive = .seconds(7_200)
            $0.defaultJitter = .upTo(.seconds(1_800))
            $0.defaultFailureThrottle = throttle
        }
        try await cache.set("k", to: 1)
        time.advance(by: .seconds(5_399))
        #expect(try await cache.int("k") == 1)
        time.advance(by: .seconds(1))
        let tally = Tally()
        func fail() async throws -> CacheResult<Int> {
            try await cache.result(for: "k") { _ in
                tally.add()
                throw LoadFailure()
            }
        }
        #expect(try await fail().provenance.staleReason == .loadFailed)
        #expect(try await fail().provenance.staleReason == (throttle == .zero ? .loadFailed : .throttled))
        time.advance(by: .seconds(20))
        #expect(try await fail().provenance.staleReason == .loadFailed)
        #expect(tally.count == (throttle == .zero ? 3 : 2))
        // Fifty seconds of standing in, and not one more.
        time.advance(by: .milliseconds(29_999))
        #expect(try await fail().value == 1)
        time.advance(by: .milliseconds(1))
        await #expect(throws: LoadFailure.self) { try await fail() }
    }
}
