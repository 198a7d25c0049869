/// A record of the application, as its database knows it: of a type, and under an identifier.
public struct CacheRecord: Sendable, Hashable {
    /// What kind of record it is, such as `verb`.
    public var type: String
    /// Which one of them.
    public var id: String

    /// Makes a record's name.
    public init(_ type: String, id: String) {
        self.type = type
        self.id = id
    }

    /// Reads `type:id`, the form in which the service names records: what stands before the first colon is the type, and
    /// all that follows is the identifier. Nil where either is empty.
    package init?(named text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let id = text[text.index(after: colon)...]
        guard colon != text.startIndex, !id.isEmpty else { return nil }
        self.init(String(text[..<colon]), id: String(id))
    }

    /// The tag for entries that are made of this record: both parts, escaped like those of a key.
    public var tag: String {
        CacheKey(parts: [type, id]).text
    }
}

/// What has to be forgotten when a record changes, beyond the entries that carry the record's own tag.
///
/// ```swift
/// var dependencies = CacheDependencies()
/// dependencies.declare("verb", tags: ["verb-lists"])
/// dependencies.declare("verb") { id in .init(keys: [CacheKey("conjugation", id)]) }
/// dependencies.declare("lesson") { id in .init(records: [CacheRecord("course", id: course(of: id))]) }
/// configuration.dependencies = dependencies
/// ```
///
/// Given to a cache once, and told by ``Cache/recordChanged(_:id:by:)``.
public struct CacheDependencies: Sendable {
    /// What depends on one record.
    public struct Dependents: Sendable {
        /// Entries that carry one of these tags are void.
        public var tags: [String]
        /// The entries under these keys are removed.
        public var keys: [CacheKey]
        /// These records count as changed too, with all that depends on them.
        public var records: [CacheRecord]

        /// Makes a list.
        public init(tags: [String] = [], keys: [CacheKey] = [], records: [CacheRecord] = []) {
            self.tags = tags
            self.keys = keys
            self.records = records
        }
    }

    /// One change reaches no more records than this.
    package static let limit = 10_000

    private var rules: [String: [@Sendable (String) -> Dependents]] = [:]

    /// Nothing depends on anything, but for a record's own tag.
    public init() {}

    /// The same tags and keys for every record of a type.
    public mutating func declare(_ type: String, tags: [String] = [], keys: [CacheKey] = []) {
        declare(type) { _ in Dependents(tags: tags, keys: keys) }
    }

    /// Whether nothing was declared.
    var isEmpty: Bool { rules.isEmpty }

    /// What depends on a record, by its identifier. Added to what was declared for the type before.
    public mutating func declare(_ type: String, _ dependents: @escaping @Sendable (_ id: String) -> Dependents) {
        rules[type, default: []].append(dependents)
    }

    /// All tags and keys that a change of these records concerns, their own tags first; each record and key once, so that circles
    /// end. Nil where there are more records than the limit.
    func dependents(of changed: [CacheRecord]) -> (tags: [String], keys: [CacheKey])? {
        var seen: Set<CacheRecord> = []
        var records = changed.filter { seen.insert($0).inserted }
        guard records.count <= Self.limit else { return nil }
        var (tags, keys): ([String], [CacheKey]) = ([], [])
        var seenKeys: Set<CacheKey> = []
        var index = 0
        while index < records.count {
            let record = records[index]
            index += 1
            tags.append(record.tag)
            for rule in rules[record.type] ?? [] {
                let dependents = rule(record.id)
                tags += dependents.tags
                keys += dependents.keys.filter { seenKeys.insert($0).inserted }
                records += dependents.records.filter { seen.insert($0).inserted }
            }
            if records.count > Self.limit { return nil }
        }
        return (tags, keys)
    }
}
