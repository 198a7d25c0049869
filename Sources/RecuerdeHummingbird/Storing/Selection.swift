import HTTPTypes

/// The fields of requests by which a response was chosen, as its `Vary` names them, and what they said (RFC 9111, section 4.1).
struct Selection: Sendable, Hashable, Codable {
    /// Names in small letters, sorted, each followed by whether the field was there and what it said.
    private var parts: [String] = []

    /// One that all requests have in common.
    static let all = Selection()

    private init() {}

    /// Nil where no other request may be answered with the response (`Vary: *`).
    init?(_ response: HTTPFields, request: HTTPFields) {
        let names = response[values: .vary].flatMap(FieldList.members).map { $0.lowercased() }
        guard !names.contains("*") else { return nil }
        for name in Set(names).sorted() {
            guard let field = HTTPField.Name(name) else { return nil }
            parts += [name] + Self.value(of: field, in: request)
        }
    }

    var isForAll: Bool { parts.isEmpty }

    /// Whether the response is for this request as well.
    func matches(_ request: HTTPFields) -> Bool {
        isForAll || parts == selecting(request)
    }

    /// The same fields as another request has them: part of the key under which the response to that is kept.
    func selecting(_ request: HTTPFields) -> [String] {
        var selected: [String] = []
        for index in stride(from: 0, to: parts.count - 2, by: 3) {
            guard let field = HTTPField.Name(parts[index]) else { continue }
            selected += [parts[index]] + Self.value(of: field, in: request)
        }
        return selected
    }

    /// Values as a list, without the spaces around its members: requests that differ in these alone want the same.
    private static func value(of field: HTTPField.Name, in request: HTTPFields) -> [String] {
        let values = request[values: field]
        return [values.isEmpty ? "0" : "1", values.flatMap(FieldList.members).joined(separator: ",")]
    }
}
