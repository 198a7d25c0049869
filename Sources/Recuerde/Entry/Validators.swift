/// What a source has said about a version of a value, so that it can be asked later whether that version is still the current one (RFC
/// 9110, section 8.8): kept with the entry, in memory and in the remote tier, and handed to the load that may replace it.
///
/// Both are kept verbatim, whatever they look like. One longer than ``maximumLength`` bytes is not kept.
public struct Validators: Sendable, Hashable {
    /// The longest that is kept, in bytes of UTF-8.
    public static let maximumLength = 1_024

    /// The entity tag, as the source gave it, quotes and `W/` included.
    public var etag: String?
    /// When the source last changed the value, in its own words.
    public var lastModified: String?

    /// Makes validators.
    public init(etag: String? = nil, lastModified: String? = nil) {
        self.etag = etag
        self.lastModified = lastModified
    }

    /// What of it is kept; nil for nothing.
    package var kept: Validators? {
        func kept(_ text: String?) -> String? {
            text.flatMap { $0.utf8.count <= Self.maximumLength ? $0 : nil }
        }
        let kept = Validators(etag: kept(etag), lastModified: kept(lastModified))
        return kept.etag == nil && kept.lastModified == nil ? nil : kept
    }

    /// What it adds to the weight of an entry.
    var weight: Int {
        MemoryLayout<Self>.stride + (etag?.utf8.count ?? 0) + (lastModified?.utf8.count ?? 0)
    }
}

/// Validators in one place, so that entries without them cost no more than a reference to none.
final class KeptValidators: Sendable {
    let validators: Validators

    init?(_ validators: Validators?) {
        guard let kept = validators?.kept else { return nil }
        self.validators = kept
    }
}
