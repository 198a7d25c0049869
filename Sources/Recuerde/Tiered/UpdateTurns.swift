import Synchronization

/// Lets those who update one key do it one after another, in the order in which they came.
///
/// Without it updates would still be atomic, since each is put only if nothing has changed meanwhile; but a lock is not fair, so that a
/// processor which updates a key all the time could keep another one from it for ever.
final class UpdateTurns: Sendable {
    private struct Line {
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// How many of those have had their turn.
        var served = 0

        mutating func next() -> CheckedContinuation<Void, Never>? {
            guard served < waiting.count else { return nil }
            defer {
                served += 1
                if served > 64, served * 2 > waiting.count {
                    waiting.removeFirst(served)
                    served = 0
                }
            }
            return waiting[served]
        }
    }

    /// Of each key whose turn somebody has.
    private let lines = Mutex<[CacheKey: Line]>([:])

    /// Waits for the turn; whoever has it must give it back by ``leave(_:)``. Does not end early when the task is cancelled: those before hold
    /// the turn for as long as their change takes, and no longer.
    func take(_ key: CacheKey) async {
        if takeIfFree(key) { return }
        await withCheckedContinuation { continuation in
            let isFree = lines.withLock { lines in
                guard lines[key] != nil else {
                    lines[key] = Line()
                    return true
                }
                lines[key]?.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func takeIfFree(_ key: CacheKey) -> Bool {
        lines.withLock { lines in
            guard lines[key] == nil else { return false }
            lines[key] = Line()
            return true
        }
    }

    /// Gives the turn to who waits longest.
    func leave(_ key: CacheKey) {
        let next = lines.withLock { lines in
            let next = lines[key]?.next()
            if next == nil { lines[key] = nil }
            return next
        }
        next?.resume()
    }

    /// How many keys somebody has the turn of.
    var count: Int { lines.withLock { $0.count } }
}
