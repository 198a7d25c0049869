/// The words of `RECUERDE_READING_ORDER`.
enum ReadingOrderChoice: String, Sendable, CaseIterable {
    case memory, remote, unchecked
}
