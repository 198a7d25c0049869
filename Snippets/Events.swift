// Listens to what a cache does.
//
// What each kind tells is in `CacheEvent.Kind`. Here a load fails behind its caller's back: he has a stale value already.

import Recuerde

/// A source that is down.
struct SourceIsDown: Error {}

let cache = Cache()
var options = EntryOptions()
options.maximumStaleness = .seconds(60)
options.softTimeout = .zero
try await cache.set("word:hablar", to: "to speak", options: options)
try await cache.expire("word:hablar")

// Told from here on, whether or not somebody reads already.
let events = cache.events(bufferSize: 1_000)
let reader = Task {
    for await event in events {
        switch event.kind {
        case .loadFailed: return "a load has failed: \(event.error is SourceIsDown)"
        case .missed: print("\(event.count ?? 0) events were too many")
        default: break
        }
    }
    return "the cache was closed"
}

let word = try await cache.value(for: "word:hablar", options: options) { () -> String in throw SourceIsDown() }
print(word)
print(await reader.value)
