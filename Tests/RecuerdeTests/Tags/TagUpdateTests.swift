import RecuerdeTesting
import Testing

@testable import Recuerde

/// Updates in place of entries with tags.
@Suite(.timeLimit(.minutes(1))) struct TagUpdateTests {
    private let fleet = Fleet()

    @Test func anUpdateOfWhatATagMakesVoidMeanwhileBeginsAnew() async throws {
        let cache = fleet.cache(.memoryOnly)
        let tally = Tally()
        try await cache.set("k", to: 1, options: .tagged("x"))
        let result = try await cache.update("k", as: Int.self, options: .tagged("y")) { old in
            if tally.add() == 1 {
                // As an invalidation from elsewhere does.
                cache.tags.marks(of: ["x"])[0].raise(expired: cache.clock.next(), removed: .zero, cache.clock)
            }
            return (old ?? 0) + 10
        }
        #expect(result == 10)
        #expect(try await cache.int("k") == 10)
        #expect(tally.count == 2)
    }

    @Test func anUpdateKeepsTheTagsAndWhatTheyMakeVoid() async throws {
        let cache = fleet.cache(.memoryOnly)
        try await cache.set("k", to: 1, options: .tagged("x"))
        for expected in 2...4 {
            #expect(try await cache.update("k", as: Int.self) { ($0 ?? 0) + 1 } == expected)
            #expect(try await cache.int("k") == expected)
        }
        try await cache.invalidate(tags: ["x"])
        #expect(try await cache.int("k") == nil)
        try await cache.update("k", as: Int.self, options: .tagged("x")) { ($0 ?? 0) + 1 }
        #expect(try await cache.int("k") == 1)
    }

    @Test func anInvalidationThatWasStampedDuringAnUpdateMakesItVoid() async throws {
        let cache = fleet.cache(.memoryOnly)
        try await cache.set("k", to: 1, options: .tagged("x"))
        fleet.time.advance(by: .seconds(1))
        var stamp = Stamp.zero
        try await cache.update("k", as: Int.self) { old in
            stamp = cache.clock.next()
            return (old ?? 0) + 1
        }
        #expect(try await cache.int("k") == 2)
        cache.tags.marks(of: ["x"])[0].raise(expired: stamp, removed: .zero, cache.clock)
        #expect(try await cache.int("k") == nil)
    }
}
