import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// Callers of several values who are cancelled, and loads that nobody waits for.
@Suite(.timeLimit(.minutes(1))) struct BulkCancellationTests: BulkSuite {
    let fleet = Fleet()

    @Test(arguments: TagSetting.allCases)
    func aCancelledCallerHarmsNoOther(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        let tally = Tally()
        let first = Task {
            try await cache.values(for: ["a", "b"], options: Self.options()) { keys in
                tally.add()
                await door.pass()
                return ["a": 1, "b": Task.isCancelled ? -1 : 2]
            }
        }
        await door.someoneWaits()
        let second = Task {
            try await cache.values(for: ["b", "a"], options: Self.options()) { _ in [:] } as [CacheKey: Int]
        }
        let single = Task { try await cache.value(for: "b", options: Self.options()) { tally.add() } }
        await eventually { waiting(cache, "b") == 3 && waiting(cache, "a") == 2 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        door.open()
        #expect(try await single.value == 2)
        await eventually { cache.flights.running == 0 }
        // And what nobody waited for any more is kept as well.
        #expect(try await cache.get(["a", "b"], as: Int.self) == ["a": 1, "b": 2])
        #expect(tally.count == 1 && cache.statistics().backgroundLoads == 0)
    }

    @Test(arguments: [0, 1])
    func whatNobodyWaitsForTakesOnePlaceOrIsCancelled(places: Int) async throws {
        let cache = fleet.node(1) { $0.maximumBackgroundLoads = places }
        let door = Door()
        let wasCancelled = Mutex(false)
        let call = Task {
            try await cache.values(for: ["a", "b", "c"], options: Self.options()) { keys in
                await withTaskCancellationHandler {
                    await door.pass()
                } onCancel: {
                    wasCancelled.withLock { $0 = true }
                    door.open()
                }
                return ["a": 1, "b": 2, "c": 3]
            }
        }
        await door.someoneWaits()
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        if places == 0 {
            await eventually { cache.flights.running == 0 }
            #expect(wasCancelled.withLock { $0 })
            #expect(try await cache.get(["a", "b", "c"], as: Int.self).isEmpty)
        } else {
            #expect(cache.statistics().backgroundLoads == 1)
            // Somebody comes again for one of them.
            let late = Task { try await cache.value(for: "b", options: Self.options()) { -1 } }
            await eventually { waiting(cache, "b") == 1 }
            door.open()
            #expect(try await late.value == 2)
            await eventually { cache.flights.running == 0 }
            #expect(!wasCancelled.withLock { $0 } && cache.statistics().backgroundLoads == 0)
            #expect(try await cache.get(["a", "b", "c"], as: Int.self).count == 3)
        }
        #expect(try await cache.value(for: "a", options: Self.options()) { 1 } == 1)
    }

    @Test func closingCancelsWhatNobodyWaitsFor() async throws {
        let cache = fleet.node(1)
        let door = Door()
        let call = Task {
            try await cache.values(for: ["a", "b"], options: Self.options()) { keys in
                await withTaskCancellationHandler {
                    await door.pass()
                } onCancel: {
                    door.open()
                }
                return [:]
            } as [CacheKey: Int]
        }
        await door.someoneWaits()
        call.cancel()
        _ = try? await call.value
        cache.close()
        await eventually { cache.flights.running == 0 && cache.statistics().backgroundLoads == 0 }
    }
}
