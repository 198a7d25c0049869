import HTTPTypes

/// The id of a request.
enum RequestIdentity {
    static let header = HTTPField.Name("X-Request-Id")

    /// The client's id if it is 1 to 128 visible ASCII characters, else a new random one.
    static func of(_ headers: HTTPFields) -> String {
        if let header, let given = headers[header], isValid(given) { return given }
        return random()
    }

    static func isValid(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count) && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func random() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: max(0, 16 - digits.count)) + digits
    }
}
