import RecuerdeTesting
import Testing

@testable import Recuerde

/// How long a caller waits who looks for a stale value once more.
@Suite(.timeLimit(.minutes(1))) struct HardLimitTests {
    private let nodes = Nodes()

    private func options(_ change: (inout EntryOptions) -> Void = { _ in }) -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(1))
        options.maximumStaleness = .seconds(1_000_000)
        options.loadTimeout = .seconds(1_000_000_000)
        change(&options)
        return options
    }

    /// It came after its flight had looked into Redis, so it looks by itself; and Redis does not answer.
    @Test func whoLooksAgainDoesNotOutstayTheHardLimit() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: 42, options: options())
        nodes.time.advance(by: .seconds(2))
        let (door, ended) = (Door(), Tally())
        let first = Task {
            try await cache.value(for: "k", options: options()) {
                await door.pass()
                return 1
            }
        }
        await door.someoneWaits()
        nodes.remote.hold()
        let limits = options { ($0.softTimeout, $0.hardTimeout) = (.zero, .milliseconds(100)) }
        let second = Task {
            defer { ended.add() }
            return try await cache.value(for: "k", options: limits) { 2 }
        }
        await eventually { nodes.remote.waiting == 1 }
        await eventually {
            nodes.time.advance(by: .milliseconds(100))
            return ended.count == 1
        }
        nodes.remote.release()
        door.open()
        let error = await #expect(throws: CacheError.self) { try await second.value }
        #expect(error?.code == .waitTimedOut)
        #expect(try await first.value == 1)
    }
}
