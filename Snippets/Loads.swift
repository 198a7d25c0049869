// What a load may know and say: what it replaces, that there is none, and several values at once.

import Recuerde
import RecuerdeTesting

// A clock that is moved by hand, so that this example takes no time.
let time = ManualTimeSource()
let cache = Cache(timeSource: time)

/// A source that knows entity tags: nil for "not modified".
@Sendable func fetch(ifNoneMatch etag: String?) -> (body: String, etag: String)? {
    etag == "\"7\"" ? nil : ("ojalá", "\"7\"")
}

var options = EntryOptions.timeToLive(.seconds(60))
options.maximumStaleness = .seconds(3_600)

// Asked once for the whole, and later whether that has changed.
for _ in 0..<2 {
    let result = try await cache.result(for: "article", options: options) { (context: LoadContext<String>) in
        guard let answer = fetch(ifNoneMatch: context.previous?.etag) else { return try context.notModified() }
        return Loaded(answer.body, tags: ["articles"], validators: Validators(etag: answer.etag))
    }
    print(result.value, result.provenance.confirmed ? "not modified" : "loaded")
    time.advance(by: .seconds(120))
}

// That there is none is an answer as well, kept for a time of its own.
options.negativeTimeToLive = .seconds(10)
_ = try await cache.value(for: "translation:xyz", options: options) { String?.none }
switch try await cache.lookup("translation:xyz", as: String.self) {
case .found(let result): print(result.value)
case .absent: print("known to be absent")
case .unknown: print("not known")
}

// One load with the keys that are missing, in one go.
let words: [CacheKey: String] = ["word:1": "hablar", "word:2": "comer", "word:3": "vivir"]
try await cache.set("word:1", to: 6)
let lengths = try await cache.values(for: Array(words.keys)) { missing in
    print("loading \(missing.count)")
    return words.filter { missing.contains($0.key) }.mapValues(\.count)
}
print(lengths.values.sorted())
// snippet.hide

precondition(lengths.values.sorted() == [5, 5, 6])
