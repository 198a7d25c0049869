import Synchronization

/// What the remote tier knows of the cache as a whole, and what follows from it.
extension RemoteGate {
    /// Reads the marks; notes a clear among them where there is one.
    func marks(noting clear: Stamp? = nil) async throws -> RemoteMarks {
        var budget = RemoteBudget(deadline)
        return try await marks(noting: clear, &budget)
    }

    /// The same within what is left of a call's time.
    func marks(noting clear: Stamp? = nil, _ budget: inout RemoteBudget) async throws -> RemoteMarks {
        let name = keySpace.marksName
        let marks = try await perform(&budget) { tier, timeout in
            try await tier.marks(name, noting: clear, timeout: timeout)
        }
        state.withLock { state in
            if marks.isNew, !state.knowsMarks { state.firstEpoch = marks.epoch }
            state.knowsMarks = true
            state.wantsMarks = false
        }
        return marks
    }

    /// Whether the remote tier has lost data after an intent came up: a removal of its key, which another node had made there
    /// in between, would be forgotten.
    ///
    /// What was noted when nobody was there is not in doubt: what is not there takes no removals either. Nor is anything
    /// where this node has made the first marks that it ever saw: they are young because the cache is.
    func mayHaveForgotten(_ intent: RecoveryJournal.First, _ marks: RemoteMarks) -> Bool {
        guard marks.epoch > clock.told(intent.stamp), !intent.wasGone else { return false }
        return state.withLock { $0.firstEpoch != marks.epoch }
    }

    /// Makes the marks where they are missing, so that they are older than whatever may have to be brought there later. Once,
    /// and again after each outage.
    func makeMarks() async {
        guard format == .envelope, state.withLock({ $0.wantsMarks && $0.breaker.isClosed && $0.status.isAvailable })
        else { return }
        _ = try? await marks()
    }

    /// The remote tier has lost its data, and with it the marks. The sooner they are made anew, the fewer writes are older than they are.
    func wantMarks() {
        state.withLock { $0.wantsMarks = true }
    }

    /// How long a token is needed for a load that may take this long: until its value has been written.
    func tokenLife(_ loadTimeout: Duration) -> Duration {
        min(max(loadTimeout, .zero) + deadline + .seconds(30), .seconds(86_400))
    }

    /// A token for a load of an entry that begins now, within what is left of the caller's budget. Sets the clock as well.
    func plant(
        _ name: String,
        loadTimeout: Duration,
        budget: inout RemoteBudget
    ) async throws -> RemoteToken {
        guard let token = try await plant([name], loadTimeout: loadTimeout, budget: &budget).first else {
            throw RemoteTierError(.refused, "the remote tier gave no token for a load")
        }
        return try token.get()
    }

    /// The same for several entries, in one exchange; a token or a refusal for each, in their order, as far as the remote tier gave any.
    func plant(
        _ names: [String],
        loadTimeout: Duration,
        budget: inout RemoteBudget
    ) async throws -> [Result<RemoteToken, RemoteTierError>] {
        let life = tokenLife(loadTimeout)
        let asked = timeSource.now()
        let tokens = try await perform(&budget) { tier, timeout in
            try await tier.plant(names, timeToLive: life, timeout: timeout)
        }
        for token in tokens {
            switch token {
            case .success(let token):
                clock.calibrate(remoteTime: token.time, since: asked)
                clock.observe(token.stamp)
            case .failure(let error):
                noteReason(error)
            }
        }
        return tokens
    }

    /// Removes every entry of this cache that is not stamped later than `stamp`, or expires those that may stand in for loads; returns how many
    /// there were.
    ///
    /// First the clear is noted, for nodes that bring what they have noted in an outage. Then all tokens go, so that no
    /// load that is under way anywhere is stored any more; and then what has been stored. Page by page, each within the
    /// deadline: a clear takes as long as there are entries.
    ///
    /// `stamp` must not lie ahead of the clock: what others are yet to write must not be void.
    func sweep(upTo stamp: Stamp, keepingStale: Bool = false) async throws -> Int {
        guard format == .envelope else { return try await sweepEntries(upTo: stamp, keepingStale: false) }
        var removed = 0
        let noted = try await marks(noting: stamp)
        removed += try await walk(
            keySpace.companionPattern,
            upTo: stamp,
            keepingStale: keepingStale,
            keySpace.entryName(ofCompanion:)
        )
        removed += try await sweepEntries(upTo: stamp, keepingStale: keepingStale)
        if noted.cleared < stamp {
            // A full server has refused the mark, and has room now; or else the clear has to wait until it has: without its mark, what others have
            // noted before it would come back.
            guard try await marks(noting: stamp).cleared >= stamp else {
                throw RemoteTierError(.refused, "the remote tier has no room for the mark of a clear")
            }
        }
        return removed
    }

    private func sweepEntries(upTo stamp: Stamp, keepingStale: Bool) async throws -> Int {
        try await walk(keySpace.pattern, upTo: stamp, keepingStale: keepingStale) {
            keySpace.keyText(ofEntry: $0) == nil ? nil : $0
        }
    }

    private func walk(
        _ pattern: String,
        upTo stamp: Stamp,
        keepingStale: Bool,
        _ entry: (String) -> String?
    ) async throws -> Int {
        var removed = 0
        var cursor: String?
        repeat {
            let from = cursor
            let page = try await perform { tier, timeout in
                try await tier.scan(pattern: pattern, cursor: from, count: 500, timeout: timeout)
            }
            let names = page.names.compactMap(entry)
            if !names.isEmpty {
                removed += try await perform { tier, timeout in
                    keepingStale
                        ? try await tier.expire(names, stamp: stamp, timeout: timeout)
                        : try await tier.sweep(names, stamp: stamp, format: format, timeout: timeout)
                }
            }
            cursor = page.cursor
        } while cursor != nil
        return removed
    }
}
