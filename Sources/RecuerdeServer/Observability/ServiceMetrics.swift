import Recuerde
import RecuerdeAI

/// Writes the figures of the cache and of the provider for Prometheus.
///
/// Labels are bounded: tiers, configured kinds, outcomes and reasons from fixed lists; never a key.
enum ServiceMetrics {
    static func write(_ statistics: CacheStatistics, to text: inout PrometheusText) {
        let tiers = [("memory", statistics.memory), ("redis", statistics.remote)]
        text.family("recuerde_cache_requests_total", .counter, "Lookups, by tier and outcome.")
        for (tier, counters) in tiers {
            text.sample(["tier": tier, "outcome": "hit"], counters.hits)
            text.sample(["tier": tier, "outcome": "miss"], counters.misses)
        }
        text.family("recuerde_cache_writes_total", .counter, "Values written and removed, by tier.")
        for (tier, counters) in tiers {
            text.sample(["tier": tier, "outcome": "set"], counters.sets)
            text.sample(["tier": tier, "outcome": "delete"], counters.deletes)
        }
        text.family("recuerde_cache_errors_total", .counter, "Operations that failed, by tier.")
        for (tier, counters) in tiers { text.sample(["tier": tier], counters.errors) }
        text.family("recuerde_cache_answers_total", .counter, "Lookups of callers, by kind of answer and outcome.")
        for (kind, counters) in statistics.perKind.sorted(by: { $0.key < $1.key }) {
            text.sample(["kind": kind, "outcome": "hit"], counters.hits)
            text.sample(["kind": kind, "outcome": "miss"], counters.misses)
        }
        writeEvents(statistics, to: &text)
        writePayload(statistics.payload, to: &text)
        writeState(statistics, to: &text)
    }

    private static func writeEvents(_ statistics: CacheStatistics, to text: inout PrometheusText) {
        text.family("recuerde_cache_loads_total", .counter, "Loads, by outcome.")
        text.sample(["outcome": "success"], max(0, statistics.loads - statistics.loadFailures))
        text.sample(["outcome": "failure"], statistics.loadFailures)
        text.family(
            "recuerde_cache_stale_served_total",
            .counter,
            "Stale answers given: a load failed, was slow, or was not tried again yet."
        )
        text.sample(statistics.staleServed)
        text.family(
            "recuerde_cache_unverified_served_total",
            .counter,
            "Answers from memory that nobody vouched for at that moment, within the staleness bound."
        )
        text.sample(statistics.unverifiedServed)
        text.family("recuerde_cache_early_refreshes_total", .counter, "Loads begun before the value had expired.")
        text.sample(statistics.earlyRefreshes)
        text.family("recuerde_cache_invalidations_total", .counter, "Copies in memory that others' changes took.")
        text.sample(statistics.invalidations)
        text.family("recuerde_cache_expires_total", .counter, "Values that callers have expired one by one.")
        text.sample(statistics.expires)
        text.family("recuerde_cache_tag_invalidations_total", .counter, "Calls that invalidated by tags or records.")
        text.sample(statistics.tagInvalidations)
        text.family(
            "recuerde_cache_void_by_tags_total",
            .counter,
            "Looks that found an entry void by one of its tags, by tier."
        )
        text.sample(["tier": "memory"], statistics.voidInMemory)
        text.sample(["tier": "redis"], statistics.voidInRemote)
        text.family(
            "recuerde_cache_lease_waits_total",
            .counter,
            "Loads that waited since another process was loading the same."
        )
        text.sample(statistics.leaseWaits)
        text.family("recuerde_cache_leases_lost_total", .counter, "Leases lost before their load had ended.")
        text.sample(statistics.leasesLost)
        text.family("recuerde_cache_decode_failures_total", .counter, "Stored bytes that did not decode.")
        text.sample(statistics.decodeFailures)
        text.family("recuerde_cache_removed_total", .counter, "Entries that left memory, by reason.")
        text.sample(["reason": "evicted"], statistics.evictions)
        text.sample(["reason": "expired"], statistics.expirations)
        text.family("recuerde_cache_journal_overflows_total", .counter, "Times the journal collapsed into one clear.")
        text.sample(statistics.journalOverflows)
    }

