extension Problem {
    /// What a client is told when its JSON does not have the shape of a request.
    ///
    /// Only the place and the expected type are taken from the error: its own words may repeat what was sent.
    /// - Parameters:
    ///   - depth: How many steps of the path lie above what the client calls the request, as in an item of a batch.
    ///   - root: What the request itself is called.
    init(decoding error: DecodingError, below depth: Int = 0, root: String = "body") {
        func field(_ path: [any CodingKey]) -> String { Self.path(Array(path.dropFirst(depth)), root: root) }
        switch error {
        case .keyNotFound(let key, let context):
            self = .invalidFields([FieldError(field: field(context.codingPath + [key]), detail: "is required")])
        case .valueNotFound(let type, let context):
            let detail = "must be \(Self.name(of: type)), not null"
            self = .invalidFields([FieldError(field: field(context.codingPath), detail: detail)])
        case .typeMismatch(let type, let context):
            let detail = "must be \(Self.name(of: type))"
            self = .invalidFields([FieldError(field: field(context.codingPath), detail: detail)])
        case .dataCorrupted(let context):
            if context.codingPath.count <= depth {
                self = .malformedJSON
            } else {
                let detail = "has a value that is not acceptable"
                self = .invalidFields([FieldError(field: field(context.codingPath), detail: detail)])
            }
        @unknown default:
            self = .malformedJSON
        }
    }

    /// A coding path as clients write it: `exercise.verb`, `weak_areas[2].area`.
    ///
    /// A key that the client invented (in a free dictionary) is cut and cleaned: it is their text, not ours.
    static func path(_ codingPath: [any CodingKey], root: String) -> String {
        var path = ""
        for key in codingPath {
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                let name = key.stringValue
                let known = name.utf8.count <= 64 && name.utf8.allSatisfy { Self.isNameByte($0) }
                path += path.isEmpty ? "" : "."
                path += known ? name : "*"
            }
        }
        return path.isEmpty ? root : path
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        default: String(describing: type).hasPrefix("Array") ? "an array" : "an object"
        }
    }
}
