#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import Recuerde
import RecuerdeAI

/// Health as clients get it: the names of the first generation, and what came since.
struct HealthBody: Encodable {
    struct Cache: Encodable {
        let redis: Redis
        let fallback: Fallback
        let statistics: StatisticsBody
    }

    struct Redis: Encodable {
        let available: Bool
        let healthy: Bool
        /// Masked; `null` where none is configured, since the first generation always had the field.
        @Nullable var url: String?
        @Nullable var latencyMs: Double?
        @Nullable var since: String?
        @Nullable var lastError: String?

        init(_ redis: CacheHealth.Redis) {
            available = redis.available
            healthy = redis.healthy
            url = redis.url
            latencyMs = redis.latency?.inMilliseconds
            since = redis.since.map(HealthBody.timestamp)
            lastError = redis.lastError
        }
    }

    struct Fallback: Encodable {
        let available: Bool
        let size: Int
        let bytes: Int

        init(_ fallback: CacheHealth.Fallback) {
            available = fallback.available
            size = fallback.size
            bytes = fallback.bytes
        }
    }

    struct SavingsBody: Encodable {
        let calls: Int
        let tokens: Int
        let tokensIn: Int
        let tokensOut: Int
        let dollars: Double
        let seconds: Double
        let unpricedCalls: Int
        let priceRows: [String: Int]
    }

    struct Counters: Encodable {
        let calls: Int
        let outcomes: [String: Int]
        let refusals: [String: Int]
        let attempts: Int
        let tokensIn: Int
        let tokensOut: Int
        let dollars: Double
        let unpricedCalls: Int
        let standIns: [String: Int]

        init(_ counters: UsageSnapshot.Counters) {
            calls = counters.calls
            outcomes = counters.outcomes
            refusals = counters.refusals
            attempts = counters.attempts
            tokensIn = counters.tokensIn
            tokensOut = counters.tokensOut
            dollars = counters.dollars
            unpricedCalls = counters.unpricedCalls
            standIns = counters.standIns
        }
    }

    struct Usage: Encodable {
        let total: Counters
        let kinds: [String: Counters]
    }

    struct Budget: Encodable {
        let limitDollars: Double
        let spentDollars: Double
        let reservedDollars: Double
        let spent: Bool
    }

    let status: String
    let configured: Bool
    let provider: String
    let model: String
    let breaker: String
    let cache: Cache
    let cacheStatistics: StatisticsBody
    let savings: SavingsBody
    let usage: Usage
    let budget: Budget?

    init(_ health: AIServiceHealth) {
        status = health.status.rawValue
        configured = health.configured
        provider = health.provider
        model = health.model
        breaker = health.breaker.rawValue
        let statistics = StatisticsBody(health.cache.statistics)
        cache = Cache(
            redis: Redis(health.cache.redis),
            fallback: Fallback(health.cache.fallback),
            statistics: statistics
        )
        cacheStatistics = statistics
        savings = SavingsBody(
            calls: health.savings.calls,
            tokens: health.savings.tokensIn + health.savings.tokensOut,
            tokensIn: health.savings.tokensIn,
            tokensOut: health.savings.tokensOut,
            dollars: health.savings.dollars,
            seconds: (health.savings.duration.inSeconds * 1_000).rounded() / 1_000,
            unpricedCalls: health.savings.unpricedCalls,
            priceRows: health.savings.callsByPriceRow
        )
        usage = Usage(total: Counters(health.usage.total), kinds: health.usage.perKind.mapValues(Counters.init))
        budget = health.budget.map {
            Budget(
                limitDollars: Double($0.limitMicrodollars) / 1_000_000,
                spentDollars: Double($0.spentMicrodollars) / 1_000_000,
                reservedDollars: Double($0.reservedMicrodollars) / 1_000_000,
                spent: $0.isSpent
            )
        }
    }

    fileprivate static func timestamp(_ time: UnixTime) -> String {
        let date = Date(timeIntervalSince1970: time.seconds)
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

/// An optional that is written as `null` instead of being left out.
@propertyWrapper
struct Nullable<Value: Encodable>: Encodable {
    var wrappedValue: Value?

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}
