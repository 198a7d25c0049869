#if os(Linux)
    import Foundation
    import RecuerdeTesting
    import Testing

    /// The truths of the cache, tried on many histories of several nodes.
    @Suite struct ModelTests {
        private static func number(_ name: String) -> UInt64? {
            ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
        }

        /// 3 000 histories, or as many as `scripts/model` asks for. From run to run the order of a dictionary may differ, and with it what a seed stands
        /// for; that script keeps it the same.
        @Test func theTruthsHoldInEveryHistory() throws {
            let seed = Self.number("RECUERDE_MODEL_SEED") ?? 1
            let count = Int(clamping: Self.number("RECUERDE_MODEL_HISTORIES") ?? 3_000)
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
