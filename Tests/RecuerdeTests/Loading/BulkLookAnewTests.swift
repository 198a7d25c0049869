import RecuerdeTesting
import Testing

@testable import Recuerde

/// Redis tells of an entry whose time was over as of one that was removed, and often with the answer to the look that found it gone.
@Suite(.timeLimit(.minutes(1))) struct BulkLookAnewTests: BulkSuite {
    let fleet = Fleet()

    private func name(_ key: String) -> String { "test:v2:\(key)" }

    /// Somebody who comes while the load of others goes on, and does not wait; true if he joined it.
    private func joins(_ cache: Cache, _ key: CacheKey) async -> Bool {
        let before = cache.statistics().backgroundLoads
        let error = await #expect(throws: CacheError.self) {
            try await cache.value(for: key, options: Self.options { $0.hardTimeout = .zero }) { -1 }
        }
        #expect(error?.code == .waitTimedOut)
        // A load of his own would go on with nobody waiting for it.
        return cache.statistics().backgroundLoads == before
    }

    @Test(arguments: [1, 2]) func aNoticeThatComesWithTheLookLetsNobodyLoadASecondTime(notices: Int) async throws {
        let tier = fleet.board.node(1)
        let cache = fleet.node(on: tier)
        let (asked, door) = (Asked(), Door())
        let (board, names) = (fleet.board, [name("a"), name("c")])
        @Sendable func tell(_ count: Int) {
            guard count > 0 else { return }
            board.change(names)
            tier.beforeNextAnswer { tell(count - 1) }
        }
        tier.beforeNextAnswer { tell(notices) }
        let before = fleet.remote.counts.exchanges
        let call = Task {
            try await cache.results(for: ["a", "b", "c"], options: Self.options()) { context -> Answers in
                asked.note(context.keys)
                await door.pass()
                return Self.all(1, context.keys)
            }
        }
        await door.someoneWaits()
        // A look and the tokens, each time for all that were told of.
        #expect(fleet.remote.counts.exchanges == before + 2 + 2 * notices)
        for key in ["a", "b", "c"] as [CacheKey] { #expect(await joins(cache, key)) }
        door.open()
        let results = try await call.value
        #expect(results.values == ["a": 1, "b": 1, "c": 1])
        #expect(asked.keys == [["a", "b", "c"]] && cache.statistics().loads == 3)
        // What it has loaded is kept, in both tiers.
        #expect(["a", "b", "c"].allSatisfy { results[CacheKey($0)]?.provenance.stored == true })
        #expect(["a", "b", "c"].allSatisfy { fleet.remote.record(name($0)) != nil })
        try await fleet.expectExchanges(0) {
            let kept = try await cache.get(["a", "b", "c"], as: Int.self)
            #expect(kept.count == 3)
        }
    }

    /// The entry's time is over here a moment before Redis lets go of it.
    @Test func anEntryThatRedisHasLetGoOfAMomentLaterIsLookedForAgain() async throws {
        let tier = fleet.board.node(1)
        let cache = fleet.node(on: tier)
        try await cache.set("a", to: 0, options: .timeToLive(.seconds(1)))
        let bytes = try #require(fleet.remote.record(name("a"))).bytes
        time.advance(by: .seconds(1))
        fleet.remote.plant(name("a"), bytes: bytes, timeToLive: .milliseconds(1))
        let (time, board, told) = (time, fleet.board, [name("a")])
        // The end is told with the answer to a look that finds nothing any more, or else in its own time.
        let isTold = Tally()
        @Sendable func tell() { if isTold.add() == 1 { board.change(told) } }
        tier.beforeNextAnswer {
            time.advance(by: .milliseconds(1))
            tier.beforeNextAnswer { tell() }
        }
        let door = Door()
        let call = Task {
            try await cache.values(for: ["a", "b"], options: Self.options()) { keys in
                await door.pass()
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
            }
        }
        await door.someoneWaits()
        tell()
        #expect(await joins(cache, "a"))
        door.open()
        #expect(try await call.value == ["a": 1, "b": 1])
        #expect(cache.statistics().loads == 2)
    }

    /// What another has stored in between is found instead.
    @Test func aNoticeOfAWriteLetsTheFlightFindWhatWasWritten() async throws {
        let tier = fleet.board.node(1)
        let (cache, other) = (fleet.node(on: tier), fleet.node(2))
        let asked = Asked()
        tier.beforeNextAnswer { try? await other.set("b", to: 3) }
        let values = try await cache.values(for: ["a", "b", "c"], options: Self.options()) { keys in
            asked.note(keys)
            return Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
        }
        #expect(values == ["a": 1, "b": 3, "c": 1])
        #expect(asked.keys == [["a", "c"]])
    }

    /// A removal after the load has begun is no end of life: who comes then loads anew.
    @Test func aNoticeDuringTheLoadLetsGoOfIt() async throws {
        let cache = fleet.node(on: fleet.board.node(1))
        let door = Door()
        let call = Task {
            try await cache.values(for: ["a", "b"], options: Self.options()) { keys in
                await door.pass()
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
            }
        }
        await door.someoneWaits()
        fleet.board.change([name("a")])
        #expect(try await cache.value(for: "a", options: Self.options()) { 2 } == 2)
        door.open()
        #expect(try await call.value == ["a": 1, "b": 1])
        #expect(try await cache.get(["a", "b"], as: Int.self) == ["a": 2, "b": 1])
    }

    /// Somebody has begun to load one of them in between: the bulk load leaves it to him.
    @Test func whatAnotherHasBegunToLoadMeanwhileIsNotLoadedAgain() async throws {
        let tier = fleet.board.node(1)
        let cache = fleet.node(on: tier)
        let (asked, door) = (Asked(), Door())
        let (board, told) = (fleet.board, [name("a")])
        let single = Kept<Task<Int, any Error>>()
        tier.beforeNextAnswer {
            board.change(told)
            single.value = Task {
                try await cache.value(for: "a", options: Self.options()) {
                    await door.pass()
                    return 7
                }
            }
            await door.someoneWaits()
        }
        let bulk = Task {
            try await cache.results(for: ["a", "b"], options: Self.options()) { context -> Answers in
                asked.note(context.keys)
                return Self.all(1, context.keys)
            }
        }
        // By then the look that is told of it is over, and takes no answer of the reads that follow.
        await door.someoneWaits()
        await eventually { (try? await cache.get("b", as: Int.self)) == 1 }
        await eventually { waiting(cache, "a") == 2 || asked.keys.joined().contains("a") }
        door.open()
        #expect(try await bulk.value.values == ["a": 7, "b": 1])
        #expect(try await single.value?.value == 7)
        #expect(asked.keys == [["b"]])
    }

    /// The other way round: a bulk load has taken the place of a single one, and has nothing for its key.
    @Test func aSingleLoadWhosePlaceABulkLoadTookLoadsWhatThatHasNothingFor() async throws {
        let tier = fleet.board.node(1)
        let cache = fleet.node(on: tier)
        let door = Door()
        let (board, told) = (fleet.board, [name("a")])
        let bulk = Kept<Task<BulkResult<Int>, any Error>>()
        tier.beforeNextAnswer {
            board.change(told)
            bulk.value = Task {
                try await cache.results(for: ["a", "b"], options: Self.options()) { _ -> Answers in
                    await door.pass()
                    return ["b": .success(Loaded(1))]
                }
            }
            await door.someoneWaits()
        }
        let single = Task { try await cache.value(for: "a", options: Self.options()) { 7 } }
        await door.someoneWaits()
        await eventually { waiting(cache, "a") == 2 }
        door.open()
        #expect(try await single.value == 7)
        #expect(try await bulk.value?.value.outcomes.mapValues(text) == ["a": "none", "b": "1 load"])
        #expect(cache.statistics().loadFailures == 0)
    }
}
