import Logging
import RecuerdeTesting
import Testing

@testable import Recuerde

/// Options that contradict each other, `docs/scenarios-cache.md`, scenario 19.
@Suite struct ConfigurationProblemTests {
    private let nodes = Nodes()

    /// What makes one contradiction, and nothing else, in a cache of its own.
    struct Case: Sendable, CustomTestStringConvertible {
        var id: ConfigurationProblem.ID
        var severity = ConfigurationProblem.Severity.warning
        var kind: String?
        var needsRemote = false
        var change: @Sendable (inout CacheConfiguration) -> Void

        var testDescription: String { "\(id)\(kind.map { ", \($0)" } ?? "")" }
    }

    static let cases: [Case] = [
        Case(id: .noTimeToLive, severity: .error) { $0.defaultTimeToLive = .zero },
        Case(id: .noTimeToLive, severity: .error, kind: "a") {
            $0.kinds = [CacheKind("a", timeToLive: .zero), CacheKind("b")]
        },
        Case(id: .staleLifeShorterThanTimeToLive) { $0.defaultMaximumStaleness = .seconds(-1) },
        Case(id: .staleLifeShorterThanTimeToLive, kind: "b") {
            $0.kinds = [CacheKind("a"), CacheKind("b", maximumStaleness: .seconds(-1))]
        },
        Case(id: .throttleLongerThanStaleLife) {
            $0.defaultMaximumStaleness = .seconds(5)
            $0.defaultFailureThrottle = .seconds(6)
        },
        Case(id: .throttleLongerThanStaleLife, kind: "a") {
            $0.kinds = [CacheKind("a", maximumStaleness: .seconds(5))]
            $0.defaultMaximumStaleness = .seconds(10)
        },
        Case(id: .jitterOutOfRange) { $0.defaultJitter = .fraction(0.6) },
        Case(id: .jitterOutOfRange) { $0.defaultJitter = .fraction(.nan) },
        Case(id: .jitterOutOfRange) { $0.defaultJitter = .upTo(.seconds(-1)) },
        Case(id: .jitterOutOfRange) { $0.defaultJitter = .upTo(.seconds(1_801)) },
        Case(id: .jitterOutOfRange, kind: "a") {
            $0.defaultJitter = .upTo(.seconds(60))
            $0.kinds = [CacheKind("a", timeToLive: .seconds(60)), CacheKind("b")]
        },
        Case(id: .earlyRefreshOutOfRange) { $0.defaultEarlyRefresh = -1 },
        Case(id: .earlyRefreshOutOfRange) { $0.defaultEarlyRefresh = .nan },
        Case(id: .earlyRefreshOutOfRange) { $0.defaultEarlyRefresh = .infinity },
        Case(id: .hardLimitBelowSoft) {
            $0.defaultSoftTimeout = .seconds(2)
            $0.defaultHardTimeout = .seconds(1)
        },
        Case(id: .loadTimeoutBelowSoft) { $0.defaultSoftTimeout = .seconds(60) },
        Case(id: .noLoadTimeout, severity: .error) { $0.defaultLoadTimeout = .zero },
        Case(id: .noBackgroundLoads) {
            $0.maximumBackgroundLoads = 0
            $0.defaultSoftTimeout = .seconds(1)
        },
        Case(id: .noBackgroundLoads) {
            $0.maximumBackgroundLoads = 0
            $0.defaultEarlyRefresh = 1
        },
        Case(id: .negativeTime) { $0.defaultSoftTimeout = .seconds(-1) },
        Case(id: .negativeTime) { $0.stalenessBound = .seconds(-1) },
        Case(id: .noMemory) { $0.memory.maximumEntries = 0 },
        Case(id: .noEntryBytes, severity: .error) { $0.maximumEntryBytes = 0 },
        Case(id: .kindNamedTwice, kind: "a") {
            $0.kinds = [CacheKind("a"), CacheKind("b"), CacheKind("a"), CacheKind("a")]
        },
        Case(id: .noLeases) { $0.defaultLoadsOncePerCluster = true },
        Case(id: .noLeaseWait, needsRemote: true) {
            $0.defaultLoadsOncePerCluster = true
            $0.leaseWait = .zero
        },
        Case(id: .leaseTooShort, needsRemote: true) {
            $0.defaultLoadsOncePerCluster = true
            $0.leaseTimeToLive = .milliseconds(99)
        },
        Case(id: .noRemoteDeadline, severity: .error, needsRemote: true) { $0.remoteDeadline = .zero },
        Case(id: .noBreakerThreshold, needsRemote: true) { $0.breakerThreshold = 0 },
        Case(id: .noJournal, needsRemote: true) { $0.journalMaximumIntents = 0 },
        Case(id: .dependenciesWithoutTags, severity: .error, needsRemote: true) {
            $0.format = .plain
            $0.dependencies.declare("verb", tags: ["x"])
        },
    ]

