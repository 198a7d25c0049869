import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

@Suite struct ReentrancyTests {
    private let nodes = Nodes()

    private static func isReentrant(_ error: any Error) -> Bool { (error as? CacheError)?.code == .reentrantLoad }

    @Test func aLoadThatAsksForItsOwnKeyGetsAnError() async throws {
        for cache in [nodes.memoryOnly(), nodes.node()] {
            await #expect { try await cache.value(for: "k") { try await cache.value(for: "k") { 1 } + 1 } } throws: {
                Self.isReentrant($0)
            }
            // The key is free, and who gets the error may go on without it.
            let value: Int = try await cache.value(for: "k") {
                do { return try await cache.value(for: "k") { 1 } } catch { return 7 }
            }
            #expect(value == 7)
        }
    }

    @Test func aCircleOfLoadsGetsAnError() async throws {
        let cache = nodes.memoryOnly()
        @Sendable func load(_ number: Int) async throws -> Int {
            try await cache.value(for: "k\(number)") { try await load((number + 1) % 3) }
        }
        await #expect { try await load(0) } throws: { Self.isReentrant($0) }
    }

    /// Neither was started by the other: no ancestry of tasks would tell.
    @Test func twoLoadsThatWaitForEachOtherGetAnError() async throws {
        let cache = nodes.memoryOnly()
        let (door, other) = (Door(), Door())
        let one = Task<Int, any Error> {
            try await cache.value(for: "a") {
                await door.pass()
                return try await cache.value(for: "b") { 0 } + 1
            }
        }
        let two = Task<Int, any Error> {
            try await cache.value(for: "b") {
                await other.pass()
                do { return try await cache.value(for: "a") { 0 } } catch { return 40 }
            }
        }
        await door.someoneWaits()
        await other.someoneWaits()
        door.open()
        other.open()
        // Whoever comes second closes the circle, and is told; `b` goes on by itself.
        let outcome = await (one.result, two.result)
        switch outcome {
        case (.success(let first), .success(let second)): #expect(first == 41 && second == 40)
        case (.failure(let error), .success(let second)): #expect(Self.isReentrant(error) && second == 40)
        default: Issue.record("both have failed: \(outcome)")
        }
    }

    @Test func throughTwoCachesAsWell() async throws {
        let (one, two) = (nodes.memoryOnly(), nodes.memoryOnly())
        await #expect {
            try await one.value(for: "k") { try await two.value(for: "k") { try await one.value(for: "k") { 1 } } }
        } throws: {
            Self.isReentrant($0)
        }
    }

    @Test func loadsMayAskForOtherKeysAndReadTheirOwn() async throws {
        let cache = nodes.memoryOnly()
        var stale = EntryOptions.timeToLive(.seconds(1))
        stale.maximumStaleness = .seconds(100)
        try await cache.set("k", to: 1, options: stale)
        nodes.time.advance(by: .seconds(2))
        var accepting = EntryOptions()
        accepting.acceptsStale = true
        let sum = try await cache.value(for: "k") { [accepting] in
            async let a = cache.value(for: "a") { 10 }
            async let b = cache.value(for: "b") { try await cache.value(for: "a") { 10 } }
            #expect(try await cache.get("k", as: Int.self) == nil)
            let old = try await cache.result(for: "k", as: Int.self, options: accepting)?.value ?? 0
            return try await a + b + old
        }
        #expect(sum == 21)
    }

    /// What a load has waited for is forgotten with the wait, also if that was cut short.
    @Test func nothingIsLeftBehind() async throws {
        let cache = nodes.memoryOnly()
        let seen = Mutex<[WaitGraph.Node]>([])
        let door = Door()
        async let other = cache.value(for: "slow") {
            await door.pass()
            return 1
        }
        await door.someoneWaits()
        var impatient = EntryOptions()
        impatient.hardTimeout = .zero
        let value = try await cache.value(for: "k") { [impatient] in
            let node = try #require(WaitGraph.current)
            seen.withLock { $0.append(node) }
            await #expect(throws: CacheError.self) { try await cache.value(for: "slow", options: impatient) { 2 } }
            #expect(!WaitGraph.shared.isWaiting(node))
            return try await cache.value(for: "quick") {
                #expect(WaitGraph.shared.isWaiting(node))
                return 3
            }
        }
        #expect(value == 3)
        let nodes = seen.withLock { $0 }
        #expect(nodes.count == 1 && !nodes.contains { WaitGraph.shared.isWaiting($0) })
        door.open()
        #expect(try await other == 1)
    }
}
