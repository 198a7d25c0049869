import Recuerde

/// What the cache keeps: an answer's words, and who wrote them at what price.
struct KeptAnswer: Codable, Sendable, Hashable {
    /// One text for feedback and hints, one to five for insights.
    var texts: [String]
    /// The provider's name.
    var provider: String
    /// The model that wrote it.
    var model: String
    /// The row of the price table that the cost was reckoned with; nil where the price is not known.
    var priceRow: String?
    /// What it cost, for entries of the plain format, which have no place of their own for it.
    var cost: LoadCost?
}
