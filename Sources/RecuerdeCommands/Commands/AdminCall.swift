#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request to an administrative route of a running service.
struct AdminCall: Sendable {
    /// What a route says where it refuses.
    struct Refusal: Decodable, Sendable {
        struct Field: Decodable, Sendable {
            let field: String
            let detail: String
        }
        let detail: String
        let errors: [Field]?
    }

    let baseURL: String
    let token: String
    let timeout: TimeAmount

    private var base: String { baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL }

    /// The address as people may see it, and as it may stand in the log of whatever runs this.
    var shown: String { SettingText.withoutSecrets(base) }

    /// Sends it once; nil where there is no answer.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: The path, percent-encoded.
    ///   - body: A body in JSON.
    func send(_ method: HTTPMethod, _ path: String, _ body: Data? = nil) async -> (status: UInt, body: Data)? {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        // The token is for the address that was named, and for no other.
        configuration.redirectConfiguration = .disallow
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let answer = try? await send(method, path, body, client)
        try? await client.shutdown()
        return answer
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: Data?,
        _ client: HTTPClient
    ) async throws -> (status: UInt, body: Data) {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, timeout: timeout)
        let bytes = try await response.body.collect(upTo: 1_048_576)
        return (response.status.code, Data(bytes.readableBytesView))
    }

    /// What an answer means that is not the one hoped for: a line for people, and an exit code (1 refused, 2 not this service).
    static func refusal(_ body: Data, status: UInt, from shown: String) -> (text: String, exitCode: Int32) {
        guard let refusal = try? JSONDecoder().decode(Refusal.self, from: body) else {
            return ("\(shown) is not this service: HTTP \(status)", 2)
        }
        let fields = (refusal.errors ?? []).map { " \($0.field) \($0.detail)." }.joined()
        return ("\(shown) refuses (HTTP \(status)): \(refusal.detail)\(fields)", 1)
    }

    /// A text as one part of a path (RFC 3986, section 3.3): all but letters and digits is percent-encoded.
    static func pathPart(_ text: String) -> String {
        text.utf8.reduce(into: "") { part, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: part.unicodeScalars.append(UnicodeScalar(byte))
            default: part += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
