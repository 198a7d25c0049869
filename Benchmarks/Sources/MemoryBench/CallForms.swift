import Recuerde

/// What a hit costs through each form of a call, beside a bare one: time, and allocations where a counter is loaded (`Benchmarks/truths`).
struct CallForms {
    enum Form: String, CaseIterable {
        case get = "get"
        case bound = "caching of keys: the load bound once"
        case constant = "value(for:load:), the load in a constant"
        case adHoc = "value(for:) { }, a closure that captures"
        case long = "value(for:) { }, with a maximum age"
        case getMade = "get, key of three parts made each time"
        case cachingNone = "caching, no argument"
        case cachingOne = "caching, one argument"
        case cachingTwo = "caching, two arguments"
    }

    private static let count = 1_000
    private static let cities = ["Bilbao", "Madrid", "Sevilla", "Vigo"]

    let hits: Int
    private let cache = Cache()
    private let keys = (0..<Self.count).map { CacheKey("call-\($0)") }
    /// What the loads capture; none of them ever runs while it is measured.
    private let value = [UInt8](repeating: 1, count: 100)

    /// Prints a table, or one JSON object a line.
    static func measure(hits: Int, json: Bool) async throws {
        let forms = CallForms(hits: hits)
        let bound = forms.cache.caching { [value = forms.value] (_: CacheKey) in value }
        let none = forms.cache.caching("none") { [value = forms.value] () in value }
        let one = forms.cache.caching("one") { [value = forms.value] (_: Int) in value }
        let two = forms.cache.caching("two") { [value = forms.value] (_: String, _: Int) in value }
        _ = try await none()
        for number in 0..<count {
            try await forms.cache.set(forms.keys[number], to: forms.value)
            _ = try await one(number)
            _ = try await two(cities[number & 3], number)
        }
        var times: [Form: [Int]] = [:]
        var allocations: [Form: Int] = [:]
        // In turns, and the first for warmth; the median of the others.
        for turn in 0...7 {
            for form in Form.allCases {
                let (before, start) = (allocationsSoFar(), nanoseconds())
                let found = try await forms.run(form, bound, none, one, two)
                let (time, after) = (nanoseconds() - start, allocationsSoFar())
                guard found == hits else { fatal("\(hits - found) of \(hits) calls found something else") }
                if turn > 0 { times[form, default: []].append(time) }
                allocations[form] = before.flatMap { before in after.map { $0 - before } }
            }
        }
        let loads = forms.cache.statistics().loads
        guard loads == 2 * count + 1 else { fatal("\(loads - 2 * count - 1) loads ran that should have been hits") }
        let bare = times[.get]?.sorted()[3] ?? 1
        if !json {
            print("a hit, one caller (median of 7)                   ns   to get   allocations in \(hits) hits")
        }
        for form in Form.allCases {
            let time = times[form]?.sorted()[3] ?? 0
            let nanoseconds = Double(time * 10 / hits) / 10
            let ratio = Double(time * 100 / bare) / 100
            let counted = allocations[form].map(String.init)
            if json {
                print(
                    #"{"form":"\#(form.rawValue)","hits":\#(hits),"ns":\#(nanoseconds),"to_get":\#(ratio),"#
                        + #""allocations":\#(counted ?? "null")}"#
                )
            } else {
                func padded(_ text: String, _ width: Int) -> String {
                    String(repeating: " ", count: max(0, width - text.count)) + text
                }
                let name = form.rawValue + String(repeating: " ", count: max(0, 42 - form.rawValue.count))
                print("  \(name)\(padded("\(nanoseconds)", 8)) \(padded("\(ratio)", 8))   \(counted ?? "not counted")")
            }
        }
    }

    /// One turn of a form: how many calls gave a value of the right size. A loop for each, so that nothing stands between it and the call.
    private func run(
        _ form: Form,
        _ bound: CachedFunction<CacheKey, [UInt8]>,
        _ none: CachedFunction<Void, [UInt8]>,
        _ one: CachedFunction<Int, [UInt8]>,
        _ two: CachedFunction<(String, Int), [UInt8]>
    ) async throws -> Int {
        var (found, index) = (0, 0)
        func next(_ bytes: Int?) {
            if bytes == 100 { found += 1 }
            index = index == Self.count - 1 ? 0 : index + 1
        }
        switch form {
        case .get:
            for _ in 0..<hits { next(try await cache.get(keys[index], as: [UInt8].self)?.count) }
        case .bound:
            for _ in 0..<hits { next(try await bound(keys[index]).count) }
        case .constant:
            let load: @Sendable () async throws -> [UInt8] = { [value] in value }
            for _ in 0..<hits { next(try await cache.value(for: keys[index], load: load).count) }
        case .adHoc:
            for _ in 0..<hits {
                next(try await cache.value(for: keys[index]) { [value, index] in index < 0 ? [] : value }.count)
            }
        case .long:
            var options = EntryOptions()
            options.maximumAge = .seconds(3_600)
            for _ in 0..<hits {
                let value = try await cache.value(for: keys[index], options: options) { [value, index] in
                    index < 0 ? [] : value
                }
                next(value.count)
            }
        case .getMade:
            for _ in 0..<hits {
                let key: CacheKey = "two:\(Self.cities[index & 3]):\(index)"
                next(try await cache.get(key, as: [UInt8].self)?.count)
            }
        case .cachingNone:
            for _ in 0..<hits { next(try await none().count) }
        case .cachingOne:
            for _ in 0..<hits { next(try await one(index).count) }
        case .cachingTwo:
            for _ in 0..<hits { next(try await two(Self.cities[index & 3], index).count) }
        }
        return found
    }
}
