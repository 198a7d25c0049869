#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Sends `POST /api/cache/invalidate` to a running service.
struct InvalidationCall: Sendable {
    /// What is to be made void.
    struct Order: Encodable, Sendable {
        var tags: [String]
        var records: [String]
        var keep_stale: Bool
    }

    /// What came of it.
    struct Report: Sendable, Hashable {
        /// A line for people.
        var text: String
        /// 0 taken, 1 refused, 2 no answer.
        var exitCode: Int32
    }

    private struct Answer: Decodable {
        let tags: Int
        let records: Int
        let journal_depth: Int
    }

    private struct Refusal: Decodable {
        struct Field: Decodable {
            let field: String
            let detail: String
        }
        let detail: String
        let errors: [Field]?
    }

    let baseURL: String
    let token: String
    let timeout: TimeAmount

    /// Sends it once; whatever goes wrong is told in the report.
    func send(_ order: Order) async -> Report {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        // The token is for the address that was named, and for no other.
        configuration.redirectConfiguration = .disallow
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let report = await send(order, client)
        try? await client.shutdown()
        return report
    }

    private func send(_ order: Order, _ client: HTTPClient) async -> Report {
        let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        // What people see, and what ends up in the log of whatever runs this.
        let shown = SettingText.withoutSecrets(base)
        do {
            var request = HTTPClientRequest(url: base + "/api/cache/invalidate")
            request.method = .POST
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(order)))
            let response = try await client.execute(request, timeout: timeout)
            let body = try await response.body.collect(upTo: 1_048_576)
            return Self.report(Data(body.readableBytesView), status: response.status.code, from: shown)
        } catch {
            return Report(text: "no answer from \(shown)", exitCode: 2)
        }
    }

    /// What an answer means.
    static func report(_ body: Data, status: UInt, from shown: String) -> Report {
        if status == 200, let answer = try? JSONDecoder().decode(Answer.self, from: body) {
            let waits = answer.journal_depth > 0 ? "; it waits for Redis, and other processes heed it after that" : ""
            return Report(text: "tags \(answer.tags), records \(answer.records): void\(waits)", exitCode: 0)
        }
        guard let refusal = try? JSONDecoder().decode(Refusal.self, from: body) else {
            return Report(text: "\(shown) is not this service: HTTP \(status)", exitCode: 2)
        }
        let fields = (refusal.errors ?? []).map { " \($0.field) \($0.detail)." }.joined()
        return Report(text: "\(shown) refuses (HTTP \(status)): \(refusal.detail)\(fields)", exitCode: 1)
    }
}
