import HTTPTypes
import Hummingbird
import NIOCore
import Recuerde

/// What a handler's response comes to.
enum MadeResponse {
    /// It is kept, for all.
    case kept(Loaded<StoredResponse>)
    /// It is for its request alone.
    case passed(Response)
}

/// Runs the handler.
extension ResponseCacheMiddleware {
    /// - Throws: What the handler throws.
    func make(
        _ place: Place,
        _ question: Question,
        _ previous: PreviousValue<StoredResponse>?,
        _ context: Context,
        _ next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> MadeResponse {
        // What is for others is not asked about: its handler may go by a date alone, and would confirm it for this request.
        let asked = previous.flatMap { previous in
            previous.value.isValidatedByHandler && previous.value.selection.matches(question.request.headers)
                ? previous.value : nil
        }
        var response = try await next(forwarded(question.request, asking: asked), context)
        if let asked, response.status == .notModified {
            response = asked.updated(by: response.headers)
        }
        let tags = configuration.tagField.map { response.headers[values: $0].flatMap(Self.tags) } ?? []
        guard
            let plan = StoragePlan(
                status: response.status,
                fields: response.headers,
                configuration: configuration,
                now: cache.unixTime
            ),
            let selection = Selection(response.headers, request: question.request.headers),
            selection.isForAll || cache.carriesTags,
            let length = response.body.contentLength, length >= 0, length <= configuration.maximumBodyBytes
        else { return .passed(response) }
        let collected = try await CollectedBody(response.body, length: length)
        guard collected.trailers == nil else {
            response.body = collected.body
            return .passed(response)
        }
        let stored = StoredResponse(
            response,
            body: collected.bytes,
            selection: selection,
            plan: plan,
            without: configuration.tagField
        )
        let all =
            (place.isFirst ? [] : [question.target.tag]) + tags + configuration.tags(question.request, response.head)
        return .kept(
            Loaded(
                stored,
                timeToLive: plan.lifetime,
                maximumStaleness: plan.staleness,
                tags: all.isEmpty ? nil : all
            )
        )
    }

    /// The request as its handler gets it: with the conditions of this cache, and none of its client, since the whole response is wanted.
    private func forwarded(_ request: Request, asking known: StoredResponse?) -> Request {
        var head = request.head
        head.headerFields[.ifNoneMatch] = known?.fields[.eTag]
        head.headerFields[.ifModifiedSince] = known?.fields[.lastModified]
        return Request(head: head, body: request.body)
    }

    private static func tags(in value: String) -> [String] {
        value.split { $0 == " " || $0 == "," || $0 == "\t" }.map(String.init)
    }
}

extension StoredResponse {
    init(
        _ response: Response,
        body: ByteBuffer,
        selection: Selection,
        plan: StoragePlan,
        without tagField: HTTPField.Name?
    ) {
        var fields = response.headers
        for name in Self.notKept(fields) { fields[name] = nil }
        if let tagField { fields[tagField] = nil }
        let isValidatedByHandler = fields.contains(.eTag) || fields.contains(.lastModified)
        if fields[.eTag] == nil, response.status == .ok { fields[.eTag] = EntityTag.make(of: body) }
        self.init(
            status: response.status,
            fields: fields,
            body: body,
            selection: selection,
            lifetime: plan.lifetime,
            initialAge: plan.initialAge,
            staleWhileRevalidate: plan.staleWhileRevalidate,
            staleIfError: plan.staleIfError,
            isValidatedByHandler: isValidatedByHandler
        )
    }

    /// The response that 304 has confirmed, with the fields of that (RFC 9111, section 3.2).
    func updated(by confirmation: HTTPFields) -> Response {
        var fields = fields
        let fixed: Set<HTTPField.Name> = [.contentLength, .contentEncoding, .contentType, .contentRange]
        for name in Set(confirmation.map(\.name)) where !fixed.contains(name) {
            fields[fields: name] = confirmation[fields: name]
        }
        // How old it had been when it first came says nothing any more.
        if !confirmation.contains(.age) { fields[.age] = nil }
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
    }

    /// What belongs to one connection (RFC 9111, section 3.1), and what is made anew for each response.
    private static func notKept(_ fields: HTTPFields) -> [HTTPField.Name] {
        let named = fields[values: .connection].flatMap(FieldList.members).compactMap { HTTPField.Name(String($0)) }
        let usual = ["Keep-Alive", "Proxy-Connection", "Proxy-Authentication-Info"].compactMap { HTTPField.Name($0) }
        return named + usual + [
            .connection, .te, .trailer, .transferEncoding, .upgrade, .proxyAuthenticate, .age, .contentLength,
        ]
    }
}
