import Logging
import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// What is said where a user may neither tell nor hear that leases are free.
@Suite(.timeLimit(.minutes(1))) struct LeasesThatAreUnheard {
    private static let lease = LeaseName(name: "{p:v2:k}:l", channel: "p:leases")

    /// Runs a body with the tier of a user who has these rights besides those for the keys.
    private func withTier(
        _ rights: String,
        _ body: (RedisTier, LogText) async throws -> Void
    ) async throws {
        var options = RedisServerOptions()
        options.users = ["app on >hush resetchannels ~* +@all -publish -subscribe \(rights)"]
        let log = LogText()
        try await withRedisServer(options) { server in
            try await withClient(server.url.replacing("redis://", with: "redis://app:hush@")) { client in
                try await body(RedisTier(client: client, logger: log.logger), log)
            }
        }
    }

    private func takeAndRelease(_ tier: RedisTier) async throws {
        let lease = Self.lease
        let answer = try await tier.acquire(lease, owner: "o", timeToLive: .seconds(60), timeout: .seconds(10))
        guard case .taken = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(try await tier.release(lease, owner: "o", timeout: .seconds(10)))
    }

    private func expectOneLine(_ log: LogText, naming right: String) {
        #expect(log.words(from: .notice) == ["redis_leases_unheard"])
        let line = log.lines("redis_leases_unheard").first
        #expect(line?.level == .warning)
        #expect(line?.metadata.contains("recuerde.redis.reason") == true)
        #expect(line?.metadata.contains(right) == true)
        #expect(line?.metadata.contains("hush") == false)
    }

    @Test func whoMayNotTellSaysItOnceAndReleasesAllTheSame() async throws {
        try await withTier("+subscribe &p:leases") { tier, log in
            try await takeAndRelease(tier)
            try await takeAndRelease(tier)
            expectOneLine(log, naming: "+publish")
        }
    }

    @Test func whoMayNotHearSaysItOnce() async throws {
        try await withTier("+publish &p:leases") { tier, log in
            let ears = (0..<3).map { _ in tier.heed(Self.lease) {} }
            try await until { !log.lines.isEmpty }
            expectOneLine(log, naming: "+subscribe")
            for ear in ears { ear.end() }
            // Nor is it said again by whoever waits next.
            let next = tier.heed(Self.lease) {}
            try await takeAndRelease(tier)
            expectOneLine(log, naming: "+subscribe")
            next.end()
        }
    }

    @Test func whoMayUseAnotherChannelOnlySaysIt() async throws {
        try await withTier("+publish +subscribe &other:leases") { tier, log in
            try await takeAndRelease(tier)
            expectOneLine(log, naming: "&prefix:leases")
        }
    }

    @Test func whoMaySaysNothing() async throws {
        try await withTier("+publish +subscribe &p:leases") { tier, log in
            let told = Shared(0)
            let ear = tier.heed(Self.lease) { told.change { $0 += 1 } }
            // The subscription is confirmed.
            try await until { told.value > 0 }
            try await takeAndRelease(tier)
            try await until { told.value > 1 }
            #expect(log.words(from: .notice) == [])
            ear.end()
        }
    }
}
