// When the source fails: an answer past its time stands in, for as long as you allow.

import Recuerde
import RecuerdeTesting

// A clock that is moved by hand, so that this example takes no time.
let time = ManualTimeSource()
let cache = Cache(timeSource: time)

struct SourceIsDown: Error {}

var options = EntryOptions.timeToLive(.seconds(60))
options.maximumStaleness = .seconds(3_600)
// The load is cancelled and its key is free again after this time, whether or not the load heeds that.
options.loadTimeout = .seconds(5)

_ = try await cache.value(for: "answer", options: options) { "the first answer" }

// Two minutes later the value is stale and its source is down.
time.advance(by: .seconds(120))
let result = try await cache.result(for: "answer", options: options) { _ -> Loaded<String> in
    throw SourceIsDown()
}
print(result.value)
print(result.provenance.source, result.provenance.staleReason?.rawValue ?? "", result.provenance.age)

// A read alone never gives a stale value.
let fresh = try await cache.get("answer", as: String.self)
print(fresh ?? "nothing fresh")

// An hour later the value is dead; now the failure reaches the caller.
time.advance(by: .seconds(3_600))
do {
    _ = try await cache.value(for: "answer", options: options) { () -> String in throw SourceIsDown() }
} catch is SourceIsDown {
    print("the source is down, and nothing may stand in")
}
// snippet.hide

precondition(result.provenance.source == .stale)
precondition(fresh == nil)
