import Recuerde
import RecuerdeAI

extension Problem {
    /// The problem that an error of the AI service stands for; `nil` if it is none of the client's business.
    init?(_ error: AIServiceError) {
        switch error.code {
        case .invalid:
            self = .invalidFields(error.fields.map { FieldError(field: $0.field, detail: $0.message) })
        case .notCached:
            self = .notCached
        default:
            return nil
        }
    }

    /// The problem that an error of the cache stands for; `nil` if it is none of the client's business.
    init?(_ error: CacheError) {
        switch error.code {
        case .notCached: self = .notCached
        case .invalidKey: self = .invalidFields([FieldError(field: "key", detail: "is not a key of this cache")])
        case .invalidTag: self = .invalidFields([FieldError(field: "tags", detail: "has what is no tag of this cache")])
        case .remoteFailed, .closed: self = .cacheUnavailable
        case .loadTimedOut: self = .answerTimedOut
        default: return nil
        }
    }
}
