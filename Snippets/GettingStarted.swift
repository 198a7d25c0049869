// The smallest cache: all in memory, nothing to configure, nothing to run.

import Recuerde

let cache = Cache()

// A function that the cache answers for, by its arguments. It runs once for them, however many call it at the same time.
let forecast = cache.caching("forecast", options: .timeToLive(.seconds(600))) { (city: String, day: Int) in
    "sun over \(city)"
}
let tomorrow = try await forecast("Madrid", 1)
print(tomorrow)

// Forgets that one result.
try await forecast.invalidate("Madrid", 1)

// The same for a key of one's own choice.
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
