#if os(Linux)
    import Foundation
    import RecuerdeTesting
    import Testing

    /// The truths of the cache, tried on many histories of several nodes.
    @Suite struct ModelTests {
        private static func number(_ name: String) -> UInt64? {
            ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
        }

        /// Run by `scripts/model` alone: it finds breaches that are not mended yet, in one history of some thousands; they stand in
        /// `docs/design.md`, section 6, "Left open as well".
        @Test(.enabled(if: number("RECUERDE_MODEL_HISTORIES") != nil))
        func theTruthsHoldInEveryHistory() throws {
            let seed = Self.number("RECUERDE_MODEL_SEED") ?? 1
            let count = Int(Self.number("RECUERDE_MODEL_HISTORIES") ?? 10_000)
            let started = ContinuousClock.now
            let finding = try Explorer().explore(from: seed, count: count)
            let seconds = (ContinuousClock.now - started) / .seconds(1)
            print("model: \(finding?.count ?? count) histories in \(seconds) s")
            if let finding { Issue.record("\(finding)") }
        }

        @Test(arguments: SeededBug.allCases)
        func aSeededBugIsFound(bug: SeededBug) throws {
            let finding = try #require(
                try Explorer(bug: bug).explore(from: 1, count: 10_000, truth: bug.truth, shrinks: false)
            )
            print("model: \(bug) is found as a breach of truth \(bug.truth) by \(finding.count) histories")
        }
    }
#endif
