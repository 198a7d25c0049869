/// Why a question was not answered. A provider's failure is no such reason: then the tutor answers.
public struct AIServiceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case invalid, notCached, configuration
        }

        private let value: Value

        /// The question breaks a rule; ``AIServiceError/fields`` says where.
        public static let invalid = Code(value: .invalid)
        /// Only a kept answer was wanted, and there is none.
        public static let notCached = Code(value: .notCached)
        /// The service or a provider cannot be set up as configured.
        public static let configuration = Code(value: .configuration)

        /// What is safe to log.
        public var description: String {
            value.rawValue
        }
    }

    /// The kind of error.
    public var code: Code
    /// What happened and what to do, without anything that a learner wrote.
    public var message: String
    /// The fields at fault, where the code is ``Code/invalid``.
    public var fields: [FieldError]

    /// Makes an error.
    public init(_ code: Code, message: String, fields: [FieldError] = []) {
        self.code = code
        self.message = message
        self.fields = fields
    }

    /// The first field at fault.
    public var field: String? {
        fields.first?.field
    }

    /// What is safe to log.
    public var description: String {
        "\(code): \(message)"
    }

    static func invalid(_ fields: [FieldError]) -> AIServiceError {
        AIServiceError(.invalid, message: fields.map(\.description).joined(separator: "; "), fields: fields)
    }
}
