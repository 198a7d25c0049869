extension CacheConfiguration {
    /// What contradicts itself in this configuration, for a cache without a remote tier; empty where nothing does. A cache logs them when
    /// it is made, and tells them by ``Cache/configurationProblems``, with what comes of its remote tier.
    public var problems: [ConfigurationProblem] { problems(with: nil) }

    /// The same for a cache with that remote tier.
    public func problems(with remote: (any RemoteTier)?) -> [ConfigurationProblem] {
        lifeProblems + waitProblems + storeProblems + payloadProblems
            + (remote.map(remoteProblems) ?? leaseProblems(false))
    }

    // MARK: Lives

    /// What is said of how long values live, by the cache and by each kind.
    private var lifeProblems: [ConfigurationProblem] {
        var problems = lifeProblems(
            kind: nil,
            life: defaultTimeToLive,
            staleness: defaultMaximumStaleness,
            jitter: defaultJitter
        )
        if !(defaultEarlyRefresh >= 0 && defaultEarlyRefresh < .infinity) {
            problems.append(
                ConfigurationProblem(
                    .earlyRefreshOutOfRange,
                    "the default early refresh is not a number from zero on; none, or each hit, refreshes",
                    advice: "take 1, the optimum of the paper, or 0 for none"
                )
            )
        }
        for kind in kinds {
            problems += lifeProblems(
                kind: kind,
                life: kind.timeToLive ?? defaultTimeToLive,
                staleness: kind.maximumStaleness ?? defaultMaximumStaleness,
                jitter: kind.jitter ?? defaultJitter
            )
        }
        return problems
    }

    /// Of a kind, only what it says itself.
    private func lifeProblems(
        kind: CacheKind?,
        life: Duration,
        staleness: Duration,
        jitter: Jitter
    ) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        func found(
            _ id: ConfigurationProblem.ID,
            severity: ConfigurationProblem.Severity = .warning,
            _ message: String,
            advice: String
        ) {
            problems.append(ConfigurationProblem(id, severity: severity, kind: kind?.name, message, advice: advice))
        }
        let saysLife = kind == nil || kind?.timeToLive != nil
        let saysStaleness = kind == nil || kind?.maximumStaleness != nil
        let saysJitter = kind == nil || kind?.jitter != nil
        if saysLife, life < .microseconds(1) {
            found(
                .noTimeToLive,
                severity: .error,
                "the time to live is zero or less, so nothing is kept, and nothing stands in either",
                advice: "give it a time to live; for single calls that keep nothing there is ReadPolicy.bypass"
            )
        }
        if saysStaleness, staleness < .zero {
            found(
                .staleLifeShorterThanTimeToLive,
                "the stale life ends before the time to live does; it counts as ending with it",
                advice: "maximumStaleness is counted past the time to live: take zero for none"
            )
        }
        if saysStaleness, staleness > .zero, defaultFailureThrottle > staleness {
            found(
                .throttleLongerThanStaleLife,
                "the pause after a failed load is longer than the stale value may be served; it ends with that",
                advice: "shorten the failure throttle, or lengthen the stale life"
            )
        }
        if saysJitter ? jitter.isOutOfRange || jitter.isTooMuch(for: life) : saysLife && jitter.isTooMuch(for: life) {
            found(
                .jitterOutOfRange,
                "the jitter is below zero or above half of the time to live, and counts as the nearest that is possible",
                advice: "take a fraction from 0 to 0.5, or a duration of at most half of the time to live"
            )
        }
        if saysLife, life < .microseconds(1), defaultEarlyRefresh > 0 {
            found(
                .earlyRefreshWithoutLife,
                "values are to be loaded anew before they expire, and are not kept at all",
                advice: "give them a time to live, or switch early refresh off"
            )
        }
        return problems
    }

    // MARK: Waiting

    private var waitProblems: [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        if let soft = defaultSoftTimeout, let hard = defaultHardTimeout, hard < soft {
            problems.append(
                ConfigurationProblem(
                    .hardLimitBelowSoft,
                    "the hard time limit is over before the soft one, which has no effect",
                    advice: "let the soft limit be the shorter one"
                )
            )
        }
        if let load = defaultLoadTimeout, load <= .zero {
            problems.append(
                ConfigurationProblem(
                    .noLoadTimeout,
                    severity: .error,
                    "a load may take no time, so none begins, and each counts as failed",
                    advice: "give loads a time; nil is for as long as they like"
                )
            )
        } else if let load = defaultLoadTimeout, let soft = defaultSoftTimeout, soft > .zero, load <= soft {
            problems.append(
                ConfigurationProblem(
                    .loadTimeoutBelowSoft,
                    "loads are cancelled before the soft time limit is over, which has no effect",
                    advice: "let the soft limit be shorter than the load timeout"
                )
            )
        }
        if maximumBackgroundLoads <= 0,
            defaultSoftTimeout != nil || defaultHardTimeout != nil || defaultEarlyRefresh > 0
        {
            problems.append(
                ConfigurationProblem(
                    .noBackgroundLoads,
                    "time limits and early refreshes leave loads in the background, and there is no place for any: a load that "
                        + "nobody waits for is cancelled, and none begins early",
                    advice: "allow some background loads, or do without time limits and early refresh"
                )
            )
        }
        let times = [
            ("defaultSoftTimeout", defaultSoftTimeout), ("defaultHardTimeout", defaultHardTimeout),
            ("defaultFailureThrottle", defaultFailureThrottle), ("stalenessBound", stalenessBound),
            ("stalenessBoundWhenDetached", stalenessBoundWhenDetached), ("breakerPause", breakerPause),
            ("shutdownTimeout", shutdownTimeout),
        ]
        for (name, time) in times {
            guard let time, time < .zero else { continue }
            problems.append(
                ConfigurationProblem(
                    .negativeTime,
                    "\(name) is below zero, and counts as zero",
                    advice: "take zero, or the time that was meant"
                )
            )
        }
        return problems
    }

    // MARK: Keeping

    private var storeProblems: [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        if memory.maximumEntries <= 0 || memory.maximumBytes <= 0 {
            problems.append(
                ConfigurationProblem(
                    .noMemory,
                    "the memory tier has no room, and keeps nothing",
                    advice: "give it room for some entries, and bytes for them"
                )
            )
        }
        if maximumEntryBytes <= 0 {
            problems.append(
                ConfigurationProblem(
                    .noEntryBytes,
                    severity: .error,
                    "no value is small enough to be kept",
                    advice: "raise maximumEntryBytes"
                )
            )
        }
        var seen: Set<String> = []
        var told: Set<String> = []
        for kind in kinds where !seen.insert(kind.name).inserted && told.insert(kind.name).inserted {
            problems.append(
                ConfigurationProblem(
                    .kindNamedTwice,
                    kind: kind.name,
                    "two kinds have one name, and are counted as one",
                    advice: "name each kind once"
                )
            )
        }
        return problems
    }

    // MARK: Remote tier

    private func leaseProblems(_ areOffered: Bool) -> [ConfigurationProblem] {
        guard defaultLoadsOncePerCluster else { return [] }
        guard areOffered else {
            return [
                ConfigurationProblem(
                    .noLeases,
                    "loads are to run once per cluster, and nobody gives leases for them; each node loads by itself",
                    advice: "use a remote tier that offers leases, or switch defaultLoadsOncePerCluster off"
                )
            ]
        }
        var problems: [ConfigurationProblem] = []
        if leaseWait <= .zero {
            problems.append(
                ConfigurationProblem(
                    .noLeaseWait,
                    "loads are to run once per cluster, and no node waits for another's; each loads by itself",
                    advice: "give leaseWait the time that a load usually takes, and more"
                )
            )
        }
        if leaseTimeToLive < LeaseHolder.shortest {
            problems.append(
                ConfigurationProblem(
                    .leaseTooShort,
                    "leases would end with a pause of a busy process; they last a tenth of a second",
                    advice: "take some seconds"
                )
            )
        }
        return problems
    }

    private func remoteProblems(_ remote: any RemoteTier) -> [ConfigurationProblem] {
        var problems = leaseProblems(remote.leases != nil)
        if remoteDeadline <= .zero {
            problems.append(
                ConfigurationProblem(
                    .noRemoteDeadline,
                    severity: .error,
                    "no call may wait for the remote tier, so it is never asked",
                    advice: "give remoteDeadline some milliseconds, or leave the remote tier out"
                )
            )
        }
        if breakerThreshold < 1 {
            problems.append(
                ConfigurationProblem(
                    .noBreakerThreshold,
                    "the breaker is to open after no failure; it opens after the first",
                    advice: "take 1 or more"
                )
            )
        }
        if journalMaximumIntents <= 0 || journalMaximumBytes <= 0 {
            problems.append(
                ConfigurationProblem(
                    .noJournal,
                    "the journal has no room, so that each write which the remote tier does not take becomes a clear",
                    advice: "give the journal room for some intents, and bytes for them"
                )
            )
        }
        if format == .plain, !dependencies.isEmpty {
            problems.append(
                ConfigurationProblem(
                    .dependenciesWithoutTags,
                    severity: .error,
                    "records of the application are to make entries void by tags, for which the format plain has no room",
                    advice: "use the format envelope"
                )
            )
        }
        return problems
    }
}
