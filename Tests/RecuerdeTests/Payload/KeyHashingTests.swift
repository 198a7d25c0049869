import Logging
import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// Names that are hidden.
@Suite struct KeyHashingTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private let hashing: KeyHashing

    init() throws {
        hashing = try .sample()
    }

    private func node(_ change: (inout CacheConfiguration) -> Void = { _ in }) -> Cache {
        nodes.node {
            $0.payload.keyHashing = hashing
            change(&$0)
        }
    }

    @Test func theNameIsTheKnownOne() throws {
        // HMAC-SHA256 under 32 bytes of 1, over a zero byte and `user:1`, as computed by Python's `hmac`.
        let hasher = NameHasher(hashing)
        let name = hasher.hidden("user:1").text
        #expect(name == "%~" + Self.known)
        #expect(hasher.hidden("user:1").text == name)
        #expect(NameHasher(try .sample(seed: 2)).hidden("user:1").text != name)
        let others = [
            String(hasher.hidden(tag: "user:1").dropLast()), String(hasher.hidden(lock: "user:1").dropFirst(2)),
        ]
        #expect(Set(others + [Self.known]).count == 3 && others.allSatisfy { $0.utf8.count == 64 })
    }

    private static let known = "e97b21db43f98d2bec671fba4c140283af67a4ff0ce7b80eb1bacce0059f49ed"

    @Test func aHiddenNameIsNotHiddenAgainAndNoKeyOfPartsLooksLikeOne() throws {
        let hasher = NameHasher(hashing)
        let name = hasher.hidden("user:1")
        #expect(hasher.hidden(name) == name && NameHasher.isHidden(name))
        #expect(hasher.hidden(CacheKey(escapedText: name.text)) == name)
        let imitation = CacheKey(name.text)
        #expect(imitation != name && !NameHasher.isHidden(imitation))
        #expect(!NameHasher.isHidden(CacheKey(escapedText: "%~" + String(repeating: "G", count: 64))))
        #expect(!NameHasher.isHidden(CacheKey(escapedText: "%~" + String(repeating: "a", count: 63))))
    }

    @Test func theTableOfKnownNamesForgetsAndMixesNothingUp() {
        let hasher = NameHasher(hashing)
        let keys = (0..<20_000).map { CacheKey("key", String($0)) }
        let names = keys.map { hasher.hidden($0) }
        #expect(Set(names.map(\.text)).count == keys.count)
        for (key, name) in zip(keys, names).reversed() { #expect(hasher.hidden(key) == name) }
    }

    @Test func theKindStays() {
        let hasher = NameHasher(hashing)
        let kind = CacheKind("hint")
        #expect(hasher.hidden("k").kind == nil)
        #expect(hasher.hidden(CacheKey("k", kind: kind)).kind == kind)
        #expect(hasher.hidden("k").kind == nil)
    }

    @Test(arguments: WireFormat.allCases)
    func everyCallTakesTheKeyItself(format: WireFormat) async throws {
        let cache = node { $0.format = format }
        try await cache.set("a", to: 1)
        #expect(try await cache.get("a") == 1)
        #expect(try await cache.contains("a"))
        #expect(try await cache.result(for: "a", as: Int.self)?.value == 1)
        try await cache.set(["b": 2, "c": 3])
        #expect(try await cache.get(["a", "b", "c", "d"], as: Int.self) == ["a": 1, "b": 2, "c": 3])
        #expect(try await cache.value(for: "d") { 4 } == 4)
        #expect(try await cache.value(for: "d", fallback: 0) { 5 } == 4)
        #expect(try cache.onlyIfPresent("d") == 4)
        #expect(try await cache.lastKnown("d", as: Int.self)?.value == 4)
        if format == .envelope { #expect(try await cache.touch("d", timeToLive: .seconds(50))) }
        #expect(try await cache.expire("c"))
        #expect(try await cache.get("c", as: Int.self) == nil)
        #expect(try await cache.delete("a"))
        #expect(try await cache.get("a", as: Int.self) == nil)
        #expect(remote.names.filter { !$0.hasPrefix("{") }.allSatisfy { $0.contains(":%~") })
        // Another process with the same secret.
        #expect(try await node { $0.format = format }.get("b") == 2)
        #expect(try await nodes.node { $0.format = format }.get("b", as: Int.self) == nil)
        let keys = try await cache.keys().keys
        #expect(keys.count == 2 && keys.allSatisfy { $0.hasPrefix("%~") })
        // What is listed can be looked at, and removed.
        for key in keys {
            #expect(try await cache.explain(CacheKey(escapedText: key)).redis != nil)
            _ = try await cache.delete(CacheKey(escapedText: key))
        }
        #expect(try await cache.get("b", as: Int.self) == nil)
    }

    @Test func memoryAloneHidesToo() async throws {
        let removed = Mutex<[String]>([])
        let cache = nodes.memoryOnly {
            $0.payload.keyHashing = hashing
            $0.onRemoval = { removal in removed.withLock { $0.append(removal.key) } }
        }
        try await cache.set("a", to: 1)
        try await cache.set("a", to: "short way")
        #expect(try await cache.get("a") == "short way")
        #expect(try await cache.update("n") { ($0 ?? 0) + 1 } == 1)
        #expect(try await cache.update("n") { ($0 ?? 0) + 1 } == 2)
        #expect(try await cache.keys().keys.allSatisfy { $0.hasPrefix("%~") })
        let snapshot = cache.snapshot()
        #expect(snapshot.contains(text: "%~"))
        let restored = nodes.memoryOnly { $0.payload.keyHashing = hashing }
        #expect(restored.restore(snapshot) == 2)
        #expect(try await restored.get("a") == "short way")
        _ = try await cache.delete("a")
        #expect(removed.withLock { $0 }.allSatisfy { $0.hasPrefix("%~") })
    }

    @Test func aSnapshotInClearIsRestoredUnderHiddenNames() async throws {
        let readable = nodes.memoryOnly { _ in }
        var options = EntryOptions()
        options.tags = ["t"]
        try await readable.set("k", to: 1, options: options)
        let restored = nodes.memoryOnly { $0.payload.keyHashing = hashing }
        #expect(restored.restore(readable.snapshot()) == 1)
        #expect(try await restored.get("k") == 1)
        nodes.time.advance(by: .seconds(1))
        try await restored.invalidate(tags: ["t"])
        #expect(try await restored.get("k", as: Int.self) == nil)
    }

    @Test func noticesOfOthersChangesAreHeard() async throws {
        let board = NoticeBoard(remote)
        func cache(_ number: Int) -> Cache {
            var configuration = CacheConfiguration()
            configuration.prefix = "test"
            configuration.payload.keyHashing = hashing
            return Cache(configuration: configuration, remote: board.node(number), timeSource: nodes.time)
        }
        let (one, two) = (cache(1), cache(2))
        var options = EntryOptions()
        options.tags = ["t"]
        try await one.set("k", to: 1, options: options)
        #expect(try await two.get("k") == 1)
        let before = remote.counts.reads
        #expect(try await one.get("k") == 1)
        #expect(try await two.get("k") == 1)
        #expect(remote.counts.reads == before)
        try await one.set("k", to: 2, options: options)
        #expect(try await two.get("k") == 2)
        try await two.invalidate(tags: ["t"])
        #expect(try await one.get("k", as: Int.self) == nil)
        _ = try await one.delete("k")
        #expect(try await two.get("k", as: Int.self) == nil)
        #expect(one.statistics().invalidations + two.statistics().invalidations > 0)
    }

    /// What a load sees of the value that it may confirm carries the tags under their hidden names.
    @Test(arguments: [false, true]) func theTagsOfAConfirmedValueAreHiddenOnce(byHand: Bool) async throws {
        let cache = node()
        var options = EntryOptions()
        options.timeToLive = .seconds(10)
        options.maximumStaleness = .seconds(100)
        options.tags = ["t"]
        try await cache.set("k", to: 1, options: options)
        nodes.time.advance(by: .seconds(12))
        options.tags = []
        let confirmed = try await cache.result(for: "k", options: options) { (context: LoadContext<Int>) in
            let previous = try #require(context.previous)
            return byHand ? Loaded(previous.value, tags: previous.tags) : try context.notModified()
        }
        #expect(confirmed.provenance.confirmed != byHand)
        #expect(try await cache.get("k") == 1)
        try await cache.invalidate(tags: ["t"])
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await node().get("k", as: Int.self) == nil)
        let hasher = NameHasher(hashing)
        #expect(hasher.hidden(tag: hasher.hidden(tag: "t")) == hasher.hidden(tag: "t"))
        #expect(hasher.hidden(tag: String(repeating: "g", count: 64) + "~") != String(repeating: "g", count: 64) + "~")
        #expect(TagBook.text(of: hasher.hidden(tag: "t")) == hasher.hidden(tag: "t"))
    }

    @Test func anOutageIsReplayedUnderHiddenNames() async throws {
        let cache = node()
        try await cache.set("gone", to: 1)
        remote.behave(Nodes.down)
        try await cache.set("k", to: 2)
        _ = try await cache.delete("gone")
        #expect(try await cache.get("k") == 2)
        nodes.comeBack()
        #expect(try await cache.get("gone", as: Int.self) == nil)
        await nodes.settle(cache)
        #expect(try await node().get("k") == 2)
        #expect(try await node().get("gone", as: Int.self) == nil)
    }

    @Test func aClearTakesNamesOfEitherKind() async throws {
        let (hidden, readable) = (node(), nodes.node())
        try await hidden.set("k", to: 1)
        try await readable.set("k", to: 2)
        #expect(remote.names.count == 2)
        #expect(try await hidden.clear() == 2)
        #expect(remote.names.isEmpty)
    }

    @Test func locksAreHiddenAsWell() async throws {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        configuration.payload.keyHashing = hashing
        let cache = Cache(configuration: configuration, remote: LeaseTier(remote), timeSource: nodes.time)
        let names = try await cache.withLock("learner:maria") { [remote] _ in Array(remote.leaseOwners.keys) }
        #expect(names.count == 1 && names.allSatisfy { $0.contains(":lock:%~") && !$0.contains("maria") })
    }

    @Test func theLogTellsNothingOfTheKey() async throws {
        let record = LogRecord()
        var configuration = CacheConfiguration()
        configuration.payload.keyHashing = hashing
        let cache = Cache(configuration: configuration, timeSource: nodes.time, logger: record.logger(level: .debug))
        try await cache.set("learner:maria", to: 1)
        _ = try await cache.get("learner:maria", as: Int.self)
        // Not even by a hash that can be found by trying names.
        let digest = SHA256Hex.digest(of: "learner:maria".utf8).prefix(12)
        #expect(!record.lines.isEmpty)
        #expect(record.lines.allSatisfy { line in line.metadata.values.allSatisfy { !$0.contains(digest) } })
    }
}
