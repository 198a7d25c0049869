#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting

    /// The truths of `docs/design.md`, section 5, as judges of what is seen.
    extension World {
        /// How far the stamps of two nodes may be from the order of what happened, where one of them was made without the store: the
        /// answer by which a clock was set was under way for a quarter of a second at most, and a write that was given up
        /// may be carried out for as long.
        static let blur = Duration.milliseconds(600)

        /// For how long memory is believed that has not been told of changes: the bound of the configuration, and half a second for the way of
        /// the proof before.
        static let stalenessBound = Duration.milliseconds(5_500)

        // MARK: Answers

        /// A call was answered with a value.
        func judge(_ value: Int, key: Int, of index: Int, _ source: Provenance?) {
            let reader = calls[index]
            note(
                "call \(reader.id) of process \(reader.process) answers \(value) from \(source?.source.rawValue ?? "somewhere")"
            )
            guard values.indices.contains(value), values[value].key == key else {
                return violate(10, "call \(reader.id) was given \(value), which nobody wrote under k\(key)")
            }
            let written = values[value]
            guard written.group == reader.group else {
                return violate(9, "call \(reader.id) was given \(value), which was written under another prefix")
            }
            judgeVersions(versions(of: value), of: value, key, reader, Sight(source))
            if let source, source.source == .stale { judgeStandIn(value, key, of: index, source) }
        }

        /// A value was seen: one of its versions must be one that may be.
        func judgeVersions(
            _ versions: [ValueRecord],
            of value: Int,
            _ key: Int,
            _ reader: CallRecord,
            _ sight: Sight
        ) {
            var first: Violation?
            for version in versions {
                guard let found = breach(by: version, value, key, reader, sight) else { return }
                first = first ?? found
            }
            if let first { violate(first.truth, first.what) }
        }

        private func breach(
            by version: ValueRecord,
            _ value: Int,
            _ key: Int,
            _ reader: CallRecord,
            _ sight: Sight
        ) -> Violation? {
            if let breach = breachOfAge(value, version, of: reader, isStale: sight.isStale) { return breach }
            if let breach = breachOfTags(value, version, of: reader, sight) { return breach }
            for later in supersessions[reader.group][key] where later.value != value && !mayStayFresh(version) {
                // What was expired may stand in.
                if later.keepsStale, sight.isStale { continue }
                let call = calls[later.call]
                guard call.succeeded, let end = call.end, end < reader.begin, isBefore(version, call, key) else {
                    continue
                }
                if call.process == reader.process || seesOthers(reader, call, key, sight) {
                    return Violation(
                        truth: 2,
                        what:
                            "call \(reader.id) was given \(value)\(sight.suffix), whose \(version.isLoad ? "load" : "set") began before call "
                            + "\(call.id), which had ended before call \(reader.id) began"
                    )
                }
            }
            return nil
        }

        /// Whether a value was certainly written before a call took its place.
        private func isBefore(_ value: ValueRecord, _ call: CallRecord, _ key: Int) -> Bool {
            let writer = calls[value.call]
            if writer.process == call.process {
                // One node knows the order of what it did.
                return value.isLoad ? value.begin < call.begin : (writer.end ?? .max) < call.begin
            }
            let isClean = writer.isClean && !value.isOfBackground
            if isClean, call.isClean, !hadTrouble(key, call) {
                return value.isLoad ? value.begin < call.begin : (writer.end ?? .max) < call.begin
            }
            // A set leaves no tombstone: when its value has died, or one that took its place, nothing tells a journal that it was there.
            switch call.call {
            case .set, .setAll: if !isClean, hasDied(key, after: call) { return false }
            default: break
            }
            // What the store forgets of a removal, or has no room to note, no journal can heed.
            if !isClean, wasFull || losses[call.group][key] > call.begin { return false }
            let last = value.isLoad ? value.beginTime : (writer.endTime ?? .distantFuture)
            return last.advanced(by: Self.blur) < call.beginTime
        }

        /// Whether a value of short life was set when a call began, or later.
        private func hasDied(_ key: Int, after call: CallRecord) -> Bool {
            values.contains { value in
                value.key == key && value.group == call.group && !value.isLoad && value.life.fresh < Life.long.fresh
                    && calls[value.call].end ?? .max > call.begin
            }
        }

        func hadTrouble(_ key: Int, _ call: CallRecord) -> Bool {
            guard let trouble = troubles[call.group][key].last else { return false }
            return call.beginTime < trouble.advanced(by: Self.blur)
        }

        /// Whether an answer has to take account of what another node did: the store knew of it, and was asked.
        private func seesOthers(_ reader: CallRecord, _ call: CallRecord, _ key: Int, _ sight: Sight) -> Bool {
            guard call.isClean, reader.isClean else { return false }
            // Whoever joins a load gets what it makes; other nodes do not know of it.
            if sight.isShared { return false }
            // Memory that is asked first knows what the node has been told, and without that is believed for a while only.
            if setup.isTracked, sight.mayBeOfMemory, !reader.hadHeardAll {
                return call.endTime.map { $0.advanced(by: Self.stalenessBound) <= reader.beginTime } ?? false
            }
            return true
        }

        private func breachOfAge(
            _ value: Int,
            _ written: ValueRecord,
            of reader: CallRecord,
            isStale: Bool
        ) -> Violation? {
            func life(_ life: Life) -> Duration { isStale ? life.total : life.fresh }
            let writer = calls[written.call]
            // Between nodes lifetimes are as exact as their clocks agree; and a load's value gets its own when it has ended.
            var slack = Duration.milliseconds(100)
            if writer.process != reader.process { slack += Self.blur }
            // Its life begins when the records of its tags have been seen to.
            if setup.tagSeed != nil { slack += .milliseconds(250) }
            let made = written.isLoad ? written.loadEnd ?? time.now() : written.beginTime
            var last = made.advanced(by: life(written.life))
            for touch in touches[written.group][written.key] {
                let touch = calls[touch]
                guard case .touch(_, let given) = touch.call, touch.end ?? .max > written.begin else { continue }
                last = max(last, (touch.endTime ?? time.now()).advanced(by: life(given)))
            }
            guard last.advanced(by: slack) < reader.beginTime else { return nil }
            return Violation(
                truth: 1,
                what:
                    "call \(reader.id) was given \(value) as \(isStale ? "stale" : "fresh") \(last.duration(to: reader.beginTime)) after its time"
            )
        }

        /// A call threw.
        func judge(_ failure: any Error, of index: Int, _ key: Int? = nil) {
            let call = calls[index]
            if failure is CancellationError {
                if !call.wasCancelled {
                    violate(4, "call \(call.id) threw CancellationError, and nobody had cancelled it")
                }
                return
            }
            switch call.call {
            case .value, .values:
                guard let terms = call.call.terms, let key = key ?? call.call.loadedKey else {
                    return violate(5, "call \(call.id) threw \(failure)")
                }
                switch (failure as? CacheError)?.code {
                case .loadTimedOut?: judgeLackOfStandIn(key, of: call)
                case nil where failure is LoadFailure: judgeLackOfStandIn(key, of: call)
                case .waitTimedOut?: judgePatience(call, terms.hard)
                default: violate(5, "call \(call.id) threw \(failure)")
                }
            case .touch where (failure as? CacheError)?.code == .remoteFailed: return
            case .touch where (failure as? CacheError)?.code == .contended: return
            default: violate(5, "call \(call.id) threw \(failure)")
            }
        }

        /// What errors and health answers say.
        func judgeWords(_ failure: (any Error)?, _ process: Process) {
            let said = [failure.map { "\($0)" }, process.cache.gate?.status.lastError].compactMap(\.self)
            if said.contains(where: { $0.contains(Self.secret) }) {
                violate(8, "process \(process.number) tells of a key: \(said)")
            }
        }

        // MARK: Loads

        /// One load per key, node and purpose, unless something took the key's place meanwhile.
        func checkNoOtherLoad(_ value: Int) {
            let new = values[value]
            for other in runningLoads {
                let old = values[other]
                let oldCall = calls[old.call]
                guard old.key == new.key, oldCall.process == calls[new.call].process, old.isRefresh == new.isRefresh
                else { continue }
                // A flight that was let go of may come to its load later than the one that followed it.
                let first = min(oldCall.begin, calls[new.call].begin)
                let wasDetached = supersessions[old.group][old.key].contains { later in
                    let call = calls[later.call]
                    return call.process == oldCall.process && (call.end ?? .max) > first
                }
                // So is one that a notice tells of another's change.
                let told = processes[oldCall.process].link.told(of: name(old.key, old.group))
                let wasTold = [oldCall, calls[new.call]].contains { $0.told[old.key] < told }
                if !wasDetached, !wasTold, !wasDetachedByTags(old, new) {
                    violate(3, "load \(value) began while load \(other) of the same key was under way")
                }
            }
        }

        // MARK: Waits

        /// Nobody waits past their bounds.
        func checkBounds() {
            guard violation == nil else { return }
            let now = time.now()
            for index in pending {
                let call = calls[index]
                guard call.begin < .max, !call.isDead else { continue }
                let waited = call.beginTime.duration(to: now) - (stalled - call.stalledBefore)
                if waited > call.bound + .milliseconds(1) {
                    violate(5, "call \(call.id) has waited \(waited), and its bound is \(call.bound)")
                }
                checkSoftLimit(call, waited)
            }
        }
    }
#endif
