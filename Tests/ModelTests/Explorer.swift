#if os(Linux)
    import Dispatch
    import Foundation
    import RecuerdeTesting
    import Synchronization

    /// Runs histories, and makes one that breaks a truth as short as it can.
    struct Explorer: Sendable {
        /// A history that breaks a truth.
        struct Finding: CustomStringConvertible {
            var violation: Violation
            var history: History
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

        var bug: SeededBug?

        /// Runs one history to its end.
        func run(_ history: History, traces: Bool = false) throws -> (violation: Violation?, trace: [String]) {
            try TaskSchedule.run { schedule in
                let world = World(history.setup, schedule: schedule, bug: bug, traces: traces)
                for event in history.events where world.violation == nil { world.happen(event) }
                world.finish(history.seed)
                return (world.violation, world.trace ?? [])
            }
        }

        private struct First {
            var number = Int.max
            var violation: Violation?
            var failure: (any Error)?
        }

        /// Runs so many histories, from one seed on, on all processors; tells of the first that breaks a truth, or this one.
        func explore(from seed: UInt64, count: Int, truth: Int? = nil, shrinks: Bool = true) throws -> Finding? {
            let first = Mutex(First())
            let next = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: max(1, ProcessInfo.processInfo.activeProcessorCount)) { _ in
                while true {
                    let number = next.add(1, ordering: .relaxed).oldValue
                    guard number < count, number < first.withLock({ $0.number }) else { return }
                    var generator = HistoryGenerator(seed: seed &+ UInt64(number))
                    do {
                        guard let violation = try run(generator.history()).violation,
                            truth == nil || violation.truth == truth
                        else { continue }
                        first.withLock { if number < $0.number { ($0.number, $0.violation) = (number, violation) } }
                    } catch {
                        return first.withLock { $0.failure = error }
                    }
                }
            }
            let found = first.withLock { $0 }
            if let failure = found.failure { throw failure }
            guard let violation = found.violation else { return nil }
            var generator = HistoryGenerator(seed: seed &+ UInt64(found.number))
            let history = generator.history()
            let shortest = shrinks ? try shorten(history, breaking: violation.truth) : history
            let again = try run(shortest, traces: true)
            return Finding(
                violation: again.violation ?? violation,
                history: shortest,
                count: found.number + 1,
                trace: again.trace
            )
        }

        /// Leaves out events as long as the same truth is broken: halves first, then ever smaller parts.
        func shorten(_ history: History, breaking truth: Int, attempts: Int = 3_000) throws -> History {
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
                    if try run(candidate).violation?.truth == truth {
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
