@testable import Recuerde
import RecuerdeTesting

/// What the callers of a history want besides: confirmations of what is there, entries that nobody can read in the store, several values at once.
/// A call always wants the same, whatever else is left out of the history.
struct WantPlan: Sendable {
    /// Calls that were drawn for the sake of it have numbers from here on.
    static let firstCall = 700_000

    var seed: UInt64
    /// Whether entries are compressed and encrypted in the store, under hidden names.
    var hidesEntries = false

    /// Whether the load of a call finds that the value which it may replace was not modified.
    func confirms(_ call: Int) -> Bool {
        var random = SeededGenerator(seed: seed ^ (UInt64(truncatingIfNeeded: call) &* 0xD6E8_FEB8_6659_FD93))
        return random.oneIn(2)
    }

    /// What a node does with what leaves its memory. All know the same keys; which of them encrypts differs, as while keys are changed.
    func payload(of node: Int) throws -> PayloadConfiguration {
        var payload = PayloadConfiguration()
        guard hidesEntries else { return payload }
        if node % 2 == 0 { payload.compression = .from(1) }
        let keys = try ["old", "new"].map { try EncryptionKey(id: $0, secret: Self.secret($0)) }
        payload.encryption = try PayloadEncryption(.required, keys: node % 3 == 0 ? keys : keys.reversed())
        payload.keyHashing = try KeyHashing(secret: Self.secret("names"))
        return payload
    }

    private static func secret(_ name: String) -> [UInt8] {
        (0..<32).map { UInt8(truncatingIfNeeded: name.utf8.count &* 31 &+ $0) }
    }
}

extension HistoryGenerator {
    /// One history in three has such callers. Drawn from numbers of their own and put in between, as for tags.
    static func withWants(_ history: History) -> History {
        var random = SeededGenerator(seed: history.seed ^ 0x7761_6E74_7321)
        guard random.oneIn(3) else { return history }
        var history = history
        history.setup.wants = WantPlan(seed: random.next(), hidesEntries: random.oneIn(3))
        var events: [Event] = []
        events.reserveCapacity(history.events.count + 40)
        var calls = WantPlan.firstCall
        var waiting: [Int] = []
        for event in history.events {
            events.append(event)
            switch random.below(24) {
            case 0, 1:
                let load: Load =
                    random.oneIn(2) ? .waits(heedsCancellation: true) : .quick(suspensions: random.below(3))
                if case .waits = load { waiting.append(calls) }
                let life: Life =
                    random.oneIn(3)
                    ? Life(fresh: .milliseconds(200 + random.below(4_000)), stale: .seconds(36_000)) : .lasting
                let terms = Terms(refreshes: random.oneIn(2))
                let call: Call =
                    random.oneIn(2)
                    ? .value(key: random.below(History.keys), life: life, load: load, terms: terms)
                    : .values(life: life, load: load, terms: terms)
                events.append(.call(calls, node: random.below(history.setup.nodes), call))
                calls += 1
            case 2 where !waiting.isEmpty:
                events.append(.endLoad(waiting.remove(at: random.below(waiting.count)), fails: random.oneIn(5)))
            default: break
            }
        }
        history.events = events
        return history
    }
}
