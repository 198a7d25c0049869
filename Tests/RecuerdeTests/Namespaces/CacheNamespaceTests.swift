import RecuerdeTesting
import Testing

@testable import Recuerde

/// Parts of a cache with a name of their own.
@Suite(.timeLimit(.minutes(1))) struct CacheNamespaceTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }

    private func caches() -> [Cache] { [nodes.memoryOnly(), nodes.node()] }

    // MARK: Keys

    @Test func aKeyIsThatOfTheCacheBehindTheName() async throws {
        let cache = nodes.memoryOnly()
        let users = cache.namespace("users")
        #expect(users.key("7:name") == "users:7:name")
        #expect(cache.namespace("a:b").key("x") == CacheKey("a:b", "x"))
        #expect(cache.namespace("a:b").key("x") != "a:b:x")
        #expect(users.namespace("old").key("7") == "users:old:7")
        try await users.set("7", to: 1)
        #expect(try await cache.get("users:7") == 1)
        #expect(try await cache.namespace("users").get("7") == 1)
        #expect(try await cache.get("7", as: Int.self) == nil)
    }

    /// The one documented way in which two names meet, and no other.
    @Test func namesMeetWhereTheirTextsDoAndNowhereElse() {
        let cache = nodes.memoryOnly()
        #expect(cache.namespace("foo").key("bar:x") == cache.namespace("foo").namespace("bar").key("x"))
        #expect(cache.namespace("foo").key("bar:x") == "foo:bar:x")
        let long = String(repeating: "x", count: 300)
        let imitation = CacheKey("a~" + String(repeating: "0", count: 64))
        var seen: [String: String] = [:]
        for name in ["foo", "foo:bar", "fo", "foobar", "foo%3Abar", long] {
            for key in [
                "x", "bar:x", "obar:x", CacheKey(long), CacheKey(long + "y"), CacheKey(parts: ["bar:x"]), imitation,
            ] {
                let text = cache.namespace(name).key(key).text
                #expect(text.utf8.count <= CacheKey.maximumReadableLength)
                #expect(seen.updateValue(name, forKey: text) == nil, "\(text)")
            }
        }
    }

    @Test(arguments: ["", String(repeating: "x", count: CacheKey.maximumLength + 1)])
    func whatIsNoNameIsToldByTheFirstCall(name: String) async throws {
        for namespace in [nodes.memoryOnly().namespace(name), nodes.memoryOnly().namespace("a").namespace(name)] {
            await #expect { try await namespace.set("k", to: 1) } throws: { ($0 as? CacheError)?.code == .invalidKey }
            await #expect { try await namespace.clear() } throws: { ($0 as? CacheError)?.code == .invalidKey }
        }
        await #expect { try await nodes.memoryOnly().namespace("a").set("", to: 1) } throws: {
            ($0 as? CacheError)?.code == .invalidKey
        }
    }

    @Test func hiddenNamesWorkAsOthers() async throws {
        let hashing = try KeyHashing(secret: [UInt8](repeating: 7, count: 32))
        let cache = nodes.node { $0.payload.keyHashing = hashing }
        let users = cache.namespace("users")
        try await users.set("7", to: 1)
        let answers = try await users.values(for: ["7", "8"]) { keys in
            #expect(keys == ["8"])
            return ["8": 2]
        }
        #expect(answers == ["7": 1, "8": 2])
        #expect(nodes.remote.names.allSatisfy { !$0.contains("users") })
        try await users.clear()
        #expect(try await users.get("7", as: Int.self) == nil)
        #expect(try await users.get("8", as: Int.self) == nil)
        #expect(users.statistics().total.sets == 2)
    }

    // MARK: Clear

    @Test(arguments: [false, true])
    func scenario7_aClearTakesWhatTheNamespaceHasKeptAndNothingElse(keepingStale: Bool) async throws {
        for cache in caches() {
            let (foo, foobar) = (cache.namespace("foo"), cache.namespace("foobar"))
            let inner = foo.namespace("bar")
            var options = EntryOptions()
            options.maximumStaleness = .seconds(100)
            options.tags = ["own"]
            try await foo.set("set", to: 1, options: options)
            _ = try await foo.value(for: "loaded", options: options) { 1 }
            // Loads that choose their tags themselves.
            _ = try await foo.result(for: "chosen", options: options) { _ in Loaded(1, tags: ["another"]) }
            _ = try await foo.results(for: ["several"], options: options) { (_: BulkLoadContext<Int>) in
                ["several": .success(Loaded(1, tags: ["another"]))]
            }
            try await inner.set("x", to: 1, options: options)
            try await foobar.set("x", to: 2)
            try await cache.set("foobar:y", to: 3)
            try await cache.set("foo:direct", to: 4)
            try await foo.clear(keepingStale: keepingStale)
            for key: CacheKey in ["set", "loaded", "chosen", "several", "bar:x"] {
                #expect(try await foo.get(key, as: Int.self) == nil, "\(key.text)")
                let fallen = try? await foo.value(for: key, options: options) { () -> Int in throw LoadFailure() }
                #expect(fallen == (keepingStale ? 1 : nil), "\(key.text)")
            }
            #expect(try await foobar.get("x") == 2)
            #expect(try await cache.get("foobar:y") == 3)
            // Nobody has said that it belongs to it.
            #expect(try await foo.get("direct") == 4)
            // And it goes on.
            try await foo.set("set", to: 5)
            #expect(try await foo.get("set") == 5)
            // One within it takes only its own.
            try await inner.set("x", to: 6)
            try await inner.clear()
            #expect(try await inner.get("x", as: Int.self) == nil)
            #expect(try await foo.get("set") == 5)
        }
    }

    @Test func aClearIsSeenByOtherNodes() async throws {
        let fleet = Fleet()
        let (one, two) = (fleet.node(1).namespace("foo"), fleet.node(2).namespace("foo"))
        try await one.set("x", to: 1)
        #expect(try await two.get("x") == 1)
        try await two.clear()
        #expect(try await one.get("x", as: Int.self) == nil)
        #expect(try await two.get("x", as: Int.self) == nil)
    }

    @Test func whatIsConfirmedStaysInTheNamespace() async throws {
        for cache in caches() {
            let foo = cache.namespace("foo")
            var options = EntryOptions.timeToLive(.seconds(1))
            options.maximumStaleness = .seconds(100)
            _ = try await foo.result(for: "k", options: options) { _ in Loaded(1, tags: ["t"]) }
            time.advance(by: .seconds(2))
            let result = try await foo.result(for: "k", options: options) { (context: LoadContext<Int>) in
                try context.notModified()
            }
            #expect(result.value == 1 && result.provenance.confirmed)
            #expect(try await foo.get("k") == 1)
            try await foo.clear()
            #expect(try await foo.get("k", as: Int.self) == nil)
        }
    }

    @Test func underPlainAClearSaysThatItCannot() async throws {
        let foo = nodes.node { $0.format = .plain }.namespace("foo")
        try await foo.set("x", to: 1)
        #expect(try await foo.get("x") == 1)
        _ = try await foo.result(for: "y") { _ in Loaded(1, tags: ["t"]) }
        #expect(try await foo.get("y") == 1)
        await #expect { try await foo.clear() } throws: { ($0 as? CacheError)?.code == .unsupported }
        #expect(try await foo.delete("x"))
        #expect(try await foo.get("x", as: Int.self) == nil)
    }

    @Test func oneKeyAtATimeGoesToo() async throws {
        for cache in caches() {
            let foo = cache.namespace("foo")
            var options = EntryOptions()
            options.maximumStaleness = .seconds(100)
            try await foo.set("a", to: 1, options: options)
            try await foo.set("b", to: 2, options: options)
            #expect(try await foo.delete("a"))
            #expect(try await foo.expire("b"))
            #expect(try await foo.get(["a", "b"], as: Int.self).isEmpty)
            options.acceptsStale = true
            #expect(try await foo.result(for: "b", as: Int.self, options: options)?.value == 2)
        }
    }

    // MARK: Options

    @Test func scenario42_optionsAreChosenByThePatternOfTheKey() async throws {
        let options = NamespaceOptions(
            defaults: .timeToLive(.seconds(100)),
            rules: [
                .init("*:name", .timeToLive(.seconds(10))),
                .init("7:*", .timeToLive(.seconds(20))),
            ]
        )
        for cache in caches() {
            let users = cache.namespace("users", options: options)
            func life(_ key: CacheKey, _ options: EntryOptions = EntryOptions()) async throws -> Duration? {
                try await users.result(for: key, options: options) { _ in Loaded(1) }.provenance.remaining
            }
            #expect(try await life("7:name") == .seconds(10))
            #expect(try await life("7:mail") == .seconds(20))
            #expect(try await life("8:mail") == .seconds(100))
            // The call goes before them, and the load before the call.
            #expect(try await life("9:name", .timeToLive(.seconds(3))) == .seconds(3))
            _ = try await users.result(for: "10:name", options: .timeToLive(.seconds(3))) { _ in
                Loaded(1, timeToLive: .seconds(2))
            }
            // Whichever way a value comes.
            try await users.set("11:name", to: 1)
            _ = try await users.values(for: ["12:name", "12:mail"]) { keys in
                Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
            }
            let lives: [(CacheKey, Int)] = [
                ("10:name", 2), ("11:name", 10), ("12:name", 10), ("12:mail", 100), ("8:mail", 100),
            ]
            for (key, seconds) in lives {
                let remaining = try await users.result(for: key, as: Int.self)?.provenance.remaining
                #expect(remaining == .seconds(seconds), "\(key.text)")
            }
            // Others of the cache are as ever.
            try await cache.set("7:name", to: 1)
            let remaining = try await cache.result(for: "7:name", as: Int.self)?.provenance.remaining
            #expect(remaining == cache.configuration.defaultTimeToLive)
        }
    }

    @Test func aClosureChoosesBeforePatternsDo() async throws {
        var tagged = EntryOptions()
        tagged.tags = ["chosen"]
        let options = NamespaceOptions(
            defaults: .timeToLive(.seconds(100)),
            rules: [.init("*", .timeToLive(.seconds(10)))],
            chooses: { [tagged] in $0.text.hasPrefix("big") ? .timeToLive(.seconds(50)) : $0 == "t" ? tagged : nil }
        )
        for cache in caches() {
            let space = cache.namespace("space", options: options)
            for (key, seconds): (CacheKey, Int) in [("bigger", 50), ("small", 10), ("t", 10)] {
                try await space.set(key, to: 1)
                let remaining = try await space.result(for: key, as: Int.self)?.provenance.remaining
                #expect(remaining == .seconds(seconds), "\(key.text)")
            }
            try await cache.invalidate(tags: ["chosen"])
            #expect(try await space.get("t", as: Int.self) == nil)
            #expect(try await space.get("small") == 1)
        }
    }

    @Test func whatTheCallLeavesOpenIsTakenFromTheDefaults() {
        var call = EntryOptions()
        #expect(describe(call.completed(by: EntryOptions())) == describe(EntryOptions()))
        var full = EntryOptions()
        full.timeToLive = .seconds(1)
        full.maximumStaleness = .seconds(2)
        full.negativeTimeToLive = .seconds(3)
        full.jitter = .fraction(0.1)
        full.tags = ["a", "b"]
        full.loadTimeout = .seconds(4)
        full.softTimeout = .seconds(5)
        full.hardTimeout = .seconds(6)
        full.failureThrottle = .seconds(7)
        full.earlyRefresh = 8
        full.loadsOncePerCluster = true
        full.acceptsStale = true
        full.readPolicy = .onlyIfCached
        full.maximumAge = .seconds(9)
        #expect(describe(call.completed(by: full)) == describe(full))
        #expect(describe(full.completed(by: call)) == describe(full))
        call.tags = ["b", "c"]
        call.timeToLive = .zero
        let both = call.completed(by: full)
        #expect(both.tags == ["b", "c", "a"] && both.timeToLive == .zero && both.hardTimeout == .seconds(6))
    }

    private func describe(_ options: EntryOptions) -> [String] {
        Mirror(reflecting: options).children.map { "\($0.label ?? ""): \($0.value)" }
    }

    @Test(arguments: [
        ("*", "anything:at:all", true), ("a*", "a", true), ("a*", "ba", false), ("*a", "ba", true), ("*a", "ab", false),
        ("user:*:profile", "user:7:profile", true), ("user:*:profile", "user:7:old:profile", true),
        ("user:*:profile", "user:7:profiles", false), ("user:*:profile", "user::profile", true),
        ("a*b*c", "abcbc", true), ("a*b*c", "acb", false), ("**", "x", true), ("x", "x", true), ("x", "xx", false),
        ("", "x", false), ("h*o", "h\u{E9}llo", true), ("a**b", "ab", true), ("*ab*ab*", "abxab", true),
        ("*ab*ab*", "abxa", false),
    ])
    func patterns(pattern: String, text: String, isMeant: Bool) {
        #expect(KeyPattern(pattern).matches(CacheKey(escapedText: text)) == isMeant)
    }

    // MARK: Statistics

    @Test func eachIsCountedByItself() async throws {
        for cache in [
            nodes.memoryOnly { $0.kinds = [CacheKind("hint")] }, nodes.node { $0.kinds = [CacheKind("hint")] },
        ] {
            let (foo, bar) = (cache.namespace("foo"), cache.namespace("bar"))
            try await foo.set("k", to: 1)
            _ = try await foo.get("k", as: Int.self)
            _ = try await cache.namespace("foo").get("other", as: Int.self)
            _ = try await bar.value(for: CacheKey("k", kind: CacheKind("hint"))) { 1 }
            _ = try? await bar.value(for: "fails") { () -> Int in throw LoadFailure() }
            _ = try await cache.get(CacheKey("k", kind: CacheKind("hint")), as: Int.self)
            let (ofFoo, ofBar, whole) = (foo.statistics(), bar.statistics(), cache.statistics())
            #expect(ofFoo.total.hits == 1 && ofFoo.total.misses == 1 && ofFoo.total.sets == 1 && ofFoo.loads == 0)
            #expect(ofBar.loads == 2 && ofBar.loadFailures == 1 && ofBar.total.misses == 2 && ofBar.total.sets == 1)
            #expect(whole.total.hits == 1 && whole.total.misses == 4 && whole.total.sets == 2 && whole.loads == 2)
            #expect(whole.perKind["foo"]?.hits == 1 && whole.perKind["bar"]?.misses == 2)
            #expect(whole.perKind["hint"]?.misses == 1 && whole.perKind["other"]?.misses == 0)
            cache.resetStatistics()
            #expect(foo.statistics().total == CacheStatistics.Counters())
            _ = try await foo.get("k", as: Int.self)
            #expect(foo.statistics().total.hits == 1 && cache.statistics().total.hits == 1)
        }
    }

    @Test func aNameOfAKindIsCountedWithIt() async throws {
        let cache = nodes.memoryOnly { $0.kinds = [CacheKind("hint")] }
        _ = try await cache.namespace("hint").get("k", as: Int.self)
        _ = try await cache.get(CacheKey("k", kind: CacheKind("hint")), as: Int.self)
        #expect(cache.statistics().perKind["hint"]?.misses == 2)
    }

    @Test func whereThereAreTooManyTheRestIsCountedTogether() async throws {
        let cache = nodes.memoryOnly()
        for number in 0..<CounterBook.maximumNamespaces + 10 {
            _ = try await cache.namespace("n\(number)").get("k", as: Int.self)
        }
        #expect(cache.statistics().perKind["other"]?.misses == 10)
        #expect(cache.statistics().total.misses == CounterBook.maximumNamespaces + 10)
    }

    @Test func aKeyOutlivesTheCacheThatItWasMadeFor() async throws {
        let key = nodes.memoryOnly().namespace("foo").key("k")
        let other = nodes.memoryOnly()
        _ = try await other.get(key, as: Int.self)
        // Counted where its own cache would be: nothing of that is told here, and nothing is written where it must not.
        #expect(other.statistics().total.misses == 0)
    }

    @Test func theKindOfAKeyStillSaysHowLong() async throws {
        let foo = nodes.memoryOnly().namespace("foo")
        let key = CacheKey("k", kind: CacheKind("hint", timeToLive: .seconds(7)))
        try await foo.set(key, to: 1)
        #expect(try await foo.result(for: key, as: Int.self)?.provenance.remaining == .seconds(7))
    }

    // MARK: Several caches

    @Test func cachesOfSeveralNamesShareAClientAndABudget() async throws {
        let budget = MemoryBudget(maximumBytes: 40_000)
        let names = ["feedback", "hints"]
        let caches = names.map { name in
            nodes.node {
                $0.prefix = name
                $0.memory.budget = budget
                $0.readingOrder = .memoryUnchecked
            }
        }
        let text = String(repeating: "x", count: 500)
        for cache in caches { for number in 0..<200 { try await cache.set(CacheKey("k\(number)"), to: text) } }
        #expect(budget.bytes <= 40_000)
        for cache in caches { #expect(cache.statistics().memoryBytes > 10_000) }
        // What memory could not hold is in the one store, each under its own name.
        for cache in caches { #expect(try await cache.get("k0") == text) }
        #expect(try await caches[0].clear() == 200)
        #expect(try await caches[0].get("k0", as: String.self) == nil)
        #expect(try await caches[1].get("k0") == text)
    }
}
