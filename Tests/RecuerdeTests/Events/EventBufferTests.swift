import RecuerdeTesting
import Testing

@testable import Recuerde

/// Those who listen: their buffers, and how it ends.
@Suite(.timeLimit(.minutes(1))) struct EventBufferTests {
    private let nodes = Nodes()

    private func set(_ cache: Cache, _ numbers: Range<Int>) async throws {
        for number in numbers { try await cache.set(CacheKey("k\(number)"), to: number) }
    }

    @Test(arguments: [1, 3, 100, 1_000])
    func theOldestGiveWayAndTheirNumberStandsInTheirPlace(bufferSize: Int) async throws {
        let cache = nodes.memoryOnly()
        let events = cache.events(bufferSize: bufferSize)
        try await set(cache, 0..<5_000)
        let missed = 5_000 - bufferSize
        #expect(events.dropped == missed)
        var iterator = events.makeAsyncIterator()
        let first = await iterator.next()
        #expect(first?.kind == .missed && first?.count == missed)
        for number in missed..<5_000 { #expect(await iterator.next()?.key == CacheKey("k\(number)")) }
        // Told once.
        try await set(cache, 0..<1)
        #expect(await iterator.next()?.key == "k0")
        #expect(events.dropped == missed)
    }

    @Test func aReaderWhoKeepsUpMissesNothing() async throws {
        let cache = nodes.memoryOnly()
        var iterator = cache.events(bufferSize: 2).makeAsyncIterator()
        for number in 0..<1_000 {
            try await set(cache, number..<number + 2)
            #expect(await iterator.next()?.key == CacheKey("k\(number)"))
            #expect(await iterator.next()?.key == CacheKey("k\(number + 1)"))
        }
    }

    @Test func asMuchIsKeptAsTheBoundAndAPieceMore() {
        let buffer = EventBuffer(limit: 100)
        for _ in 0..<10_000 {
            buffer.push(CacheEvent(.hit))
            #expect(buffer.held <= 2 * 100 + 64)
        }
    }

    @Test func eachReaderHasABufferOfItsOwn() async throws {
        let cache = nodes.memoryOnly()
        let (few, many) = (cache.events(bufferSize: 1), cache.events(bufferSize: 10))
        try await set(cache, 0..<5)
        #expect(few.dropped == 4 && many.dropped == 0)
        cache.close()
        var keys: [CacheKey?] = []
        for await event in many { keys.append(event.key) }
        #expect(keys == ["k0", "k1", "k2", "k3", "k4"])
    }

    @Test func itEndsWithTheCache() async throws {
        let cache = nodes.memoryOnly()
        let events = cache.events()
        let reader = Task {
            var count = 0
            for await _ in events { count += 1 }
            return count
        }
        try await set(cache, 0..<3)
        cache.close()
        #expect(await reader.value == 3)
        // Later ones have nothing to hear.
        for await _ in cache.events() { Issue.record("a closed cache tells nothing") }
    }

    @Test func itEndsWhenTheCacheIsLetGoOf() async throws {
        var cache: Cache? = nodes.memoryOnly()
        weak let held = cache
        let events = try #require(cache).events()
        let reader = Task { await events.first { _ in true } }
        cache = nil
        #expect(await reader.value == nil && held == nil)
    }

    @Test func itEndsWithTheTaskThatReads() async throws {
        let cache = nodes.memoryOnly()
        let events = cache.events()
        let reader = Task {
            for await _ in events {}
            return true
        }
        await eventually { events.subscription.buffer.waiting == 1 }
        reader.cancel()
        #expect(await reader.value)
        // Others go on.
        try await set(cache, 0..<1)
        #expect(await events.first { _ in true }?.key == "k0")
        // Whoever is cancelled already does not wait.
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            return await events.first { _ in true }
        }
        late.cancel()
        #expect(await late.value == nil)
    }

    @Test func nothingIsMadeForNobody() async throws {
        let cache = nodes.memoryOnly()
        #expect(!cache.log.events.isWatched)
        func listen() async throws {
            let events = cache.events()
            #expect(cache.log.events.isHeard)
            try await set(cache, 0..<1)
            for await _ in events { break }
        }
        try await listen()
        #expect(!cache.log.events.isWatched)
        let (one, two) = (cache.events(), cache.events())
        _ = consume one
        #expect(cache.log.events.isHeard)
        withExtendedLifetime(two) {}
    }

    @Test func manyWhoWriteAndManyWhoReadLoseNothing() async throws {
        let cache = nodes.memoryOnly { $0.memory.maximumEntries = 100_000 }
        let events = (0..<3).map { _ in cache.events(bufferSize: 100_000) }
        let readers = events.map { events in
            Task {
                var count = 0
                for await event in events where event.kind == .set { count += 1 }
                return count
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<500 { try? await cache.set(CacheKey("k\(writer):\(number)"), to: number) }
                }
            }
        }
        cache.close()
        for reader in readers { #expect(await reader.value == 4_000) }
    }
}
