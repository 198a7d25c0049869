/// One way to order entries by. Which of several serves best depends on what is asked for, so they are tried side by
/// side (see `EvictionTrials`).
struct EvictionPlan {
    /// The newcomers' share of the bound, in thousandths.
    var window: Int
    /// The share of the rest that is for entries which were asked for again, in thousandths.
    var protected = 800
    /// By how many uses a candidate must exceed the entry whose place it would take, and one more. In a loop that is
    /// longer than the cache the candidate has always been seen once more than its victim, whose turn is still to come
    /// in this round; with a handicap of one they are equals, and the victim stays for its turn.
    var handicap: UInt8 = 1
    /// Whether the order is that of cost and use for each unit of weight, not that of the queues.
    var byValue = false

    /// The queues, from one that all but ignores newcomers to one that is nearly LRU.
    static let queues = [
        EvictionPlan(window: 10, protected: 500),
        EvictionPlan(window: 100),
        EvictionPlan(window: 400),
        EvictionPlan(window: 800, handicap: 2),
    ]
    /// Makes sense only where entries differ in weight or cost.
    static let value = EvictionPlan(window: 0, byValue: true)

    /// After how many requests frequencies are halved.
    static func agingPeriod(entries: Int) -> Int { 8 &* max(64, entries) }

    /// Whether frequencies of resident entries are halved the `number`th time. The order by value ages by itself, so
    /// there they are halved only to stay apart.
    func ages(at number: Int) -> Bool { !byValue || number % 10 == 0 }
}
