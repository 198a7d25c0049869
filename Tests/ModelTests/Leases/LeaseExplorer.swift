#if os(Linux)
    import RecuerdeTesting

    /// Histories of leases.
    struct LeaseExplorer: HistoryModel {
        var bug: SeededLeaseBug?

        func history(seed: UInt64) -> LeaseHistory {
            var generator = LeaseHistoryGenerator(seed: seed)
            return generator.history()
        }

        func run(_ history: LeaseHistory, traces: Bool = false) throws -> (violation: Violation?, trace: [String]) {
            try TaskSchedule.run { schedule in
                let world = LeaseWorld(history.setup, schedule: schedule, bug: bug, traces: traces)
                for event in history.events where world.violation == nil { world.happen(event) }
                world.finish(history.seed)
                return (world.violation, world.trace ?? [])
            }
        }
    }
#endif
