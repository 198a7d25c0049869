/// A field in which a learner makes many mistakes.
public struct WeakArea: Codable, Sendable, Hashable {
    /// What it is, as in `imperfect subjunctive`; not empty. At most ``InputLimits/area`` characters.
    public var area: String
    /// Right answers in it, in percent: 0 to ``InputLimits/accuracy``.
    public var accuracy: Double

    /// Makes an area.
    public init(area: String, accuracy: Double) {
        self.area = area
        self.accuracy = accuracy
    }
}
