// A part of a cache with defaults, statistics and a clear of its own.
//
// Which options hold for a key is chosen by a pattern; what the call says itself goes before that.

import Recuerde

let cache = Cache()
let words = cache.namespace(
    "words",
    options: NamespaceOptions(
        defaults: .timeToLive(.seconds(3_600)),
        rules: [.init("*:example", .timeToLive(.seconds(60)))]
    )
)

let meaning = try await words.value(for: "hablar:meaning") { "to speak" }
let example = try await words.value(for: "hablar:example") { "Quiero que hables." }
print(meaning, example)
print(try await cache.get("words:hablar:meaning") ?? "nothing")

try await words.clear()
print(try await words.get("hablar:meaning") ?? "nothing")
print("\(words.statistics().total.misses) misses")
