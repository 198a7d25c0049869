#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
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
        /// 0 taken, 1 refused, 2 nobody knows: no answer, or a failure.
        var exitCode: Int32
    }

    private struct Answer: Decodable {
        let tags: Int
        let records: Int
        let journal_depth: Int
    }

    let baseURL: String
    let token: String
    let timeout: TimeAmount

    /// Sends it once; whatever goes wrong is told in the report.
    func send(_ order: Order) async -> Report {
        let call = AdminCall(baseURL: baseURL, token: token, timeout: timeout)
        guard let body = try? JSONEncoder().encode(order),
            let answer = await call.send(.POST, "/api/cache/invalidate", body)
        else { return Report(text: "no answer from \(call.shown); it may have been taken: repeat it", exitCode: 2) }
        return Self.report(answer.body, status: answer.status, from: call.shown)
    }

    /// What an answer means.
    static func report(_ body: Data, status: UInt, from shown: String) -> Report {
        if status == 200, let answer = try? JSONDecoder().decode(Answer.self, from: body) {
            let waits = answer.journal_depth > 0 ? "; it waits for Redis, and other processes heed it after that" : ""
            return Report(text: "tags \(answer.tags), records \(answer.records): void\(waits)", exitCode: 0)
        }
        // A service that failed on the way may have carried out a part; so may a proxy's service behind it.
        if status >= 500 {
            return Report(text: "\(shown) failed (HTTP \(status)); it may have been taken: repeat it", exitCode: 2)
        }
        let (text, exitCode) = AdminCall.refusal(body, status: status, from: shown)
        return Report(text: text, exitCode: exitCode)
    }
}
