import HTTPTypes
import Hummingbird
import Recuerde

/// The conditions under which a request wants a response at all (RFC 9110, section 13).
enum Preconditions {
    /// Whether the client has what it asks for already, and 304 is the answer.
    ///
    /// `If-Modified-Since` counts only without `If-None-Match`; a date that is none is ignored.
    static func isUnmodified(_ request: HTTPFields, status: HTTPResponse.Status, fields: HTTPFields) -> Bool {
        guard status.kind == .successful else { return false }
        if request.contains(.ifNoneMatch) { return EntityTag.isNamed(fields[.eTag], in: request) }
        guard let since = request[.ifModifiedSince].flatMap(HTTPDate.parse),
            let modified = fields[.lastModified].flatMap(HTTPDate.parse)
        else { return false }
        return modified <= since
    }

    /// 304 with those fields that the client may have to bring up to date (RFC 9110, section 15.4.5).
    static func notModified(_ fields: HTTPFields) -> Response {
        var kept = HTTPFields()
        for field in fields where isKept(field.name) { kept.append(field) }
        var response = Response(status: .notModified, headers: kept)
        // It would be the length of what 200 had sent.
        response.headers[.contentLength] = nil
        return response
    }

    private static func isKept(_ name: HTTPField.Name) -> Bool {
        switch name {
        case .cacheControl, .contentLocation, .date, .eTag, .expires, .vary, .lastModified, .age: true
        // Only what is passed on has any: it is for this client.
        case .setCookie: true
        default: name == .cacheStatus
        }
    }

    /// Whether the request has conditions that only its handler can judge, or asks for a part: then it is not for a cache.
    static func areForHandler(_ request: HTTPFields) -> Bool {
        request.contains(.range) || request.contains(.ifRange) || request.contains(.ifMatch)
            || request.contains(.ifUnmodifiedSince)
    }
}
