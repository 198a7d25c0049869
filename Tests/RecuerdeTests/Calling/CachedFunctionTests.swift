import Foundation
import Recuerde
import RecuerdeTesting
import Synchronization
import Testing

private enum Language: String, CacheKeyPart { case spanish, basque }

private struct Town: CacheKeyPart, Sendable {
    var country: String
    var name: String

    func append(to key: inout CacheKeyBuilder) {
        key.append(country)
        key.append(name)
    }
}

/// Counts runs.
private final class Runs: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    @discardableResult
    func add() -> Int {
        state.withLock {
            $0 += 1
            return $0
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct CachedFunctionTests {
    private let time = ManualTimeSource()
    private let runs = Runs()

    private var cache: Cache { Cache(timeSource: time) }

    @Test func runsOnceForTheSameArguments() async throws {
        let forecast = cache.caching("forecast") { [runs] (city: String, day: Int) in
            runs.add()
            return "\(city) \(day)"
        }
        #expect(try await forecast("Bilbao", 1) == "Bilbao 1")
        #expect(try await forecast("Bilbao", 1) == "Bilbao 1")
        #expect(try await forecast("Bilbao", 2) == "Bilbao 2")
        #expect(runs.count == 2)
    }

    @Test func takesNoneToFourArguments() async throws {
        let cache = cache
        let none = cache.caching("none") { () in 0 }
        let one = cache.caching("one") { (a: Int) in a }
        let three = cache.caching("three") { (a: Int, b: String, c: Bool) in "\(a)\(b)\(c)" }
        let four = cache.caching("four") { (a: Int, b: Int, c: Int, d: Int) in [a, b, c, d] }
        #expect(try await none() == 0)
        #expect(try await one(7) == 7)
        #expect(try await three(1, "b", true) == "1btrue")
        #expect(try await four(1, 2, 3, 4) == [1, 2, 3, 4])
        #expect(none.key() == CacheKey("none"))
        #expect(one.key(for: 7) == CacheKey("one", "7"))
        #expect(three.key(for: 1, "b", true) == CacheKey("three", "1", "b", "true"))
        #expect(four.key(for: 1, 2, 3, 4) == CacheKey("four", "1", "2", "3", "4"))
        #expect(try await cache.get(four.key(for: 1, 2, 3, 4), as: [Int].self) == [1, 2, 3, 4])
    }

    @Test func argumentsCannotPassForEachOther() {
        let two = cache.caching("f") { (a: String, b: String) in a + b }
        #expect(two.key(for: "a:b", "c") != two.key(for: "a", "b:c"))
        #expect(two.key(for: "", "a") != two.key(for: "a", ""))
        #expect(two.key(for: "a%3Ab", "c") != two.key(for: "a:b", "c"))
        let optional = cache.caching("f") { (a: String?, b: String?) in (a ?? "") + (b ?? "") }
        #expect(optional.key(for: nil, "0") != optional.key(for: "0", nil))
        #expect(optional.key(for: nil, nil) != optional.key(for: "", nil))
        let lists = cache.caching("f") { (a: [String], b: [String]) in a + b }
        #expect(lists.key(for: ["a", "b"], []) != lists.key(for: ["a"], ["b"]))
        #expect(lists.key(for: ["a", "1", "b"], []) != lists.key(for: ["a"], ["b"]))
        let nested = cache.caching("f") { (a: [[String]]) in a }
        #expect(nested.key(for: [["a"], ["b"]]) != nested.key(for: [["a", "b"]]))
        #expect(nested.key(for: [[], ["a"]]) != nested.key(for: [["a"], []]))
    }

    @Test func writesEachTypeInItsOwnWay() throws {
        let id = try #require(UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F"))
        #expect(cache.caching("f") { (a: UUID) in 0 }.key(for: id) == CacheKey("f", id.uuidString))
        #expect(cache.caching("f") { (a: Language) in 0 }.key(for: .basque) == CacheKey("f", "basque"))
        #expect(
            cache.caching("f") { (a: Int8, b: UInt64) in 0 }.key(for: -8, .max) == CacheKey("f", "-8", "\(UInt64.max)")
        )
        #expect(cache.caching("f") { (a: Double) in 0 }.key(for: 0.1) == CacheKey("f", "0.1"))
        #expect(
            cache.caching("f") { (a: Town) in 0 }.key(for: Town(country: "es", name: "a:b"))
                == CacheKey("f", "es", "a:b")
        )
        #expect(cache.caching("f") { (a: Set<Int>) in 0 }.key(for: [2, 1, 10]) == CacheKey("f", "3", "1", "10", "2"))
        #expect(cache.caching("f") { (a: String) in 0 }.key(for: "e\u{301}") == CacheKey("f", "\u{e9}"))
        #expect(cache.caching("a:b") { (a: Int) in 0 }.key(for: 1) == CacheKey("a:b", "1"))
    }

    @Test func concurrentCallsShareOneRun() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let cache = cache
        let slow = cache.caching("slow") { [runs] (a: Int) in
            let run = runs.add()
            for await _ in gate { break }
            return run
        }
        let results = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await slow(1) } }
            while runs.count == 0 { await Task.yield() }
            opener.finish()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results == Array(repeating: 1, count: 20))
        #expect(runs.count == 1)
    }

    @Test func throwsWhatTheFunctionThrowsAndKeepsNothing() async throws {
        struct Broken: Error {}
        let failing = cache.caching("failing") { [runs] (a: Int) throws -> Int in
            if runs.add() == 1 { throw Broken() }
            return a
        }
        await #expect(throws: Broken.self) { try await failing(1) }
        #expect(try await failing(1) == 1)
    }

    @Test func whatItThrowsReachesAllWhoWait() async throws {
        struct Broken: Error {}
        let cache = cache
        let door = Door()
        let failing = cache.caching("failing") { [runs] (a: Int) throws -> Int in
            runs.add()
            await door.pass()
            throw Broken()
        }
        let failures = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        _ = try await failing(1)
                        return false
                    } catch { return error is Broken }
                }
            }
            // All of them wait before it fails.
            await eventually { (try? await cache.explain(failing.key(for: 1)))?.flights.first?.waiting == 20 }
            door.open()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failures == 20)
        #expect(runs.count == 1)
        await #expect(throws: Broken.self) { try await failing(1) }
        #expect(runs.count == 2)
    }

    @Test func forgetsTheResultOfTheseArgumentsAlone() async throws {
        let counted = cache.caching("counted") { [runs] (a: Int) in runs.add() }
        #expect(try await counted(1) == 1)
        #expect(try await counted(2) == 2)
        try await counted.invalidate(1)
        #expect(try await counted(1) == 3)
        #expect(try await counted(2) == 2)
        #expect(try await counted.refresh(2) == 4)
        #expect(try await counted(2) == 4)
    }

    @Test func bindsALoadForKeysThatAreMadeElsewhere() async throws {
        let cache = cache
        let bound = cache.caching { [runs] (key: CacheKey) in "\(key.text) \(runs.add())" }
        #expect(try await bound("a") == "a 1")
        #expect(try await bound("a") == "a 1")
        #expect(try await bound("b") == "b 2")
        #expect(try await cache.get("a", as: String.self) == "a 1")
        #expect(try await bound.refresh("a") == "a 3")
        try await bound.invalidate("a")
        #expect(try await cache.get("a", as: String.self) == nil)
        #expect(try await bound.result(for: "b").value == "b 2")
        await #expect(throws: CacheError.self) { try await bound(CacheKey("")) }
    }

    @Test func heedsItsOptionsAndKind() async throws {
        var options = EntryOptions.timeToLive(.seconds(10))
        options.maximumAge = .seconds(3)
        var configuration = CacheConfiguration()
        configuration.kinds = [CacheKind("forecast")]
        let cache = Cache(configuration: configuration, timeSource: time)
        let counted = cache.caching("counted", kind: CacheKind("forecast"), options: options) { [runs] (a: Int) in
            runs.add()
        }
        #expect(try await counted(1) == 1)
        time.advance(by: .seconds(2))
        #expect(try await counted(1) == 1)
        time.advance(by: .seconds(2))
        #expect(try await counted(1) == 2)
        #expect(cache.statistics().perKind["forecast"]?.hits == 1)
        let result = try await counted.result(for: 1)
        #expect(result.value == 2)
        #expect(result.provenance.source == .memory)
        var brief = EntryOptions.timeToLive(.seconds(10))
        brief.readPolicy = .bypass
        let bypassing = cache.caching("counted", options: brief) { [runs] (a: Int) in runs.add() }
        #expect(try await bypassing(1) == 3)
        #expect(try await bypassing(1) == 4)
    }

    @Test func refusesArgumentsThatAreTooLong() async throws {
        let long = cache.caching("long") { (a: String) in a }
        await #expect(throws: CacheError.self) { try await long(String(repeating: "a", count: 70_000)) }
        #expect(try await long(String(repeating: "a", count: 60_000)).count == 60_000)
    }
}
