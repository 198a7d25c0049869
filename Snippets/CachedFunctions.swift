// Functions that a cache answers for: the key is made of the name and the arguments.

import Recuerde

enum Language: String, CacheKeyPart { case spanish, basque }

/// A type of one's own appends what tells its values apart.
struct City: CacheKeyPart, Sendable {
    var country: String
    var name: String

    func append(to key: inout CacheKeyBuilder) {
        key.append(country)
        key.append(name)
    }
}

struct Forecast: Codable, Sendable {
    var text: String
    var degrees: Int
}

let cache = Cache()
let forecast = cache.caching("forecast", options: .timeToLive(.seconds(600))) {
    (city: City, day: Int, language: Language) in
    // What is slow or costs something. What it throws reaches all who wait for it, and is not kept.
    Forecast(text: language == .basque ? "eguzkia" : "sol", degrees: 20 + day)
}

// The second call is a hit.
let bilbao = City(country: "es", name: "Bilbao")
print(try await forecast(bilbao, 1, .basque).text)
print(try await forecast(bilbao, 1, .basque).degrees)

// Where an answer came from.
let result = try await forecast.result(for: bilbao, 1, .basque)
print(result.value.text, result.provenance.source)

// Run it now and keep what it returns; or forget what is kept, here and on other nodes.
try await forecast.refresh(bilbao, 1, .basque)
try await forecast.invalidate(bilbao, 1, .basque)

// The key, for everything else that a cache does.
print(forecast.key(for: bilbao, 1, .basque).text)
// snippet.hide

precondition(result.provenance.source == .memory)
precondition(forecast.key(for: bilbao, 1, .basque) == CacheKey("forecast", "es", "Bilbao", "1", "basque"))
