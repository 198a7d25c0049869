import HTTPTypes
import Hummingbird
import Recuerde

/// Makes responses of what is kept, and marks those that are passed on.
extension ResponseCacheMiddleware {
    /// A kept response for a request; 304 where its client has it already.
    ///
    /// - Parameter age: How old it is; nil for one that was made for this request.
    func serve(_ stored: StoredResponse, age: Duration?, _ status: String, to request: Request) -> Response {
        var fields = stored.fields
        if let age { fields[.age] = String(max(0, age.components.seconds)) }
        mark(&fields, status)
        if Preconditions.isUnmodified(request.headers, status: stored.status, fields: fields) {
            return Preconditions.notModified(fields)
        }
        var response = Response(status: stored.status, headers: fields, body: ResponseBody(byteBuffer: stored.body))
        // Such a response has no length (RFC 9110, section 8.6).
        if stored.status == .noContent { response.headers[.contentLength] = nil }
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// A response of the handler, as it is.
    func passed(_ response: Response, _ status: String) -> Response {
        var response = response
        if let field = configuration.tagField { response.headers[field] = nil }
        mark(&response.headers, status)
        return response
    }

    /// To a client who wants a kept response or none (RFC 9111, section 5.2.1.7).
    func nothingKept() -> Response {
        var fields = HTTPFields()
        fields[.cacheControl] = "no-store"
        mark(&fields, "fwd=miss")
        return Response(status: .gatewayTimeout, headers: fields)
    }

    /// Says where a response came from, behind what caches nearer to the handler have said.
    private func mark(_ fields: inout HTTPFields, _ status: String) {
        guard let name = configuration.name, let field = HTTPField.Name.cacheStatus else { return }
        fields.append(HTTPField(name: field, value: "\(name); \(status)"))
    }
}
