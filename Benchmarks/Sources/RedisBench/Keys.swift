/// The keys of `redis-benchmark -r 1024`, so that all clients read and write the same values.
enum Keys {
    static let names: [String] = (0..<1024).map { number in
        let digits = String(number)
        return "key:" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// Runs through the keys in an order that looks like none, from a start of its own for each task.
    struct Walk {
        private var position: Int

        init(task: Int) {
            position = task &* 379
        }

        mutating func next() -> String {
            position = (position &+ 617) & 1023
            return Keys.names[position]
        }
    }
}
