import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Synchronization
import Testing

/// Several values in one load, on a real server.
@Suite(.timeLimit(.minutes(1))) struct RedisBulkTests {
    private struct Failed: Error {}

    private typealias Answers = [CacheKey: Result<Loaded<Int>, any Error>]

    /// What loads were asked for.
    private final class Asked: Sendable {
        private let state = Mutex<[[CacheKey]]>([])
        var keys: [[CacheKey]] { state.withLock { $0 } }
        func note(_ keys: [CacheKey]) { state.withLock { $0.append(keys) } }
    }

    private let keys = (0..<100).map { CacheKey("\($0)") }

    /// How often the server has carried out a command since its statistics were reset.
    private func calls(of command: String, on server: RedisServerProcess) throws -> Int {
        let prefix = "cmdstat_\(command):calls="
        let text = try server.command("INFO", "commandstats")
        guard let line = text.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix(prefix) }) else {
            return 0
        }
        return Int(line.dropFirst(prefix.count).prefix { $0.isNumber }) ?? -1
    }

    private func withNodes(_ body: (RedisServerProcess, Cache, Cache) async throws -> Void) async throws {
        try await withRedisServer { server in
            try await withNode(server, tracks: true) { (one: Node) async throws -> Void in
                try await withNode(server, tracks: true) { (two: Node) async throws -> Void in
                    try await body(server, one.cache, two.cache)
                }
            }
        }
    }

    @Test func aHundredKeysAreReadTogetherAndLoadedInOneCall() async throws {
        try await withNodes { server, one, two in
            let present = Dictionary(uniqueKeysWithValues: keys.prefix(40).map { ($0, 0) })
            try await two.set(present)
            try server.command("CONFIG", "RESETSTAT")
            let asked = Asked()
            let results = try await one.results(for: keys) { context -> Answers in
                asked.note(context.keys)
                return Dictionary(
                    uniqueKeysWithValues: context.keys.map {
                        ($0, $0 == "99" ? .failure(Failed()) : .success(Loaded(1)))
                    }
                )
            }
            #expect(asked.keys == [Array(keys.dropFirst(40))])
            #expect(results.values.count == 99 && results.values.values.count { $0 == 0 } == 40)
            #expect(throws: Failed.self) { _ = try results.outcomes["99"]?.get() }
            // One for each connection that has a part of the keys.
            let reads = try calls(of: "mget", on: server)
            #expect((1...16).contains(reads))
            // The other node finds what was loaded, and the failed one is nowhere.
            #expect(try await two.get(keys, as: Int.self).count == 99)
            #expect(try await two.get("99", as: Int.self) == nil)
        }
    }

    @Test func whoAsksForOneOfThemMeanwhileJoins() async throws {
        try await withNodes { _, one, _ in
            let asked = Asked()
            let (begun, start) = AsyncStream<Void>.makeStream()
            let (gate, open) = AsyncStream<Void>.makeStream()
            let bulk = Task {
                try await one.results(for: keys) { context -> Answers in
                    asked.note(context.keys)
                    start.finish()
                    for await _ in gate {}
                    return Dictionary(uniqueKeysWithValues: context.keys.map { ($0, .success(Loaded(1))) })
                }
            }
            for await _ in begun {}
            let single = Task {
                try await one.value(for: "7") {
                    asked.note(["7"])
                    return 2
                }
            }
            let isWaiting = try await eventually { try await one.explain("7").flights.first?.waiting == 2 }
            #expect(isWaiting)
            open.finish()
            let (together, alone) = (try await bulk.value.values, try await single.value)
            #expect(together.count == 100 && alone == 1 && asked.keys.count == 1)
        }
    }

    @Test func whatIsRemovedElsewhereDuringTheLoadIsNotKept() async throws {
        try await withNodes { _, one, two in
            let results = try await one.results(for: keys) { context -> Answers in
                _ = try await two.delete("7")
                return Dictionary(uniqueKeysWithValues: context.keys.map { ($0, .success(Loaded(1))) })
            }
            #expect(results.values.count == 100)
            #expect(results["7"]?.provenance.stored == false && results["8"]?.provenance.stored == true)
            #expect(try await two.get("7", as: Int.self) == nil)
            let isGone = try await eventually { try await one.get("7", as: Int.self) == nil }
            #expect(isGone)
        }
    }
}
