#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Asks `GET /api/health/ai` of a running service.
struct HealthProbe: Sendable {
    /// What came of it.
    struct Report: Sendable, Hashable {
        /// Lines for people.
        var text: String
        /// The answer as it came, if one did.
        var body: String?
        /// 0 healthy or disabled, 1 degraded, 2 unhealthy or no answer.
        var exitCode: Int32
    }

    private struct Answer: Decodable {
        struct Cache: Decodable {
            struct Redis: Decodable {
                let available: Bool
                let url: String?
            }
            let redis: Redis
        }
        struct Statistics: Decodable {
            let backend: String
            let hit_rate_percent: Double
            let total_requests: Int
            let cache_size: Int
        }
        let status: String
        let provider: String
        let model: String
        let cache: Cache
        let cache_statistics: Statistics
    }

    let baseURL: String
    let timeout: TimeAmount

    /// Asks once; whatever goes wrong is told in the report.
    func ask() async -> Report {
        // A refused connection is the answer: trying again until the time is up would only delay it.
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let report = await ask(client)
        try? await client.shutdown()
        return report
    }

    private func ask(_ client: HTTPClient) async -> Report {
        let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        // What people see, and what ends up in the log of whatever runs this.
        let shown = SettingText.withoutSecrets(base)
        do {
            let response = try await client.execute(
                HTTPClientRequest(url: base + "/api/health/ai"),
                timeout: timeout
            )
            let body = try await response.body.collect(upTo: 1_048_576)
            guard response.status == .ok else {
                return Report(text: "no health at \(shown): HTTP \(response.status.code)\n", exitCode: 2)
            }
            return Self.report(Data(body.readableBytesView))
        } catch {
            return Report(text: "no answer from \(shown)\n", exitCode: 2)
        }
    }

    static func report(_ body: Data) -> Report {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: body) else {
            return Report(text: "the answer is not the health of this service\n", exitCode: 2)
        }
        let redis =
            answer.cache.redis.url.map { "\($0) (\(answer.cache.redis.available ? "available" : "away"))" }
            ?? "not configured"
        let statistics = answer.cache_statistics
        let text = """
            status    \(answer.status)
            backend   \(statistics.backend)
            redis     \(redis)
            provider  \(answer.provider) \(answer.model)
            entries   \(statistics.cache_size)
            hit rate  \(statistics.hit_rate_percent) % of \(statistics.total_requests)

            """
        let exitCode: Int32 =
            switch answer.status {
            case "healthy", "disabled": 0
            case "degraded": 1
            default: 2
            }
        return Report(text: text, body: String(decoding: body, as: UTF8.self) + "\n", exitCode: exitCode)
    }
}
