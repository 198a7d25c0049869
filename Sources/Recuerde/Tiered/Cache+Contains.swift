/// Whether something is there.
extension Cache {
    /// Whether a fresh value is kept under a key, of whatever type. Counts as no request, and does not mark it as used.
    ///
    /// - Throws: ``CacheError`` for an invalid key; `CancellationError`.
    public func contains(_ key: CacheKey) async throws -> Bool {
        let key = try admitted(key)
        let now = timeSource.now()
        func isInMemory(_ now: MonotonicInstant) -> Bool {
            guard let entry = believed(memory.peek(key, now: now), of: key), now < entry.logicalExpiry else {
                return false
            }
            return mayServe(entry, of: key, now: now, isRequest: false)
        }
        if asksMemoryFirst, isInMemory(now) { return true }
        guard let gate else { return false }
        var budget = RemoteBudget(configuration.remoteDeadline)
        if asksMemoryFirst, await learnTags(of: key, &budget), isInMemory(timeSource.now()) { return true }
        let name = keySpace.entryName(key)
        let waiting = gate.overrules(name)
        do {
            let asked = timeSource.now()
            let read = try await gate.perform(&budget) { tier, timeout in
                try await tier.read([name], with: readDetails(timed: false), timeout: timeout)
            }
            if let time = read.time { clock.calibrate(remoteTime: time, since: asked) }
            let envelope =
                configuration.format == .envelope
                ? (read.entries.first ?? nil).flatMap { try? believed(pipeline.opened($0[...], as: name)) } : nil
            let tags = envelope.flatMap { self.tags.set(of: $0.metadata.tags) }
            if let envelope, let tags {
                clock.observe(envelope.metadata.stamp)
                try await learn(tags.marks, &budget)
            }
            let overruled = [waiting, gate.overrules(name)].compactMap(\.self).max().map(clock.told)
            let answer = contains(read.entries.first ?? nil, envelope, tags, overruled: overruled)
            if let answer { return answer }
        } catch {
            noteRemoteFailure(error, operation: "get", key: key)
            try rethrowIfAsked(error)
        }
        let later = timeSource.now()
        return believed(memory.peek(key, now: later), of: key).map {
            later < $0.logicalExpiry && mayServeDetached($0, now: later)
        } ?? false
    }

    private func contains(_ bytes: [UInt8]?, _ envelope: Envelope?, _ tags: TagSet?, overruled: Stamp?) -> Bool? {
        guard bytes != nil else { return overruled == nil ? false : nil }
        guard configuration.format == .envelope else { return overruled == nil ? pipeline.admits(.plain) : nil }
        guard let envelope else { return false }
        if let overruled, envelope.metadata.stamp <= overruled { return nil }
        if let tags, envelope.metadata.stamp <= tags.floors(clock).expired { return false }
        let present = clock.presentTime
        return present < envelope.metadata.freshUntil(present)
    }
}
