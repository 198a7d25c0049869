#if os(Linux)
    import Foundation
    import RecuerdeTesting
    import Testing

    /// The truths of the cache, tried on many histories of several nodes.
    @Suite struct ModelTests {
        private static func number(_ name: String) -> UInt64? {
            ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
        }

        /// As many histories as `scripts/test` (10 000) or `scripts/model` asks for, in a process of their own: there the order of dictionaries is always the
        /// same, and with it what a seed stands for.
        @Test(.enabled(if: number("RECUERDE_MODEL_HISTORIES") != nil, "scripts/test and scripts/model ask for it"))
        func theTruthsHoldInEveryHistory() throws {
            let seed = Self.number("RECUERDE_MODEL_SEED") ?? 1
            let count = Int(clamping: Self.number("RECUERDE_MODEL_HISTORIES") ?? 0)
            let started = ContinuousClock.now
            let findings = try Explorer().findings(
                from: seed,
                count: count,
                limit: Int(clamping: Self.number("RECUERDE_MODEL_FINDINGS") ?? 1)
            )
            let seconds = (ContinuousClock.now - started) / .seconds(1)
            print("model: \(count) histories in \(seconds) s")
            for finding in findings { Issue.record("\(finding)") }
        }

        @Test(arguments: SeededBug.allCases)
        func aSeededBugIsFound(bug: SeededBug) throws {
            let finding = try #require(
                try Explorer(bug: bug).findings(from: 1, count: 10_000, truth: bug.truth, shrinks: false).first
            )
            print("model: \(bug) is found as a breach of truth \(bug.truth) by \(finding.count) histories")
        }
    }
#endif
