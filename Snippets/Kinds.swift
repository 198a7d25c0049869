// Kinds of answer: each with its own lifetime and its own statistics.

import Recuerde

let hint = CacheKind("hint", timeToLive: .seconds(1_800))
let insights = CacheKind("insights", timeToLive: .seconds(7_200), maximumStaleness: .seconds(86_400))

var configuration = CacheConfiguration()
configuration.prefix = "practice"
configuration.kinds = [hint, insights]
let cache = Cache(configuration: configuration)

// Loaded once, found three times, kept for half an hour.
let key = CacheKey("hint", "hablar", "present", kind: hint)
for _ in 0..<4 {
    _ = try await cache.value(for: key) { "Begin with the first person of the indicative." }
}

// A time to live of its own goes before the kind's.
try await cache.set(
    CacheKey("hint", "of the day", kind: hint),
    to: "Ojalá is always followed by the subjunctive.",
    options: .timeToLive(.seconds(60))
)

let statistics = cache.statistics()
for kind in statistics.perKind.keys.sorted() {
    guard let counters = statistics.perKind[kind], counters.totalRequests > 0 else { continue }
    print("\(kind): \(counters.hits) hits, \(counters.misses) misses, \(counters.hitRatePercent) %")
}
print("\(statistics.cacheSize) entries, \(statistics.memoryBytes) bytes, backend \(statistics.backend)")
// snippet.hide

precondition(statistics.perKind["hint"]?.hits == 3)
precondition(statistics.cacheSize == 2)
