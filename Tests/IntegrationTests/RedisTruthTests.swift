import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Synchronization
import Testing

/// Nodes on one real server: nothing that came too late is stored, whatever happened meanwhile.
@Suite(.serialized) struct RedisTruthTests {
    /// What happens while a load of another node is under way.
    enum Event: CaseIterable, Sendable {
        case clear, deletion, deletionWhoseTombstoneIsEvicted, set, flushall, restartWithoutData
    }

    @Test(arguments: Event.allCases)
    func aLoadOfAnotherNodeIsNotStoredAfter(event: Event) async throws {
        try await withRedisServer { server in
            try await withNode(server) { (loading: Node) async throws -> Void in
                try await withNode(server) { (other: Node) async throws -> Void in
                    let (started, start) = AsyncStream<Void>.makeStream()
                    let (goingOn, go) = AsyncStream<Void>.makeStream()
                    async let loaded = loading.cache.value(for: "k") {
                        start.finish()
                        for await _ in goingOn {}
                        return "old"
                    }
                    for await _ in started {}
                    switch event {
                    case .clear: _ = try await other.cache.clear()
                    case .deletion: _ = try await other.cache.delete("k")
                    case .deletionWhoseTombstoneIsEvicted:
                        _ = try await other.cache.delete("k")
                        #expect(try server.command("DEL", "{test:v2:k}:t") == "1")
                    case .set: try await other.cache.set("k", to: "new")
                    case .flushall: try server.command("FLUSHALL")
                    case .restartWithoutData: try server.restart()
                    }
                    go.finish()
                    #expect(try await loaded == "old")
                    #expect(try await recovered(loading))
                    #expect(try await recovered(other))
                    let expected: String? = event == .set ? "new" : nil
                    // What waited in the journal because its connection was lost is given up as well.
                    #expect(try await other.cache.get("k", as: String.self) == expected)
                    #expect(try await loading.cache.get("k", as: String.self) == expected)
                }
            }
        }
    }

    @Test(arguments: [true, false])
    func whatANodeWroteWhileItWasCutOffDoesNotComeAfterAClear(losesData: Bool) async throws {
        try await withRedisServer { server in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            try await withNode(server, url: "redis://127.0.0.1:\(proxy.port)") { (cutOff: Node) async throws -> Void in
                try await withNode(server) { (connected: Node) async throws -> Void in
                    try await cutOff.cache.set("k", to: "before")
                    proxy.both(.stop)
                    try await cutOff.cache.set("k", to: "during")
                    try await cutOff.cache.set("l", to: "during")
                    #expect(cutOff.cache.statistics().journalDepth == 2)
                    // Later the connection is given up too, and there is no other: that is still no proof that nobody is there.
                    proxy.cut(reset: true)
                    #expect(
                        try await eventually {
                            _ = try await cutOff.cache.get("some:other:key", as: Int.self)
                            return await cutOff.cache.health().redis.lastError?.contains("connectFailed") == true
                        }
                    )
                    try await cutOff.cache.set("m", to: "during")
                    if losesData {
                        #expect(try await connected.cache.delete("k"))
                        _ = try await connected.cache.delete("l")
                        _ = try await connected.cache.delete("m")
                        try server.command("FLUSHALL")
                    } else {
                        #expect(try await connected.cache.clear() == 1)
                    }
                    proxy.both(.forward)
                    proxy.cut(reset: true)
                    #expect(try await recovered(cutOff))
                    for node in [cutOff, connected] {
                        for key in ["k", "l", "m"] as [CacheKey] {
                            #expect(try await node.cache.get(key, as: String.self) == nil)
                        }
                    }
                    // Nothing but the marks, and the tombstones of what was given up.
                    #expect(try server.command("KEYS", "test:*") == "")
                }
            }
        }
    }

    @Test func whatWasWrittenWhileTheServerWasDeadOutlivesARestartWithoutData() async throws {
        try await withRedisServer { server in
            try await withNode(server) { (one: Node) async throws -> Void in
                try await withNode(server) { (two: Node) async throws -> Void in
                    try await one.cache.set("k", to: "before")
                    server.kill()
                    #expect(try await eventually { await !one.cache.health().redis.available })
                    #expect(try await eventually { await !two.cache.health().redis.available })
                    try await one.cache.set("k", to: "during")
                    #expect(try await two.cache.value(for: "l") { "paid for" } == "paid for")
                    try server.restart()
                    #expect(try await recovered(one))
                    #expect(try await recovered(two))
                    for node in [one, two] {
                        #expect(try await node.cache.get("k") == "during")
                        #expect(try await node.cache.get("l") == "paid for")
                    }
                }
            }
        }
    }
}
