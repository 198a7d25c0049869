/// What a cache is to save.
public enum EvictionGoal: Sendable, Hashable {
    /// As many loads as possible.
    case requests
    /// As much of what loads cost as possible.
    case spend
}
