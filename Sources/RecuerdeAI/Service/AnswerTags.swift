import Recuerde

/// The tags that answers are kept with, so that all that something concerns can be made void at once: the kind, the
/// model, and the records that the request names.
enum AnswerTags {
    /// What answers of a kind carry, as in `kind:hint`.
    static func kind(_ kind: AnswerKind) -> String {
        "kind:\(kind.rawValue)"
    }

    /// What answers carry that a model was asked for, as in `model:claude-haiku-4-5`; of the tutor's own, its version
    /// stands in the model's place.
    static func model(_ name: String) -> String {
        "model:\(name)"
    }

    /// All tags of an answer. Records that are no records, which a request with faults may have, are left out.
    static func all(kind: AnswerKind, model: String, records: [String]?) -> [String] {
        [Self.kind(kind), Self.model(model)] + (records ?? []).compactMap { CacheRecord(named: $0)?.tag }
    }
}
