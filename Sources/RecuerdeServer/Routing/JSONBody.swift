// JSONSerialization is not among the essentials.
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads and writes the JSON of requests and answers.
enum JSONBody {
    static let contentType = "application/json; charset=utf-8"

    /// An answer in JSON, with the fields in the order of their names.
    static func response(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) throws -> Response {
        var headers = headers
        headers[.contentType] = contentType
        let data = try encoder().encode(value)
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: data)))
    }

    /// A problem as an answer.
    static func response(_ problem: Problem, requestID: String) -> Response {
        let (headers, body) = parts(of: problem, requestID: requestID)
        return Response(status: problem.status, headers: headers, body: .init(byteBuffer: body))
    }

    /// Header fields and body of a problem.
    static func parts(of problem: Problem, requestID: String) -> (headers: HTTPFields, body: ByteBuffer) {
        var headers = problem.headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        let body = try? encoder().encode(IdentifiedProblem(problem: problem, requestID: requestID))
        return (headers, ByteBuffer(bytes: body ?? Data()))
    }

    /// The body of a request, within the limit and of a type that this service reads.
    ///
    /// A missing content type is accepted: the body is JSON or it is refused as malformed.
    static func collect(_ request: Request, context: ServiceRequestContext, limit: Int) async throws -> ByteBuffer {
        if let type = request.headers[.contentType], !isJSON(type) { throw Problem.unsupportedMediaType }
        if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw Problem.unsupportedMediaType
        }
        if let length = request.headers[.contentLength], Int(length) ?? 0 > limit {
            throw Problem.bodyTooLarge(limit: limit)
        }
        do {
            let buffer = try await request.body.collect(upTo: limit)
            context.progress.bodyIsIn()
            return buffer
        } catch is NIOTooManyBytesError {
            throw Problem.bodyTooLarge(limit: limit)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // Whatever the stream of a body throws was done by the client or the network: a chunk of no size, a
            // connection that ended or was reset.
            throw Problem.bodyNotReceived
        }
    }

    /// Reads JSON, or throws the problem that names the field at fault.
    static func decode<Value: Decodable>(_ type: Value.Type, from buffer: ByteBuffer) throws(Problem) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch let error as DecodingError {
            // The decoder tells a number that does not fit into its field from malformed JSON by nothing at all.
            if case .dataCorrupted(let context) = error, context.codingPath.isEmpty, isWellFormed(buffer) {
                throw .unfitNumber
            }
            throw Problem(decoding: error)
        } catch {
            throw .malformedJSON
        }
    }

    private static func isWellFormed(_ buffer: ByteBuffer) -> Bool {
        let data = Data(buffer.readableBytesView)
        return (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) != nil
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return encoder
    }

    private static func isJSON(_ contentType: String) -> Bool {
        let parts = contentType.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        guard let type = parts.first else { return false }
        guard type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json")) else {
            return false
        }
        return parts.dropFirst().allSatisfy { parameter in
            !parameter.hasPrefix("charset=") || ["charset=utf-8", "charset=\"utf-8\""].contains(parameter)
        }
    }
}

/// A problem together with the id of the request that met it.
private struct IdentifiedProblem: Encodable {
    let problem: Problem
    let requestID: String

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
    }

    func encode(to encoder: any Encoder) throws {
        try problem.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(requestID, forKey: .requestID)
    }
}
