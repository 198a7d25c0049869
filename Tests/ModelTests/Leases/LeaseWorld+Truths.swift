#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting

    /// What is promised of leases (`docs/design.md`, sections 3, 5 and 6), as judges of what is seen:
    ///
    /// - 3: of loads of one key, and of work under one lock, one is under way in the whole cluster, as long as the store answers and no
    ///   node is stopped for longer than its lease lasts; who comes back after a stop ends nobody's lease; what another has loaded and
    ///   kept is not loaded once more; and who holds the lock later gets a greater number.
    /// - 4: whoever waits comes to an end, and waits for nothing that is not there.
    /// - 5: leases fail no load.
    extension LeaseWorld {
        /// For how long a store's news may be under way: an answer, and the margin past a lease's end.
        private static let slack = Duration.milliseconds(300)

        // MARK: One at a time

        /// Whether a call whose load, or work under the lock, begins now does so under the lease: nothing kept it from asking, and it did
        /// not give up.
        func isCertain(_ index: Int, _ process: Process) -> Bool {
            let call = calls[index]
            guard isStoppedBriefly(process, since: call.beginTime, call.call.timeToLive) else { return false }
            switch call.call {
            case .lock: return true
            case .value:
                return call.wasClean && process.isClean && process.link.counts.failures == call.failuresBefore
                    && process.door.spent - call.spentBefore < LeaseHistory.remoteDeadline
                    && call.beginTime.duration(to: time.now()) < leaseLimit
            }
        }

        /// The longest that a load waits for others.
        private var leaseLimit: Duration { min(LeaseHistory.leaseWait, LeaseHistory.loadTimeout) }

        /// Whether its process was never stopped for so long that a lease of this time to live could have run out meanwhile: renewed
        /// every third of it, it always has two thirds, but for what the exchange takes.
        private func isStoppedBriefly(
            _ process: Process,
            since begin: MonotonicInstant,
            _ timeToLive: Duration
        ) -> Bool {
            let limit = timeToLive * 2 / 3 - .milliseconds(600)
            return process.stops.allSatisfy { stop in
                let end = stop.end ?? time.now()
                return end <= begin || stop.begin.duration(to: end) < limit
            }
        }

        /// Whether work that is under way must still have its lease.
        private func mustHold(_ number: Int) -> Bool {
            let work = works[number]
            let call = calls[work.call]
            let process = processes[call.process]
            return work.isCertain && !process.isDead && process.isClean
                && process.link.counts.failures == work.failuresBefore
                && isStoppedBriefly(process, since: call.beginTime, call.call.timeToLive)
                && losses[call.call.target] ?? -1 < call.begin
        }

        /// A load, or work under the lock, begins.
        func judgeBegin(_ number: Int) {
            let work = works[number]
            let call = calls[work.call]
            for other in running where calls[works[other].call].call.target == call.call.target {
                if work.isCertain { works[other].wasOvertaken = true }
                if work.isCertain, mustHold(other) {
                    return violate(
                        3,
                        "work \(number) of call \(call.id) began under the lease while work \(other) of call "
                            + "\(calls[works[other].call].id) had it"
                    )
                }
            }
            if let disorder = ledger.disorder {
                return violate(
                    3,
                    "whoever held the lock later was given \(disorder.later), and \(disorder.earlier) had been given before"
                )
            }
            if call.call.target == .key, work.isCertain { judgeNeed(number) }
        }

        /// A load begins under the lease: no value may be there that another has loaded and kept before this node got it.
        private func judgeNeed(_ number: Int) {
            guard !hasLostEntries, !wasFull, let taken = ledger.taken[calls[works[number].call].process] else { return }
            let loads = works.indices.filter { $0 != number && calls[works[$0].call].call.target == .key }
            let lives = loads.allSatisfy { other in
                guard case .value(let life, _) = calls[works[other].call].call else { return true }
                return (works[other].endTime ?? time.now()).advanced(by: life) > time.now().advanced(by: .seconds(1))
            }
            guard lives else { return }
            for other in loads {
                let loader = calls[works[other].call]
                if loader.wasStored, let end = loader.end, end < taken {
                    return violate(
                        3,
                        "work \(number) loads, and \(other) had been loaded and kept before its node was given the lease"
                    )
                }
            }
        }

        // MARK: Ends

        /// A call has returned, or thrown.
        func judge(_ failure: (any Error)?, of index: Int, _ process: Process) {
            let call = calls[index]
            let number = works.lastIndex { $0.call == index }
            guard let failure else {
                if call.call.target == .lock, let number, works[number].wasOvertaken,
                    losses[.lock] ?? -1 < call.begin
                {
                    violate(3, "call \(call.id) says that it held the lock all the while, and another held it too")
                }
                return
            }
            if failure is CancellationError {
                if !call.wasCancelled {
                    violate(4, "call \(call.id) threw CancellationError, and nobody had cancelled it")
                }
                return
            }
            if failure is LoadFailure { return }
            switch (call.call, (failure as? CacheError)?.code) {
            case (.value, .loadTimedOut): return
            case (.lock, .remoteFailed) where process.link.counts.failures > call.failuresBefore || !call.wasClean:
                return
            // What a process that was stopped meanwhile hears of first may be the failures of its other calls from before.
            case (.lock, .remoteFailed)
            where process.link.counts.failures > 0 && "\(failure)".contains("leftAlone"): return
            case (.lock(_, let wait, _), .lockTimedOut):
                if call.beginTime.duration(to: time.now()) < wait {
                    violate(4, "call \(call.id) gave up before its time")
                }
            case (.lock, .lockLost):
                if let number, mustHold(number) {
                    violate(3, "call \(call.id) lost the lock, and nothing had happened to its lease or its node")
                }
            default: violate(5, "call \(call.id) threw \(failure)")
            }
        }

        // MARK: Waits

        /// How long a process was stopped since.
        private func stopped(_ process: Process, since begin: MonotonicInstant) -> Duration {
            process.stops.reduce(.zero) { sum, stop in
                sum + max(.zero, max(begin, stop.begin).duration(to: stop.end ?? time.now()))
            }
        }

        /// Nobody waits past their bounds.
        func checkBounds() {
            guard violation == nil else { return }
            for index in pending {
                let call = calls[index]
                guard call.begin < .max, !call.isDead else { continue }
                let process = processes[call.process]
                var since = call.beginTime
                let bound: Duration
                switch call.call {
                case .value: bound = LeaseHistory.remoteDeadline + leaseLimit + LeaseHistory.loadTimeout
                case .lock(_, let wait, _):
                    if let work = works.last(where: { $0.call == index }) {
                        guard let end = work.endTime else { continue }
                        since = end
                        bound = LeaseHistory.remoteDeadline * 2
                    } else {
                        bound = wait + LeaseHistory.remoteDeadline * 3
                    }
                }
                let waited = since.duration(to: time.now()) - stopped(process, since: since)
                if waited > bound + .milliseconds(1) {
                    return violate(4, "call \(call.id) has waited \(waited), and its bound is \(bound)")
                }
            }
        }

        /// Nothing is ready: a lease is held by whoever works or is about to, unless an exchange that was to give it back has failed.
        private func checkNoLeaseIsForgotten(_ owners: [String: String]) {
            for target in LeaseTarget.allCases {
                let number = owners[leaseName(target)].flatMap { ledger.owners[$0] }
                guard let process = number.map({ processes[$0] }), !process.isDead,
                    !process.door.isClosed, process.door.exchanges == 0, process.link.counts.failures == 0
                else { continue }
                let isNeeded = { (index: Int) in
                    self.calls[index].process == process.number && self.calls[index].call.target == target
                }
                if !running.contains(where: { isNeeded(works[$0].call) }), !pending.contains(where: isNeeded) {
                    return violate(4, "process \(process.number) holds a lease for nobody")
                }
            }
        }

        /// Nothing is ready: whoever waits does so for an exchange, for a load, or for a lease that another has.
        func checkNobodyWaitsForNothing() {
            guard violation == nil else { return }
            let owners = store.leaseOwners
            checkNoLeaseIsForgotten(owners)
            guard violation == nil, !hasLostNews else { return }
            for index in pending {
                let call = calls[index]
                let process = processes[call.process]
                guard call.begin < .max, !call.isDead else { continue }
                let isBusy =
                    process.door.isClosed || process.door.exchanges > 0 || owners[leaseName(call.call.target)] != nil
                    || running.contains {
                        calls[works[$0].call].process == process.number
                            && calls[works[$0].call].call.target == call.call.target
                    }
                guard !isBusy else {
                    calls[index].idleSince = nil
                    continue
                }
                let since = call.idleSince ?? time.now()
                calls[index].idleSince = since
                if since.duration(to: time.now()) > Self.slack {
                    return violate(4, "call \(call.id) waits, and nobody has the lease")
                }
            }
        }
    }
#endif
