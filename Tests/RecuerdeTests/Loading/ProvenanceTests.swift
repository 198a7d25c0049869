import RecuerdeTesting
import Testing

@testable import Recuerde

/// Every read tells value, source, age, remaining life, version and why it is stale: by all ways on which an answer comes.
@Suite(.timeLimit(.minutes(1))) struct ProvenanceTests {
    private let fleet = Fleet()
    private var time: ManualTimeSource { fleet.time }

    private static func options(_ change: (inout EntryOptions) -> Void = { _ in }) -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(60))
        options.maximumStaleness = .seconds(1_000)
        options.failureThrottle = .seconds(5)
        options.loadTimeout = .seconds(1_000_000)
        change(&options)
        return options
    }

    /// What is known of an answer besides its value.
    private struct Told: Equatable {
        var source: Provenance.Source
        var age: Duration
        var remaining: Duration?
        var stamp: Stamp
        var staleReason: Provenance.StaleReason?
        var stored = true
        var confirmed = false
    }

    private func told<Value>(_ result: CacheResult<Value>?) throws -> Told {
        let provenance = try #require(result).provenance
        return Told(
            source: provenance.source,
            age: provenance.age,
            remaining: provenance.remaining,
            stamp: provenance.stamp,
            staleReason: provenance.staleReason,
            stored: provenance.stored,
            confirmed: provenance.confirmed
        )
    }

    private func load(_ cache: Cache, _ options: EntryOptions = options()) async throws -> CacheResult<Int> {
        try await cache.result(for: "k", options: options) { (_: LoadContext<Int>) in Loaded(1) }
    }

    private func fail(_ cache: Cache, _ options: EntryOptions = options()) async throws -> CacheResult<Int> {
        try await cache.result(for: "k", options: options) { (_: LoadContext<Int>) -> Loaded<Int> in throw LoadFailure()
        }
    }

    @Test(arguments: TagSetting.allCases) func freshAnswers(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let first = try await load(cache)
        let stamp = first.provenance.stamp
        #expect(stamp > .zero)
        #expect(try told(first) == Told(source: .load, age: .zero, remaining: .seconds(60), stamp: stamp))
        time.advance(by: .milliseconds(100))
        let here = Told(
            source: setting == .remoteFirst ? .redis : .memory,
            age: .milliseconds(100),
            remaining: .milliseconds(59_900),
            stamp: stamp
        )
        // By each kind of read.
        #expect(try told(await cache.result(for: "k", as: Int.self)) == here)
        #expect(try told(await load(cache)) == here)
        let several = try await cache.results(for: ["k"], options: Self.options()) { (_: BulkLoadContext<Int>) in [:] }
        #expect(try told(several["k"]) == here)
        guard setting != .memoryOnly else { return }
        let other = fleet.node(2)
        let there = Told(source: .redis, age: .milliseconds(100), remaining: .milliseconds(59_900), stamp: stamp)
        #expect(try told(await other.result(for: "k", as: Int.self)) == there)
        #expect(try told(await load(fleet.node(3))) == there)
    }

    @Test(arguments: TagSetting.allCases) func staleAnswers(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let stamp = try await load(cache).provenance.stamp
        time.advance(by: .seconds(70))
        func stale(_ reason: Provenance.StaleReason, after seconds: Int = 0) -> Told {
            Told(
                source: .stale,
                age: .seconds(70 + seconds),
                remaining: .seconds(-10 - seconds),
                stamp: stamp,
                staleReason: reason
            )
        }
        // Read without a load.
        #expect(try await cache.result(for: "k", as: Int.self) == nil)
        let known = try await cache.result(for: "k", as: Int.self, options: Self.options { $0.acceptsStale = true })
        #expect(try told(known) == stale(.notLoaded))
        let only = Self.options {
            $0.readPolicy = .onlyIfCached
            $0.acceptsStale = true
        }
        #expect(try told(await load(cache, only)) == stale(.notLoaded))
        // A load that fails, and the pause after it.
        #expect(try told(await fail(cache)) == stale(.loadFailed))
        time.advance(by: .seconds(2))
        #expect(try told(await fail(cache)) == stale(.throttled, after: 2))
        time.advance(by: .seconds(3))
        // One that is slow.
        let door = Door()
        let slow = try await cache.result(for: "k", options: Self.options { $0.softTimeout = .zero }) {
            (_: LoadContext<Int>) in
            await door.pass()
            return Loaded(2)
        }
        #expect(slow.value == 1)
        #expect(try told(slow) == stale(.loadSlow, after: 5))
        door.open()
        await eventually { (try? await cache.get("k")) == 2 }
    }

    @Test(arguments: TagSetting.allCases) func aLoadThatIsCutOff(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let stamp = try await load(cache).provenance.stamp
        time.advance(by: .seconds(61))
        let result = try await cache.result(for: "k", options: Self.options { $0.loadTimeout = .zero }) {
            (_: LoadContext<Int>) in Loaded(2)
        }
        let told = try told(result)
        #expect(told.staleReason == .loadTimedOut && told.stamp == stamp && told.age == .seconds(61))
        #expect(told.remaining == .seconds(-1))
    }

    @Test(arguments: TagSetting.allCases) func anAnswerThatWasConfirmed(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let stamp = try await load(cache).provenance.stamp
        time.advance(by: .seconds(70))
        let confirmed = try await cache.result(for: "k", options: Self.options()) { (context: LoadContext<Int>) in
            try context.notModified()
        }
        #expect(confirmed.value == 1 && confirmed.provenance.stamp > stamp)
        let expected = Told(
            source: .load,
            age: .zero,
            remaining: .seconds(60),
            stamp: confirmed.provenance.stamp,
            confirmed: true
        )
        #expect(try told(confirmed) == expected)
    }

    @Test(arguments: TagSetting.allCases) func anAnswerThatIsNotKept(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let result = try await cache.result(for: "k", options: Self.options { $0.readPolicy = .bypass }) {
            (_: LoadContext<Int>) in Loaded(1)
        }
        let told = try told(result)
        #expect(told.source == .load && told.remaining == nil && !told.stored && told.staleReason == nil)
    }

    @Test(arguments: TagSetting.allCases) func whatIsKnownToBeAbsent(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        _ = try await cache.value(for: "k", options: Self.options()) { Int?.none }
        time.advance(by: .milliseconds(100))
        guard case .absent(let provenance) = try await cache.lookup("k", as: Int.self) else {
            Issue.record("it is known")
            return
        }
        #expect(provenance.source == (setting == .remoteFirst ? .redis : .memory))
        #expect(
            provenance.age == .milliseconds(100) && provenance.remaining == .milliseconds(59_900)
                && provenance.stamp > .zero
        )
    }

    @Test func whoJoinsALoadIsTold() async throws {
        let cache = fleet.node(1)
        let door = Door()
        let callers = (0..<2).map { _ in
            Task {
                try await cache.result(for: "k", options: Self.options()) { (_: LoadContext<Int>) in
                    await door.pass()
                    return Loaded(1)
                }
            }
        }
        await eventually { (try? await cache.explain("k").flights.first?.waiting) == 2 }
        door.open()
        var shared: [Bool] = []
        for caller in callers {
            let result = try await caller.value
            #expect(result.provenance.source == .load && result.provenance.remaining == .seconds(60))
            shared.append(result.provenance.shared)
        }
        #expect(Set(shared) == [false, true])
    }
}