    private static func writePayload(_ payload: PayloadStatistics, to text: inout PrometheusText) {
        text.family("recuerde_cache_compressed_total", .counter, "Values written compressed.")
        text.sample(payload.compressed)
        text.family(
            "recuerde_cache_compression_bytes_total",
            .counter,
            "Bytes of values that were compressed, before and after."
        )
        text.sample(["stage": "before"], payload.bytesBeforeCompression)
        text.sample(["stage": "after"], payload.bytesAfterCompression)
        text.family(
            "recuerde_cache_encrypted_total",
            .counter,
            "Entries written encrypted; one key should write no more than 2^32 in all processes."
        )
        text.sample(payload.encrypted)
        text.family(
            "recuerde_cache_payload_refused_total",
            .counter,
            "Stored entries that were not taken for what they are made of, by reason."
        )
        text.sample(["reason": "unencrypted"], payload.unencryptedRefused)
        text.sample(["reason": "unknown_key"], payload.unknownKeys)
        text.sample(["reason": "forged"], payload.forgeries)
        text.sample(["reason": "not_inflated"], payload.notInflated)
        text.sample(["reason": "other_schema"], payload.otherSchemas)
        text.family(
            "recuerde_cache_schema_upgrades_total",
            .counter,
            "Values made of stored ones in another version of their schema."
        )
        text.sample(payload.schemaUpgrades)
    }

    private static func writeState(_ statistics: CacheStatistics, to text: inout PrometheusText) {
        text.family("recuerde_cache_entries", .gauge, "Entries in memory.")
        text.sample(statistics.cacheSize)
        text.family("recuerde_cache_memory_bytes", .gauge, "Weight of the entries in memory.")
        text.sample(statistics.memoryBytes)
        text.family("recuerde_cache_invalidation_lines", .gauge, "Connections that tell of others' changes.")
        text.sample(statistics.invalidationLines)
        text.family("recuerde_cache_background_loads", .gauge, "Loads under way for which nobody waits.")
        text.sample(statistics.backgroundLoads)
        text.family("recuerde_cache_journal_depth", .gauge, "Writes that wait for Redis to come back.")
        text.sample(statistics.journalDepth)
        text.family("recuerde_cache_journal_waiting", .gauge, "The same writes, by the reason for which they wait.")
        for reason in JournalReason.allCases {
            text.sample(["reason": reason.description], statistics.journalReasons[reason] ?? 0)
        }
        text.family("recuerde_cache_redis_available", .gauge, "1 while Redis is in use.")
        text.sample(statistics.redisAvailable ? 1 : 0)
    }

    static func write(_ usage: UsageSnapshot, savings: Savings, to text: inout PrometheusText) {
        let kinds = usage.perKind.sorted { $0.key < $1.key }
        text.family("recuerde_provider_calls_total", .counter, "Calls to the provider, by kind and outcome.")
        for (kind, counters) in kinds {
            for (outcome, count) in counters.outcomes.sorted(by: { $0.key < $1.key }) {
                text.sample(["kind": kind, "outcome": outcome], count)
            }
        }
        text.family(
            "recuerde_provider_refusals_total",
            .counter,
            "Questions not put to the provider, by kind and reason."
        )
        for (kind, counters) in kinds {
            for (reason, count) in counters.refusals.sorted(by: { $0.key < $1.key }) {
                text.sample(["kind": kind, "reason": reason], count)
            }
        }
        text.family("recuerde_provider_tokens_total", .counter, "Tokens used, by kind and direction.")
        for (kind, counters) in kinds {
            text.sample(["kind": kind, "direction": "in"], counters.tokensIn)
            text.sample(["kind": kind, "direction": "out"], counters.tokensOut)
        }
        text.family("recuerde_provider_dollars_total", .counter, "Money spent, as far as prices are known.")
        text.sample(usage.total.dollars)
        text.family("recuerde_stand_ins_total", .counter, "Answers of the tutor in the provider's place, by reason.")
        for (kind, counters) in kinds {
            for (reason, count) in counters.standIns.sorted(by: { $0.key < $1.key }) {
                text.sample(["kind": kind, "reason": reason], count)
            }
        }
        text.family("recuerde_saved_calls_total", .counter, "Calls to the provider that hits made needless.")
        text.sample(savings.calls)
        text.family("recuerde_saved_tokens_total", .counter, "Tokens that hits saved, by direction.")
        text.sample(["direction": "in"], savings.tokensIn)
        text.sample(["direction": "out"], savings.tokensOut)
        text.family("recuerde_saved_dollars_total", .counter, "Money that hits saved, as far as prices are known.")
        text.sample(savings.dollars)
        text.family("recuerde_saved_seconds_total", .counter, "Time that hits saved.")
        text.sample(savings.duration.inSeconds)
    }

    static func write(processStart: UnixTime, to text: inout PrometheusText) {
        text.family("process_start_time_seconds", .gauge, "When the service was put together, in Unix time.")
        text.sample(processStart.seconds)
    }
}
