// Memory in front, Redis behind. Without a Redis at that address, memory answers and this still works.

import Logging
import Recuerde
import RecuerdeRedis

let logger = Logger(label: "practice")

var redis = RedisConfiguration(url: try RedisURL("redis://127.0.0.1:6379/0"))
redis.clientName = "practice"
// Redis tells what others change, so that memory may answer.
redis.tracksKeys = true
let client = RedisClient(configuration: redis, logger: logger)

var configuration = CacheConfiguration()
configuration.prefix = "practice"
let cache = Cache(configuration: configuration, remote: RedisTier(client: client), logger: logger)

// Optional: one attempt, within the deadline, so that the log says at the start what is wrong with Redis.
await cache.connect()

let translation = try await cache.result(for: "translation:ojal\u{e1}") { _ in
    Loaded("hopefully", timeToLive: .seconds(60))
}
print(translation.value)

// What is, not what was configured.
let health = await cache.health()
print(health.statistics.backend, health.redis.url ?? "no Redis")

// Removes what stands under this prefix, and nothing else.
let cleared = try await cache.clear()
print(cleared >= 1)

await client.shutdown()
