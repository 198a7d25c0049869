/// The words of `RECUERDE_READING_ORDER`.
enum ReadingOrderChoice: String, Sendable, CaseIterable {
    case memory, remote, unchecked
}

/// The words of `RECUERDE_INVALIDATION`.
enum InvalidationChoice: String, Sendable, CaseIterable {
    case tracking, published, both
}
