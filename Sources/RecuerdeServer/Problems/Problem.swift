public import HTTPTypes

/// An error as HTTP clients get it: `application/problem+json` (RFC 9457).
///
/// `detail` and the field errors name things and limits; they never repeat what the client sent.
public struct Problem: Error, Sendable, Hashable {
    /// One field that is wrong, and how.
    public struct FieldError: Sendable, Hashable, Encodable {
        /// Where the field stands, such as `exercise_context.verb` or `weak_areas[2].area`.
        public var field: String
        /// What is wrong with it and what would be right.
        public var detail: String

        /// Makes a field error.
        public init(field: String, detail: String) {
            self.field = field
            self.detail = detail
        }
    }

    /// The HTTP status.
    public var status: HTTPResponse.Status
    /// A fixed word for programs, such as `invalid_field`.
    public var code: String
    /// A sentence for people.
    public var detail: String
    /// The fields at fault, if any.
    public var errors: [FieldError]
    /// Header fields that belong to the answer, such as `Allow` or `Retry-After`.
    public var headers: HTTPFields

    /// Makes a problem.
    public init(
        _ status: HTTPResponse.Status,
        code: String,
        detail: String,
        errors: [FieldError] = [],
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }
}

extension Problem: Encodable {
    private enum CodingKeys: String, CodingKey {
        case type, title, status, code, detail, errors
    }

    /// Writes the members of RFC 9457, the word `code`, and `errors` where there are any.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        // RFC 9457, 4.2.1: "about:blank" says that the problem has no more meaning than its status; the title is its phrase.
        try container.encode("about:blank", forKey: .type)
        try container.encode(status.reasonPhrase, forKey: .title)
        try container.encode(status.code, forKey: .status)
        try container.encode(code, forKey: .code)
        try container.encode(detail, forKey: .detail)
        if !errors.isEmpty { try container.encode(errors, forKey: .errors) }
    }
}
