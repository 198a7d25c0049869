import RecuerdeTesting
import Testing

@testable import Recuerde

/// Loads of several values beside others of the same keys.
@Suite(.timeLimit(.minutes(1))) struct BulkSharingTests: BulkSuite {
    let fleet = Fleet()

    @Test(arguments: TagSetting.allCases)
    func whatIsUnderWayAlreadyIsNotLoadedAgain(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        let asked = Asked()
        let single = Task {
            try await cache.value(for: "b", options: Self.options()) {
                await door.pass()
                return 2
            }
        }
        await door.someoneWaits()
        let bulk = Task {
            try await cache.results(for: ["a", "b", "c"], options: Self.options()) { context -> Answers in
                asked.note(context.keys)
                return ["a": .success(Loaded(1)), "b": .success(Loaded(-1)), "c": .success(Loaded(3))]
            }
        }
        // Its own are loaded, kept and there for everybody, while it waits for the other's.
        await eventually { (try? await cache.get(["a", "c"], as: Int.self))?.count == 2 }
        door.open()
        let results = try await bulk.value
        #expect(results.values == ["a": 1, "b": 2, "c": 3])
        #expect(results["b"]?.provenance.shared == true && results["a"]?.provenance.shared == false)
        #expect(try await single.value == 2)
        #expect(asked.keys == [["a", "c"]])
    }

    @Test(arguments: TagSetting.allCases)
    func whoComesMeanwhileJoins(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        let (asked, tally) = (Asked(), Tally())
        let first = Task {
            try await cache.results(for: ["a", "b", "none"], options: Self.options()) { context -> Answers in
                asked.note(context.keys)
                await door.pass()
                return ["a": .success(Loaded(1)), "b": .failure(LoadFailure(text: "b"))]
            }
        }
        await door.someoneWaits()
        let one = Task { try await cache.value(for: "a", options: Self.options()) { tally.add() } }
        let failing = Task { try await cache.value(for: "b", options: Self.options()) { tally.add() } }
        // What the other's load has nothing for, is loaded by who has a load for it.
        let alone = Task { try await cache.value(for: "none", options: Self.options()) { tally.add() + 100 } }
        // In the other order, with one more.
        let second = Task {
            try await cache.results(for: ["none", "c", "b", "a"], options: Self.options()) { context -> Answers in
                asked.note(context.keys)
                return ["c": .success(Loaded(3))]
            }
        }
        await eventually { (try? await cache.get("c", as: Int.self)) == 3 }
        await eventually { waiting(cache, "a") == 3 && waiting(cache, "b") == 3 && waiting(cache, "none") == 3 }
        door.open()
        #expect(try await one.value == 1)
        await #expect(throws: LoadFailure(text: "b")) { try await failing.value }
        #expect(try await alone.value == 101)
        #expect(try await first.value.outcomes.mapValues(text) == ["a": "1 load", "b": "b", "none": "none"])
        #expect(
            try await second.value.outcomes.mapValues(text) == ["a": "1 load", "b": "b", "c": "3 load", "none": "none"]
        )
        #expect(asked.keys == [["a", "b", "none"], ["c"]] && tally.count == 1)
    }

    @Test(arguments: [TagSetting.memoryOnly, .memoryFirst])
    func bulksThatOverlapInOppositeOrderNeverWaitForEachOther(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        for round in 0..<100 {
            let keys = (0..<8).map { CacheKey("\(round)", "\($0)") }
            let tally = Tally()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        let mine = number.isMultiple(of: 2) ? keys : keys.reversed()
                        return try await cache.values(for: Array(mine.dropFirst(number / 2))) { keys in
                            for _ in keys { tally.add() }
                            await Task.yield()
                            return Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
                        }.count
                    }
                }
                for try await count in group { #expect(count >= 6) }
            }
            #expect(tally.count == 8)
        }
        await eventually { cache.flights.running == 0 }
    }
}
