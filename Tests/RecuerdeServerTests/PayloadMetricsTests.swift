import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeServer

/// What compression and encryption have done, as operators read it.
@Suite struct PayloadMetricsTests {
    @Test func whatWasCompressedEncryptedAndRefusedIsCounted() throws {
        var statistics = CacheStatistics()
        statistics.payload.compressed = 1
        statistics.payload.bytesBeforeCompression = 200
        statistics.payload.bytesAfterCompression = 30
        statistics.payload.encrypted = 4
        statistics.payload.unencryptedRefused = 5
        statistics.payload.unknownKeys = 6
        statistics.payload.forgeries = 7
        statistics.payload.notInflated = 8
        statistics.payload.otherSchemas = 9
        statistics.payload.schemaUpgrades = 10
        var page = PrometheusText()
        ServiceMetrics.write(statistics, to: &page)
        for line in [
            "recuerde_cache_compressed_total 1", "recuerde_cache_compression_bytes_total{stage=\"before\"} 200",
            "recuerde_cache_compression_bytes_total{stage=\"after\"} 30", "recuerde_cache_encrypted_total 4",
            "recuerde_cache_payload_refused_total{reason=\"unencrypted\"} 5",
            "recuerde_cache_payload_refused_total{reason=\"unknown_key\"} 6",
            "recuerde_cache_payload_refused_total{reason=\"forged\"} 7",
            "recuerde_cache_payload_refused_total{reason=\"not_inflated\"} 8",
            "recuerde_cache_payload_refused_total{reason=\"other_schema\"} 9",
            "recuerde_cache_schema_upgrades_total 10",
        ] {
            #expect(page.text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test func theSavingIsThatOfTheEntries() async throws {
        let time = ManualTimeSource()
        let remote = ScriptedRemoteTier(timeSource: time)
        func bytes(_ compression: PayloadCompression?) async throws -> (entry: Int, payload: PayloadStatistics) {
            var configuration = CacheConfiguration()
            configuration.payload.compression = compression
            let cache = Cache(configuration: configuration, remote: remote, timeSource: time)
            try await cache.set("k", to: String(repeating: "Espero que hayas hablado con ella. ", count: 40))
            // Written again as it was read: nothing was compressed by that.
            #expect(try await cache.touch("k", timeToLive: .seconds(10)))
            return (try await cache.explain("k").redis?.bytes ?? 0, cache.statistics().payload)
        }
        let plain = try await bytes(nil)
        let compressed = try await bytes(.from(64))
        #expect(plain.payload.bytesBeforeCompression == 0 && plain.payload.bytesAfterCompression == 0)
        let saved = compressed.payload.bytesBeforeCompression - compressed.payload.bytesAfterCompression
        #expect(saved > 1_000 && saved == plain.entry - compressed.entry)
        #expect(compressed.payload.compressed == 2)
        #expect(compressed.payload.bytesBeforeCompression == "Espero que hayas hablado con ella. ".utf8.count * 40 + 2)
    }
}
