import Recuerde
import RecuerdeAI

/// What `POST /api/cache/invalidate` takes: `{"tags"?:[…],"records"?:["type:id",…],"keep_stale"?}`.
///
/// Other than in questions, a field that is not known is an error: one that is misspelt would leave alone what was to be
/// made void, and nothing would say so.
struct InvalidationBody: Decodable, Sendable {
    /// Tags that one request may name.
    static let mostTags = 100
    /// Records that one request may name.
    static let mostRecords = 100
    /// The longest tag, in Unicode scalar values: longer than any that answers carry.
    static let longestTag = 512

    private var tags: [String]
    private var records: [String]
    private var keepsStale: Bool
    private var unknown: [AnyKey]

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case tags, records
        case keepsStale = "keep_stale"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        tags = try container.decodeIfPresent([String].self, forKey: .tags) ?? []
        records = try container.decodeIfPresent([String].self, forKey: .records) ?? []
        keepsStale = try container.decodeIfPresent(Bool.self, forKey: .keepsStale) ?? true
        let known = Set(CodingKeys.allCases.map(\.rawValue))
        unknown = try decoder.container(keyedBy: AnyKey.self).allKeys.filter { !known.contains($0.stringValue) }
    }

    /// What is to be made void, and how.
    ///
    /// - Throws: A ``Problem`` that names every field at fault.
    func checked() throws(Problem) -> (tags: [String], records: [CacheRecord], by: TagInvalidation) {
        var errors = unknown.prefix(10).map { key in
            Problem.FieldError(
                field: Problem.path([key], root: "body"),
                detail: "is no field of this request: there are tags, records and keep_stale"
            )
        }
        errors += faults(of: tags, "tags", most: Self.mostTags, longest: Self.longestTag) { tag in
            tag.isEmpty ? "must not be empty" : nil
        }
        errors += faults(of: records, "records", most: Self.mostRecords, longest: InputLimits.record) { record in
            CacheRecord(named: record) == nil ? "must be a type, a colon and an identifier, such as exercise:42" : nil
        }
        if errors.isEmpty, tags.isEmpty, records.isEmpty {
            errors.append(Problem.FieldError(field: "body", detail: "must name at least one tag or record"))
        }
        guard errors.isEmpty else { throw .invalidFields(errors) }
        return (
            Array(Set(tags)), Array(Set(records.compactMap(CacheRecord.init(named:)))), keepsStale ? .expire : .remove
        )
    }

    private func faults(
        of names: [String],
        _ field: String,
        most: Int,
        longest: Int,
        _ fault: (String) -> String?
    ) -> [Problem.FieldError] {
        guard names.count <= most else {
            return [Problem.FieldError(field: field, detail: "may have at most \(most) items")]
        }
        return names.enumerated().compactMap { index, name in
            let isTooLong = name.unicodeScalars.count > longest
            let detail = isTooLong ? "must have at most \(longest) characters" : fault(name)
            return detail.map { Problem.FieldError(field: "\(field)[\(index)]", detail: $0) }
        }
    }
}

/// What became of it.
struct InvalidatedBody: Encodable {
    /// How many different tags were taken.
    let tags: Int
    /// How many different records were taken.
    let records: Int
    /// Writes that wait for Redis; at zero, it has taken this invalidation, and other processes heed it.
    let journalDepth: Int
}

/// A field of whatever name.
private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        return nil
    }
}
