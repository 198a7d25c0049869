import RecuerdeTesting
import Testing

@testable import Recuerde

/// "There is none" as an answer: kept for a time of its own, and told apart from what is not known.
@Suite(.timeLimit(.minutes(1))) struct AbsenceTests {
    private let fleet = Fleet()
    private var time: ManualTimeSource { fleet.time }

    private static func options(_ negative: Duration?) -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(100))
        options.negativeTimeToLive = negative
        return options
    }

    private func remaining(_ cache: Cache, _ key: CacheKey = "k") async throws -> Duration? {
        try await cache.result(for: key, as: Int?.self)?.provenance.remaining
    }

    @Test(arguments: TagSetting.allCases)
    func whatIsKnownToBeAbsentIsNotLoadedAgainForItsOwnTime(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let tally = Tally()
        let source: [CacheKey: Int] = ["there": 7]
        func ask(_ key: CacheKey) async throws -> Int? {
            try await cache.value(for: key, options: Self.options(.seconds(10))) {
                tally.add()
                return source[key]
            }
        }
        for _ in 0..<3 {
            #expect(try await ask("there") == 7)
            #expect(try await ask("absent") == nil)
            time.advance(by: .milliseconds(3_333))
        }
        #expect(tally.count == 2)
        time.advance(by: .milliseconds(1))
        #expect(try await ask("absent") == nil)
        #expect(try await ask("there") == 7)
        #expect(tally.count == 3)
    }

    @Test(arguments: TagSetting.allCases)
    func aLookupTellsAbsentFromUnknown(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        func look(_ node: Cache) async throws -> String {
            switch try await node.lookup("k", as: Int.self) {
            case .found(let result): "\(result.value) from \(result.provenance.source)"
            case .absent(let provenance): "none from \(provenance.source), \(provenance.remaining ?? .zero)"
            case .unknown: "unknown"
            }
        }
        #expect(try await look(cache) == "unknown")
        #expect(try await cache.get("k", as: Int?.self) == .none)
        _ = try await cache.result(for: "k", options: Self.options(.seconds(10))) { _ in Loaded(Int?.none) }
        let source = setting == .remoteFirst ? "redis" : "memory"
        #expect(try await look(cache) == "none from \(source), 10.0 seconds")
        #expect(try await cache.get("k", as: Int?.self) == .some(.none))
        // On another node too.
        if setting != .memoryOnly { #expect(try await look(fleet.node(2)) == "none from redis, 10.0 seconds") }
        time.advance(by: .seconds(10))
        #expect(try await look(cache) == "unknown")
        try await cache.set("k", to: Int?.some(3))
        #expect(try await look(cache).hasPrefix("3 from"))
    }

    @Test(arguments: TagSetting.allCases)
    func theNearestThatSaysHowLongIsHeeded(setting: TagSetting) async throws {
        let time = fleet.time
        func cache(_ negative: Duration?) -> Cache {
            var configuration = CacheConfiguration()
            configuration.prefix = "test"
            configuration.defaultTimeToLive = .seconds(100)
            configuration.defaultNegativeTimeToLive = negative
            return setting == .memoryOnly
                ? Cache(configuration: configuration, timeSource: time)
                : Cache(configuration: configuration, remote: fleet.board.node(1), timeSource: time)
        }
        let kind = CacheKind("kind", negativeTimeToLive: .seconds(20))
        let key = CacheKey("k", kind: kind)
        func load(_ cache: Cache, _ key: CacheKey, _ options: EntryOptions, _ loaded: Loaded<Int?>) async throws
            -> Duration?
        {
            _ = try await cache.delete(key)
            return try await cache.result(for: key, options: options) { _ in loaded }.provenance.remaining
        }
        let none = Loaded(Int?.none)
        #expect(try await load(cache(.seconds(30)), "k", EntryOptions(), none) == .seconds(30))
        #expect(try await load(cache(.seconds(30)), key, EntryOptions(), none) == .seconds(20))
        #expect(try await load(cache(.seconds(30)), key, Self.options(.seconds(10)), none) == .seconds(10))
        #expect(
            try await load(cache(nil), key, Self.options(.seconds(10)), Loaded(nil, timeToLive: .seconds(5)))
                == .seconds(5)
        )
        // Without any, as long as a value.
        #expect(try await load(cache(nil), "k", EntryOptions(), none) == .seconds(100))
        #expect(try await load(cache(nil), "k", Self.options(nil), none) == .seconds(100))
        // And values as ever.
        #expect(try await load(cache(.seconds(30)), key, Self.options(.seconds(10)), Loaded(1)) == .seconds(100))
        #expect(try await load(cache(.seconds(30)), key, Self.options(.zero), none) == nil)
    }

    @Test(arguments: TagSetting.allCases)
    func whoSetsThatThereIsNoneSetsItForThatTime(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: Int?.none, options: Self.options(.seconds(10)))
        #expect(try await remaining(cache) == .seconds(10))
        try await cache.set(["k": 1, "l": nil] as [CacheKey: Int?], options: Self.options(.seconds(10)))
        #expect(try await remaining(cache) == .seconds(100))
        #expect(try await remaining(cache, "l") == .seconds(10))
        try await cache.set("l", to: Int?.none, options: Self.options(.zero))
        #expect(try await remaining(cache, "l") == nil)
    }

    @Test func onlyTheOutermostNothingIsOne() {
        #expect(isAbsent(Int?.none) && isAbsent(Int??.none))
        #expect(!isAbsent(Int??.some(.none)) && !isAbsent(Int?.some(1)) && !isAbsent(1) && !isAbsent([Int?.none]))
    }
}