    @Test(arguments: cases)
    func eachIsFoundAndLoggedWhenTheCacheIsMade(example: Case) throws {
        var configuration = CacheConfiguration()
        example.change(&configuration)
        let remote = example.needsRemote ? nodes.remote : nil
        let record = LogRecord()
        let cache = Cache(
            configuration: configuration,
            remote: remote,
            timeSource: nodes.time,
            logger: record.logger(level: .info)
        )
        let problems = cache.configurationProblems
        #expect(problems.map(\.id) == [example.id])
        let problem = try #require(problems.first)
        #expect(problem.severity == example.severity && problem.kind == example.kind)
        #expect(problem.description.hasPrefix("\(example.severity) \(example.id)"))
        #expect(!problem.message.isEmpty && !problem.advice.isEmpty)
        #expect(configuration.problems == (example.needsRemote ? configuration.problems(with: nil) : problems))
        let line = try #require(record.lines.first { $0.message == "cache_configuration_problem" })
        #expect(record.lines.count == 1 && line.level == (example.severity == .error ? .error : .warning))
        #expect(line.metadata["id"] == "\(example.id)" && line.metadata["kind"] == example.kind)
        #expect(line.metadata["problem"] == problem.message && line.metadata["advice"] == problem.advice)
    }

    @Test func whatMakesSenseIsNoProblem() {
        #expect(CacheConfiguration().problems.isEmpty && CacheConfiguration().problems(with: nodes.remote).isEmpty)
        var configuration = CacheConfiguration()
        configuration.defaultSoftTimeout = .zero
        configuration.defaultHardTimeout = .seconds(1)
        configuration.defaultEarlyRefresh = 1
        configuration.defaultJitter = .fraction(0.5)
        configuration.defaultLoadTimeout = nil
        // A pause without any stale life is the default's, and of no effect by itself.
        configuration.defaultFailureThrottle = .seconds(100)
        configuration.kinds = [CacheKind("a", timeToLive: .seconds(10), maximumStaleness: .seconds(100))]
        #expect(configuration.problems.isEmpty)
    }

    /// The list's "stale life shorter than the life": here it is counted past that, so it is below zero.
    @Test func scenario19_aStaleLifeThatEndsBeforeTheLifeDoesCountsAsEndingWithIt() async throws {
        for remote in [nil, nodes.remote] as [ScriptedRemoteTier?] {
            var configuration = CacheConfiguration()
            configuration.defaultTimeToLive = .seconds(10)
            configuration.defaultMaximumStaleness = .seconds(-5)
            let record = LogRecord()
            let cache = Cache(
                configuration: configuration,
                remote: remote,
                timeSource: nodes.time,
                logger: record.logger(level: .warning)
            )
            #expect(record.messages(atLeast: .warning) == ["cache_configuration_problem"])
            try await cache.set("k", to: 1)
            nodes.time.advance(by: .milliseconds(9_999))
            #expect(try await cache.get("k") == 1)
            nodes.time.advance(by: .milliseconds(1))
            await #expect(throws: LoadFailure.self) { try await cache.value(for: "k") { throw LoadFailure() } as Int }
        }
    }
}
