// Data, which JSON writes as base64.
import Foundation
import HTTPTypes
import NIOCore

/// A response as it is kept. A hit copies none of it.
struct StoredResponse: Sendable {
    var status: HTTPResponse.Status
    /// Without what belongs to one connection, `Age`, and `Content-Length`, which is the body's.
    var fields: HTTPFields
    var body: ByteBuffer
    /// What the requests have in common that it is for.
    var selection: Selection
    /// How long it was to be fresh.
    var lifetime: Duration = .zero
    /// How old it was when it came.
    var initialAge: Duration = .zero
    /// For how long past its expiry it may be served while it is being made anew.
    var staleWhileRevalidate: Duration = .zero
    /// For how long past its expiry it may stand in for a handler that fails.
    var staleIfError: Duration = .zero
    /// Whether its validators are the handler's own, and worth asking it about.
    var isValidatedByHandler = false
}

extension StoredResponse: Codable {
    private enum CodingKeys: String, CodingKey {
        case status = "s"
        case reason = "r"
        case fields = "f"
        case body = "b"
        case selection = "v"
        case lifetime = "l"
        case initialAge = "a"
        case staleWhileRevalidate = "w"
        case staleIfError = "e"
        case isValidatedByHandler = "h"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let code = try container.decode(Int.self, forKey: .status)
        // Other numbers are no statuses, and HTTPTypes would trap.
        guard (100...999).contains(code) else {
            throw DecodingError.dataCorruptedError(forKey: .status, in: container, debugDescription: "no status")
        }
        status = HTTPResponse.Status(code: code, reasonPhrase: try container.decode(String.self, forKey: .reason))
        let flat = try container.decode([String].self, forKey: .fields)
        fields = HTTPFields()
        for index in stride(from: 0, to: flat.count - 1, by: 2) {
            guard let name = HTTPField.Name(flat[index]) else { continue }
            fields.append(HTTPField(name: name, value: flat[index + 1]))
        }
        body = ByteBuffer(bytes: try container.decode(Data.self, forKey: .body))
        selection = try container.decode(Selection.self, forKey: .selection)
        func seconds(_ key: CodingKeys) throws -> Duration {
            .seconds(min(max(0, try container.decodeIfPresent(Int64.self, forKey: key) ?? 0), 2_147_483_648))
        }
        lifetime = try seconds(.lifetime)
        initialAge = try seconds(.initialAge)
        staleWhileRevalidate = try seconds(.staleWhileRevalidate)
        staleIfError = try seconds(.staleIfError)
        isValidatedByHandler = try container.decodeIfPresent(Bool.self, forKey: .isValidatedByHandler) ?? false
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(status.code, forKey: .status)
        try container.encode(status.reasonPhrase, forKey: .reason)
        try container.encode(fields.flatMap { [$0.name.rawName, $0.value] }, forKey: .fields)
        try container.encode(Data(body.readableBytesView), forKey: .body)
        try container.encode(selection, forKey: .selection)
        try container.encode(lifetime.components.seconds, forKey: .lifetime)
        try container.encode(initialAge.components.seconds, forKey: .initialAge)
        try container.encode(staleWhileRevalidate.components.seconds, forKey: .staleWhileRevalidate)
        try container.encode(staleIfError.components.seconds, forKey: .staleIfError)
        try container.encode(isValidatedByHandler, forKey: .isValidatedByHandler)
    }
}
