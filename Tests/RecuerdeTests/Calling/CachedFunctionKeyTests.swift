import Foundation
import Recuerde
import RecuerdeTesting
import Testing

/// What a list of arguments is called by: the same for equal ones, another for all others.
@Suite struct CachedFunctionKeyTests {
    private let cache = Cache(timeSource: ManualTimeSource())

    /// Texts that look like structure, like counts, like escapes, like the absence of a value and like a shortened key.
    private let texts = [
        "", " ", ":", "::", "%", "%3A", "%253A", "a", "a:", ":a", "a:b", "b", "{a}", "\u{0}", "\n", "\r\n", "0", "1",
        "2", "-1", "nil", "e", "e\u{301}",
        "\u{301}", "\u{307}", "{\u{307}", "a~" + String(repeating: "0", count: 64), String(repeating: "a", count: 300),
        String(repeating: "a", count: 301),
    ]

    @Test func noTwoListsOfArgumentsShareAKey() {
        let function = cache.caching("f") { (_: String?, _: [String?], _: String) in 0 }
        let optionals = texts + [nil]
        let lists: [[String?]] =
            [[], [nil, nil, nil]] + optionals.map { [$0] } + optionals.flatMap { [[$0, "a"], ["1", $0]] }
        var keys: Set<CacheKey> = []
        var count = 0
        for first in optionals {
            for list in Set(lists) {
                for last in ["", "a", "1", ":", "0:1"] {
                    keys.insert(function.key(for: first, list, last))
                    count += 1
                }
            }
        }
        #expect(count > 10_000)
        #expect(keys.count == count)
    }

    @Test func nestedListsAreToldApart() {
        let function = cache.caching("f") { (_: [[Int]?]) in 0 }
        let lists: [[[Int]?]] = [
            [], [nil], [[]], [nil, nil], [[], []], [nil, []], [[], nil], [[0]], [[1]], [[1, 1]], [[1], [1]],
            [[1], nil], [nil, [1]], [[], [1]], [[1], []],
            [[1, 0]], [[0, 1]], [[2, 1, 1]], [[-1]], [[1, 1, 1], [1]], [[1], [1, 1, 1]],
        ]
        #expect(Set(lists).count == lists.count)
        #expect(Set(lists.map { function.key(for: $0) }).count == lists.count)
    }

    @Test func everyBitOfANumberCounts() {
        let doubles: [Double] = [
            0, -0.0, 1, -1, 0.1, Double(0.1).nextUp, .infinity, -.infinity, .nan, -.nan, .signalingNaN,
            Double(nan: 1, signaling: false),
            .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e16, 1e-5,
            12_345_678_901_234_568,
        ]
        #expect(Set(doubles.map(\.bitPattern)).count == doubles.count)
        let number = cache.caching("f") { (_: Double) in 0 }
        #expect(Set(doubles.map { number.key(for: $0) }).count == doubles.count)
        #expect(number.key(for: .nan) == number.key(for: .nan))
        let single = cache.caching("f") { (_: Float) in 0 }
        let floats: [Float] = [0, -0.0, 0.1, Float(0.1).nextUp, .infinity, .nan, -.nan, .signalingNaN, 1e16]
        #expect(Set(floats.map { single.key(for: $0) }).count == floats.count)
        let date = cache.caching("f") { (_: Date) in 0 }
        let dates = doubles.map { Date(timeIntervalSinceReferenceDate: $0) }
        #expect(Set(dates.map { date.key(for: $0) }).count == doubles.count)
        let pair = cache.caching("f") { (_: Int, _: Int) in 0 }
        let whole = [Int.min, -10, -1, 0, 1, 10, 11, .max]
        let keys = whole.flatMap { first in whole.map { pair.key(for: first, $0) } }
        #expect(Set(keys).count == whole.count * whole.count)
    }

    @Test func equalTextsShareAKeyAndOthersDoNot() {
        let two = cache.caching("f") { (_: String, _: String) in 0 }
        // Canonically equivalent: one text to Swift, whatever its scalars.
        #expect(two.key(for: "e\u{301}", "K") == two.key(for: "\u{e9}", "\u{212A}"))
        #expect(two.key(for: "{\u{307}", "") == two.key(for: "{\u{307}", ""))
        // Only compatible.
        #expect(two.key(for: "fi", "") != two.key(for: "\u{FB01}", ""))
        #expect(two.key(for: "e", "\u{301}") != two.key(for: "e\u{301}", ""))
        #expect(two.key(for: "e", "") != two.key(for: "e\u{301}", ""))
        let part = cache.caching("f") { (_: Substring, _: Character) in 0 }
        #expect(part.key(for: "ab", "c") == two.key(for: "ab", "c"))
    }

    @Test func setsAreCalledTheSameInAnyOrder() {
        let function = cache.caching("f") { (_: Set<String>) in 0 }
        let words = (0..<50).map { "word \($0)" }
        let key = function.key(for: Set(words))
        #expect(function.key(for: Set(words.reversed())) == key)
        var roomy = Set<String>(minimumCapacity: 1_000)
        for word in words { roomy.insert(word) }
        #expect(function.key(for: roomy) == key)
        #expect(function.key(for: Set(words.dropLast())) != key)
        #expect(function.key(for: ["a", "b"]) != function.key(for: ["a:b"]))
    }

    @Test func namesDoNotRunIntoArguments() {
        let none = cache.caching("f:a") { () in 0 }
        let one = cache.caching("f") { (_: String) in 0 }
        let two = cache.caching("f") { (_: String, _: String) in 0 }
        #expect(none.key() != one.key(for: "a"))
        #expect(one.key(for: "a:b") != two.key(for: "a", "b"))
        #expect(one.key(for: "") != cache.caching("f") { () in 0 }.key())
        #expect(cache.caching("f%3Aa") { () in 0 }.key() != none.key())
    }
}
