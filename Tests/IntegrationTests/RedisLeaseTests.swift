import Logging
import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Synchronization
import Testing

/// Leases of loads and locks on real servers. Where one waits for another, leases live for a minute: who is not woken by a message fails by the time limit of the tests.
@Suite(.serialized, .timeLimit(.minutes(1))) struct RedisLeaseTests {
    private static let name = "{test:v2:k}:l"

    private func leased(
        _ server: RedisServerProcess,
        url: String? = nil,
        timeToLive: Duration = .seconds(60),
        _ change: (inout CacheConfiguration) -> Void = { _ in },
        _ body: (Node) async throws -> Void
    ) async throws {
        try await withNode(
            server,
            url: url,
            tracks: true,
            {
                $0.defaultLoadsOncePerCluster = true
                $0.leaseTimeToLive = timeToLive
                // Nothing else is to end a wait.
                $0.leaseWait = .seconds(3_600)
                $0.defaultLoadTimeout = nil
                change(&$0)
            },
            body
        )
    }

    private func withTwo(
        _ options: RedisServerOptions = RedisServerOptions(),
        url: (RedisServerProcess) -> String? = { _ in nil },
        timeToLive: Duration = .seconds(60),
        changing change: (inout CacheConfiguration) -> Void = { _ in },
        _ body: (RedisServerProcess, Node, Node) async throws -> Void
    ) async throws {
        try await withRedisServer(options) { server in
            try await leased(server, url: url(server), timeToLive: timeToLive, change) { one in
                try await leased(server, url: url(server), timeToLive: timeToLive, change) { two in
                    try await body(server, one, two)
                }
            }
        }
    }

    /// A load under way behind a latch, which holds the lease.
    private func loading(_ node: Node, _ value: Int, behind latch: Latch) async throws -> Task<Int, any Error> {
        let task = Task {
            try await node.cache.value(for: "k") {
                await latch.pass()
                return value
            }
        }
        #expect(try await eventually { latch.count == 1 })
        return task
    }

    private func isFree(_ server: RedisServerProcess) async throws -> Bool {
        try await eventually { try server.command("EXISTS", Self.name) == "0" }
    }

    // MARK: The store

    @Test func redisKeepsTheContractOfAll() async throws {
        try await withRedisServer { server in
            try await withNode(server) { (node: Node) async throws -> Void in
                try await LeaseStoreConformance(store: RedisTier(client: node.client), prefix: "c:") { duration in
                    let clock = SystemTimeSource()
                    try await clock.sleep(until: clock.now().advanced(by: duration))
                }
                .checkAll()
            }
        }
    }

    @Test func aClusterKeepsTheContractOfAll() async throws {
        try await withRedisCluster(replicas: 0) { cluster in
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let client = try RedisConfiguration(url: RedisURL(cluster.url)).makeExecutor(logger: logger)
            do {
                for prefix in ["{a}", "{b}", "{c}"] {
                    try await LeaseStoreConformance(store: RedisTier(client: client), prefix: prefix) { duration in
                        let clock = SystemTimeSource()
                        try await clock.sleep(until: clock.now().advanced(by: duration))
                    }
                    .checkAll()
                }
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
        }
    }

    @Test func whatSomebodyPutThereIsNoLease() async throws {
        try await withTwo { server, one, _ in
            try server.command("SET", Self.name, "nonsense")
            #expect(try await one.cache.value(for: "k") { 1 } == 1)
            #expect(try await isFree(server))
            try server.command("HSET", Self.name, "a", "b")
            _ = try await one.cache.delete("k")
            #expect(try await one.cache.value(for: "k") { 2 } == 2)
            try server.command("SET", "{test:v2}:f", "nonsense")
            #expect(try await one.cache.withLock("job") { $0.number } > 1_000_000_000_000_000)
            try server.command("SET", "{test:v2}:f", "8000000000000000")
            #expect(try await one.cache.withLock("job") { $0.number } == 8_000_000_000_000_001)
            #expect(try server.command("GET", "{test:v2}:f") == "8000000000000001")
        }
    }

    // MARK: Loads

    @Test(arguments: [WireFormat.envelope, .plain])
    func scenario83_oneLoadAndTheOtherIsWokenByAMessage(format: WireFormat) async throws {
        try await withTwo(changing: { $0.format = format }) { server, one, two in
            // The first time the subscription is opened, the second time it stands.
            for round in 1...2 {
                let latch = Latch()
                let first = try await loading(one, round, behind: latch)
                let second = Task { try await two.cache.result(for: "k") { _ in Loaded(-1) } }
                #expect(try await eventually { two.cache.statistics().leaseWaits == round })
                latch.open()
                #expect(try await first.value == round)
                let result = try await second.value
                #expect(result.value == round && result.provenance.source == .redis)
                #expect(two.cache.statistics().loads == 0)
                #expect(try await one.cache.delete("k"))
                #expect(try await eventually { try await two.cache.get("k", as: Int.self) == nil })
            }
            #expect(try server.command("KEYS", "*:l") == "")
        }
    }

    /// The release falls into the time in which nobody hears it.
    @Test func whoSubscribesLateLooksOnceMore() async throws {
        try await withRedisServer { server in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            proxy.both(.stop)
            try await leased(server) { one in
                try await withAnnouncingNode(
                    server,
                    subscribingBy: proxy.url,
                    invalidation: .tracking,
                    {
                        $0.defaultLoadsOncePerCluster = true
                        $0.leaseWait = .seconds(3_600)
                        $0.defaultLoadTimeout = nil
                    }
                ) { (late: AnnouncingNode) async throws -> Void in
                    let latch = Latch()
                    let first = try await loading(one, 1, behind: latch)
                    let second = Task { try await late.cache.value(for: "k") { 2 } }
                    #expect(try await eventually { late.cache.statistics().leaseWaits == 1 })
                    try await pause(.milliseconds(500))
                    latch.open()
                    #expect(try await first.value == 1)
                    #expect(try await isFree(server))
                    proxy.both(.forward)
                    proxy.cut(reset: true)
                    #expect(try await second.value == 1)
                }
            }
        }
    }

    @Test func scenario83_differentPrefixesLoadEachByItself() async throws {
        try await withRedisServer { server in
            try await leased(server) { one in
                try await leased(server, { $0.prefix = "other" }) { other in
                    let latch = Latch()
                    let first = try await loading(one, 1, behind: latch)
                    #expect(try await other.cache.value(for: "k") { 2 } == 2)
                    #expect(other.cache.statistics().leaseWaits == 0)
                    latch.open()
                    #expect(try await first.value == 1)
                }
            }
        }
    }

    @Test func scenario83_anEarlyRefreshIsOnePerClusterAndBlocksNobody() async throws {
        try await withTwo { server, one, two in
            var options = EntryOptions.timeToLive(.seconds(3_600))
            options.earlyRefresh = 1e12
            _ = try await one.cache.result(for: "k", options: options) { _ in
                Loaded(1, cost: LoadCost(duration: .seconds(60)))
            }
            #expect(try await isFree(server))
            #expect(try await two.cache.get("k") == 1)
            let latch = Latch()
            #expect(
                try await one.cache.value(for: "k", options: options) {
                    await latch.pass()
                    return 2
                } == 1
            )
            #expect(try await eventually { latch.count == 1 })
            for _ in 0..<20 {
                #expect(try await two.cache.value(for: "k", options: options) { -1 } == 1)
            }
            #expect(try await eventually { two.cache.statistics().backgroundLoads == 0 })
            #expect(two.cache.statistics().loads == 0 && two.cache.statistics().earlyRefreshes == 0)
            latch.open()
            #expect(try await eventually { try await two.cache.get("k") == 2 })
            #expect(try await isFree(server))
        }
    }

    @Test func scenario84_theLeaseIsFreeWhereTheWriteFailsOrTheCallerLeaves() async throws {
        var options = RedisServerOptions()
        options.maxmemoryPolicy = "noeviction"
        try await withTwo(options) { server, one, two in
            let latch = Latch()
            let first = try await loading(one, 1, behind: latch)
            try server.command("CONFIG", "SET", "maxmemory", "1")
            latch.open()
            #expect(try await first.value == 1)
            #expect(try await isFree(server))
            try server.command("CONFIG", "SET", "maxmemory", "0")
            #expect(try await recovered(one))
            _ = try await two.cache.delete("k")
            #expect(try await eventually { try await one.cache.get("k", as: Int.self) == nil })
            let gone = Latch()
            let left = try await loading(one, 2, behind: gone)
            left.cancel()
            await #expect(throws: CancellationError.self) { try await left.value }
            #expect(try server.command("EXISTS", Self.name) == "1")
            gone.open()
            #expect(try await isFree(server))
            #expect(try await two.cache.value(for: "k") { 3 } == 2)
            #expect(two.cache.statistics().leaseWaits == 0)
        }
    }

    @Test func scenario85_anOwnerThatIsCutOffLosesItByItsTime() async throws {
        try await withRedisServer { server in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            try await leased(server, url: proxy.url, timeToLive: .milliseconds(600)) { cutOff in
                try await leased(server) { other in
                    let latch = Latch()
                    let first = try await loading(cutOff, 1, behind: latch)
                    // It lives, and so it is renewed.
                    for _ in 0..<10 {
                        try await pause(.milliseconds(150))
                        #expect(try server.command("EXISTS", Self.name) == "1")
                    }
                    proxy.both(.stop)
                    proxy.cut(reset: true)
                    #expect(try await other.cache.value(for: "k") { 2 } == 2)
                    #expect(other.cache.statistics().leaseWaits <= 1)
                    proxy.both(.forward)
                    proxy.cut(reset: true)
                    latch.open()
                    #expect(try await first.value == 1)
                    #expect(try await recovered(cutOff))
                    // It began before the other.
                    #expect(try await eventually { try await cutOff.cache.get("k") == 2 })
                    #expect(try await other.cache.get("k") == 2)
                }
            }
        }
    }

    @Test func scenario85_whoWaitsLoadsWhereTheServerDies() async throws {
        try await withTwo { server, one, two in
            let latch = Latch()
            let first = try await loading(one, 1, behind: latch)
            let second = Task { try await two.cache.value(for: "k") { 2 } }
            #expect(try await eventually { two.cache.statistics().leaseWaits == 1 })
            #expect(try await eventually { try server.command("PUBSUB", "NUMSUB", "test:leases").hasSuffix("1") })
            // Whatever is still under way comes to its end, so that nothing but the broken subscription can wake it.
            try await pause(.milliseconds(500))
            server.kill()
            // The lease would have lasted for a minute, and the load as long.
            #expect(try await second.value == 2)
            latch.open()
            #expect(try await first.value == 1)
            #expect(try await two.cache.value(for: "l") { 3 } == 3)
        }
    }

    @Test func scenario85_whoWaitsLoadsWhereTheServerFreezes() async throws {
        try await withTwo(timeToLive: .seconds(1)) { server, one, two in
            let latch = Latch()
            let first = try await loading(one, 1, behind: latch)
            let second = Task { try await two.cache.value(for: "k") { 2 } }
            #expect(try await eventually { two.cache.statistics().leaseWaits == 1 })
            server.pause()
            #expect(try await second.value == 2)
            latch.open()
            #expect(try await first.value == 1)
            server.resume()
            #expect(try await recovered(one))
            #expect(try await recovered(two))
            #expect(try await isFree(server))
        }
    }

    // MARK: Locks

    @Test func oneAtATimeAndEachWithAGreaterNumber() async throws {
        try await withTwo { server, one, two in
            let watcher = Watcher()
            let tasks = (0..<40).map { round in
                let cache = (round % 2 == 0 ? one : two).cache
                return Task {
                    try await cache.withLock("job", wait: .seconds(50)) { token in
                        watcher.enter(token)
                        try await pause(.milliseconds(1))
                        watcher.leave()
                    }
                }
            }
            for task in tasks { try await task.value }
            #expect(watcher.most == 1)
            let given = watcher.tokens
            #expect(given == given.sorted() && Set(given).count == 40)
            #expect(try server.command("KEYS", "*lock*") == "")
            // What is cleared are entries.
            try await one.cache.withLock("job") { _ in
                _ = try await two.cache.clear()
                await #expect(throws: CacheError.self) { try await two.cache.withLock("job") { _ in } }
            }
        }
    }

    @Test func whereDataIsLostTheWorkIsCancelled() async throws {
        try await withTwo { server, one, two in
            let latch = Latch()
            let cancelled = Latch()
            cancelled.open()
            let first = Task {
                try await one.cache.withLock("job", ttl: .milliseconds(600)) { token in
                    await withTaskCancellationHandler {
                        await latch.pass()
                    } onCancel: {
                        Task { await cancelled.pass() }
                    }
                    return token
                }
            }
            #expect(try await eventually { latch.count == 1 })
            try server.command("FLUSHALL")
            let number = try await two.cache.withLock("job") { $0.number }
            #expect(try await eventually { cancelled.count == 1 })
            latch.open()
            let error = await #expect(throws: CacheError.self) { try await first.value }
            #expect(error?.code == .lockLost)
            #expect(try await two.cache.withLock("job") { $0.number } > number)
        }
    }

    @Test func whereTheServerIsGoneALockIsRefusedAndOneThatIsHeldIsLost() async throws {
        try await withTwo { (server: RedisServerProcess, one: Node, two: Node) async throws -> Void in
            let latch = Latch()
            let first = Task {
                try await one.cache.withLock("job", ttl: .milliseconds(600)) { _ in
                    await latch.pass()
                    try await pause(.seconds(50))
                }
            }
            #expect(try await eventually { latch.count == 1 })
            server.kill()
            latch.open()
            let lost = await #expect(throws: CacheError.self) { try await first.value }
            #expect(lost?.code == .lockLost)
            let refused = await #expect(throws: CacheError.self) {
                try await two.cache.withLock("job", wait: .seconds(50)) { _ in }
            }
            #expect(refused?.code == .remoteFailed)
        }
    }

    // MARK: Rights

    /// Just what docs/setup.md names for a cache, and what leases need besides.
    private static let rights =
        "~test:* ~{test:* +get +mget +set +del +unlink +scan +exists +getrange +time +pttl +pexpire +hget +hset +ping +evalsha "
        + "+eval +select +client|setname +client|tracking +client|trackinginfo"

    @Test func theLeastACLIsEnough() async throws {
        var options = RedisServerOptions()
        options.users = ["cache on >secret resetchannels \(Self.rights) +publish +subscribe &test:leases"]
        try await withTwo(options, url: { "redis://cache:secret@127.0.0.1:\($0.port)/0" }) { server, one, two in
            let latch = Latch()
            let first = try await loading(one, 1, behind: latch)
            let second = Task { try await two.cache.value(for: "k") { 2 } }
            #expect(try await eventually { two.cache.statistics().leaseWaits == 1 })
            latch.open()
            #expect(try await first.value == 1)
            #expect(try await second.value == 1)
            #expect(try await two.cache.withLock("job") { _ in 3 } == 3)
            #expect(one.cache.statistics().total.errors == 0 && two.cache.statistics().total.errors == 0)
        }
    }

    /// Without the rights to tell and to hear, whoever waits looks when the lease would have run out.
    @Test(arguments: ["", "+publish &test:leases", "+subscribe &test:leases"])
    func withoutTheRightsOneLooksByItself(rights: String) async throws {
        var options = RedisServerOptions()
        options.users = ["cache on >secret resetchannels \(Self.rights) \(rights)"]
        try await withTwo(
            options,
            url: { "redis://cache:secret@127.0.0.1:\($0.port)/0" },
            timeToLive: .seconds(1)
        ) { server, one, two in
            let latch = Latch()
            let first = try await loading(one, 1, behind: latch)
            let second = Task { try await two.cache.value(for: "k") { 2 } }
            #expect(try await eventually { two.cache.statistics().leaseWaits == 1 })
            latch.open()
            #expect(try await first.value == 1)
            #expect(try await isFree(server))
            #expect(try await second.value == 1)
            #expect(two.cache.statistics().loads == 0)
        }
    }

    private func pause(_ duration: Duration) async throws {
        let clock = SystemTimeSource()
        try await clock.sleep(until: clock.now().advanced(by: duration))
    }
}

/// Stays shut until a test opens it, and counts who has come.
private final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var count = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock(\.count) }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.count += 1
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// Counts how many are inside at once.
private final class Watcher: Sendable {
    private let state = Mutex<(inside: Int, most: Int, tokens: [FencingToken])>((0, 0, []))

    var most: Int { state.withLock(\.most) }
    var tokens: [FencingToken] { state.withLock(\.tokens) }

    func enter(_ token: FencingToken) {
        state.withLock { state in
            state.inside += 1
            state.most = max(state.most, state.inside)
            state.tokens.append(token)
        }
    }

    func leave() {
        state.withLock { $0.inside -= 1 }
    }
}
