#if os(Linux)
    import Foundation
    import RecuerdeTesting
    import Testing

    /// What is promised of leases, tried on many histories of several nodes.
    @Suite struct LeaseModelTests {
        private static func number(_ name: String) -> UInt64? {
            ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
        }

        /// As many histories as ``ModelTests``, in the same process.
        @Test(.enabled(if: number("RECUERDE_MODEL_HISTORIES") != nil, "scripts/test and scripts/model ask for it"))
        func theTruthsOfLeasesHoldInEveryHistory() throws {
            let count = Int(clamping: Self.number("RECUERDE_MODEL_HISTORIES") ?? 0)
            let started = ContinuousClock.now
            let findings = try LeaseExplorer().findings(
                from: Self.number("RECUERDE_MODEL_SEED") ?? 1,
                count: count,
                limit: Int(clamping: Self.number("RECUERDE_MODEL_FINDINGS") ?? 1)
            )
            print("model of leases: \(count) histories in \((ContinuousClock.now - started) / .seconds(1)) s")
            for finding in findings { Issue.record("\(finding)") }
        }

        @Test(arguments: SeededLeaseBug.allCases)
        func aSeededBugOfLeasesIsFound(bug: SeededLeaseBug) throws {
            let finding = try #require(
                try LeaseExplorer(bug: bug).findings(from: 1, count: 10_000, truth: bug.truth, shrinks: false).first
            )
            print("model: \(bug) is found as a breach of truth \(bug.truth) by \(finding.count) histories")
        }
    }
#endif
