import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Recuerde
import RecuerdeAI
import RecuerdeServer
import RecuerdeTesting

/// The whole service in memory, on a manual clock.
struct TestService: Sendable {
    let clock = ManualTimeSource()
    let lines = RecordedLines()
    let logger: Logger
    let cache: Cache
    let service: AIService
    var configuration = ServerConfiguration()

    init(
        provider: (any AIProvider)? = nil,
        remote: (any RemoteTier)? = nil,
        ai: AIServiceConfiguration = .init(),
        format: WireFormat = .envelope,
        dependencies: CacheDependencies = CacheDependencies(),
        _ configure: (inout ServerConfiguration) -> Void = { _ in }
    ) {
        var cacheConfiguration = CacheConfiguration()
        cacheConfiguration.kinds = AnswerKind.allCases.map { CacheKind($0.rawValue) }
        cacheConfiguration.format = format
        cacheConfiguration.dependencies = dependencies
        // Every part writes to the same lines, at the level at which it says the most.
        logger = Logger(label: "test") { [lines] in ServiceLogHandler(label: $0, level: .debug, sink: lines) }
        cache = Cache(configuration: cacheConfiguration, remote: remote, timeSource: clock, logger: logger)
        service = AIService(cache: cache, provider: provider, configuration: ai, timeSource: clock, logger: logger)
        configure(&configuration)
    }

    /// Runs a test against the router, or against a real socket on loopback.
    func test<Value>(
        live: Bool = false,
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        let application = makeApplication(
            service: service,
            cache: cache,
            configuration: configuration,
            timeSource: clock,
            logger: logger
        )
        return try await application.test(live ? .live : .router) { try await body($0) }
    }
}

/// An answer as tests look at it.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }

    /// The body as a JSON object.
    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]) ?? [:]
    }

    /// The body as a JSON array.
    var array: [Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Any]) ?? []
    }

    /// The fields that a problem names.
    var fields: [String] {
        (object["errors"] as? [[String: Any]] ?? []).compactMap { $0["field"] as? String }
    }
}

extension TestClientProtocol {
    /// Sends a request; a body is JSON unless `headers` say otherwise.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var fields = HTTPFields()
        if body != nil { fields[.contentType] = "application/json" }
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields[name] = value
        }
        let response = try await executeRequest(
            uri: path,
            method: method,
            headers: fields,
            body: body.map { ByteBuffer(string: $0) }
        )
        return Answer(
            status: Int(response.status.code),
            headers: response.headers,
            text: String(buffer: response.body)
        )
    }
}

/// Questions that are right in form.
enum Sample {
    static let feedback = """
        {"user_answer":"hablo","correct_answer":"hable","exercise_context":{"verb":"hablar","tense":"present",\
        "person":"yo","trigger":"espero que","sentence":"Espero que yo ___ bien."}}
        """
    static let hint = """
        {"exercise":{"verb":"hablar","tense":"present","person":"yo","trigger":"espero que",\
        "sentence":"Espero que yo ___ bien.","correct_answer":"hable"},"user_history":[]}
        """
    static let insights = """
        {"user_stats":{"total_exercises":10,"accuracy":70,"total_study_time_minutes":30,"total_sessions":2},\
        "weak_areas":[{"area":"imperfect","accuracy":40}]}
        """
    static let token = "a-token-for-tests-only"
    static let bearer = ["Authorization": "Bearer \(token)"]
}
