/// What happens to a world, and in which order.
protocol ModelHistory: Sendable {
    associatedtype Happening: Sendable
    associatedtype Place: Sendable

    /// What its world draws from, and what it was drawn from itself.
    var seed: UInt64 { get }
    var setup: Place { get }
    var events: [Happening] { get set }
}
