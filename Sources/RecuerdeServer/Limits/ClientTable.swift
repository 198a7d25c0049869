/// A table per client that never grows beyond its bound.
///
/// Two generations: when the young one is full it becomes the old one, and the old one is dropped. Whoever is seen
/// again moves to the young one, so that only clients which have been quiet the longest are forgotten. O(1) per access.
struct ClientTable<Value> {
    private var young: [String: Value] = [:]
    private var old: [String: Value] = [:]
    private let generation: Int

    /// Makes a table that holds at most `capacity` clients.
    init(capacity: Int) {
        generation = max(1, capacity / 2)
    }

    /// The number of clients that are remembered.
    var count: Int { young.count + old.count }

    /// Changes the value of one client; a client that is not in the table starts with `initial`.
    mutating func update<Result>(
        _ client: String,
        initial: @autoclosure () -> Value,
        _ change: (inout Value) -> Result
    ) -> Result {
        // Taken out of the old generation, so that nobody stands in both.
        var value = young[client] ?? old.removeValue(forKey: client) ?? initial()
        let result = change(&value)
        if young[client] == nil && young.count >= generation {
            old = young
            young = [:]
        }
        young[client] = value
        return result
    }
}
