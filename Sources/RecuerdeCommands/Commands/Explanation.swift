#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `GET /api/cache/keys/{key}` answers.
struct Explanation: Decodable, Sendable {
    struct Mark: Decodable, Sendable {
        let tag: String
        let effect: String
    }

    struct Payload: Decodable, Sendable {
        let compressed: Bool
        let encryption_key: String?
        let schema_version: UInt32
    }

    struct Holding: Decodable, Sendable {
        let state: String
        let refusal: String?
        let age_seconds: Double?
        let remaining_seconds: Double?
        let life_seconds: Double?
        let bytes: Int
        let marks: [Mark]
        let etag: String?
        let last_modified: String?
        let provisional: Bool
        let standing: String?
        let payload: Payload?
    }

    struct Waiting: Decodable, Sendable {
        let operation: String
        let tag: String?
        let reason: String
        let attempts: Int
        let pause_seconds: Double?
    }

    struct Flight: Decodable, Sendable {
        let purpose: String
        let waiting: Int
    }

    struct Lease: Decodable, Sendable {
        let held_here: Bool
        let remaining_seconds: Double?
    }

    let key: String
    let name: String
    let verdict: String
    let memory: Holding?
    let redis: Holding?
    let redis_answered: Bool
    let redis_failure: String?
    let journal: [Waiting]
    let flights: [Flight]
    let lease: Lease?
    let pause_seconds: Double?

    /// Reads an answer; nil where it is none.
    init?(json: Data) {
        guard let explanation = try? JSONDecoder().decode(Explanation.self, from: json) else { return nil }
        self = explanation
    }
}
