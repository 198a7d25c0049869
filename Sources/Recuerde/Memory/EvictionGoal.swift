/// What the memory tier tries to get the most of when it has to choose what to keep.
public enum EvictionGoal: String, Sendable, Hashable, CaseIterable {
    /// Requests answered: every hit counts the same.
    case requests
    /// Money saved: a hit counts what the load of its entry cost (``LoadCost/microdollars``).
    case spend
}
