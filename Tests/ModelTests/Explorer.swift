#if os(Linux)
    import Dispatch
    import Foundation
    import RecuerdeTesting
    import Synchronization

    /// Histories of one kind, and what comes of one of them.
    protocol HistoryModel: Sendable {
        associatedtype Past: ModelHistory

        func history(seed: UInt64) -> Past
        /// Runs one history to its end.
        func run(_ history: Past, traces: Bool) throws -> (violation: Violation?, trace: [String])
    }

    /// A history that breaks a truth.
    struct Finding<Past: ModelHistory>: CustomStringConvertible {
        var violation: Violation
        var history: Past
        /// How many histories it took.
        var count: Int
        var trace: [String]

        var description: String {
            """
            truth \(violation.truth) does not hold: \(violation.what)
            seed \(history.seed), after \(count) histories; \(history.events.count) events are left of it, in \(history.setup)
            \(trace.joined(separator: "\n"))
            """
        }
    }

    /// The histories of caches.
    struct Explorer: HistoryModel {
        var bug: SeededBug?

        func history(seed: UInt64) -> History {
            var generator = HistoryGenerator(seed: seed)
            return generator.history()
        }

        /// Runs one history to its end.
        func run(_ history: History, traces: Bool = false) throws -> (violation: Violation?, trace: [String]) {
            try TaskSchedule.run { schedule in
                let world = try World(history.setup, schedule: schedule, bug: bug, traces: traces)
                for event in history.events where world.violation == nil { world.happen(event) }
                world.finish(history.seed)
                return (world.violation, world.trace ?? [])
            }
        }
    }

    private struct Found {
        var violations: [Int: Violation] = [:]
        var failure: (any Error)?
    }

    /// Runs histories, and makes one that breaks a truth as short as it can.
    extension HistoryModel {
        /// Runs so many histories, from one seed on, on all processors, until as many as `limit` break a truth, or this one. Tells of the first of them.
        func findings(
            from seed: UInt64,
            count: Int,
            limit: Int = 1,
            truth: Int? = nil,
            shrinks: Bool = true
        ) throws -> [Finding<Past>] {
            let found = Mutex(Found())
            let next = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: max(1, ProcessInfo.processInfo.activeProcessorCount)) { _ in
                while true {
                    let number = next.add(1, ordering: .relaxed).oldValue
                    // Whoever has one under way when the limit is reached ends it, so that the first are told, whoever was quicker.
                    guard number < count, found.withLock({ $0.violations.count < limit && $0.failure == nil }) else {
                        return
                    }
                    do {
                        guard let violation = try run(history(seed: seed &+ UInt64(number)), traces: false).violation,
                            truth == nil || violation.truth == truth
                        else { continue }
                        found.withLock { $0.violations[number] = violation }
                    } catch {
                        return found.withLock { $0.failure = error }
                    }
                }
            }
            let all = found.withLock { $0 }
            if let failure = all.failure { throw failure }
            return try all.violations.sorted { $0.key < $1.key }.prefix(limit).map { number, violation in
                let history = history(seed: seed &+ UInt64(number))
                let shortest = shrinks ? try shorten(history, breaking: violation.truth) : history
                let again = try run(shortest, traces: true)
                return Finding(
                    violation: again.violation ?? violation,
                    history: shortest,
                    count: number + 1,
                    trace: again.trace
                )
            }
        }

        /// Leaves out events as long as the same truth is broken: halves first, then ever smaller parts.
        func shorten(_ history: Past, breaking truth: Int, attempts: Int = 3_000) throws -> Past {
            var shortest = history
            var left = attempts
            var size = max(1, history.events.count / 2)
            while left > 0 {
                var hasShrunk = false
                var start = 0
                while start < shortest.events.count, left > 0 {
                    var candidate = shortest
                    candidate.events.removeSubrange(start..<min(start + size, candidate.events.count))
                    left -= 1
                    if try run(candidate, traces: false).violation?.truth == truth {
                        shortest = candidate
                        hasShrunk = true
                    } else {
                        start += size
                    }
                }
                if size > 1 { size /= 2 } else if !hasShrunk { break }
            }
            return shortest
        }
    }
#endif
