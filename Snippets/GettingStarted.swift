// The smallest cache: all in memory, nothing to configure, nothing to run.

import Recuerde

let cache = Cache()

// One load for a key, however many callers ask for it at the same time.
let greeting = try await cache.value(for: "greeting:es") {
    "hola"
}
print(greeting)

// Any Codable and Sendable value; what is interpolated into a key is escaped.
let learner = "42"
try await cache.set("learner:\(learner):streak", to: 7, options: .timeToLive(.seconds(60)))
let streak = try await cache.get("learner:\(learner):streak", as: Int.self)
print(streak ?? 0)

// True: it was there.
let wasThere = try await cache.delete("learner:\(learner):streak")
print(wasThere)
