#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting

    /// The truths of `docs/design.md`, section 5, as judges of what is seen.
    extension World {
        /// How far the stamps of two nodes may be from the order of what happened, where one of them was made without the store: the
        /// answer by which a clock was set was under way for a quarter of a second at most, and a write that was given up
        /// may be carried out for as long.
        private static let blur = Duration.milliseconds(600)

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
            judgeAge(value, written, of: reader, isStale: source?.source == .stale)
            for later in supersessions[reader.group][key] where later.value != value {
                let call = calls[later.call]
                guard call.succeeded, let end = call.end, end < reader.begin, isBefore(written, call, key) else {
                    continue
                }
                if call.process == reader.process || seesOthers(reader, call, key, source) {
                    return violate(
                        2,
                        "call \(reader.id) was given \(value), whose \(written.isLoad ? "load" : "set") began before call \(call.id), which had "
                            + "ended before call \(reader.id) began"
                    )
                }
            }
        }

        /// Whether a value was certainly written before a call took its place.
        private func isBefore(_ value: ValueRecord, _ call: CallRecord, _ key: Int) -> Bool {
            let writer = calls[value.call]
            if writer.process == call.process {
                // A write that got no answer may still be carried out until its deadline, and a clear does not know of it.
                if case .clear = call.call, !writer.isClean, !value.isLoad,
                    call.beginTime < writer.beginTime.advanced(by: .milliseconds(250))
                {
                    return false
                }
                // One node knows the order of what it did.
                return value.isLoad ? value.begin < call.begin : (writer.end ?? .max) < call.begin
            }
            if writer.isClean, call.isClean, !hadTrouble(key, call) {
                return value.isLoad ? value.begin < call.begin : (writer.end ?? .max) < call.begin
            }
            if isWild[call.group][key] { return false }
            // A set leaves no tombstone: when its value has died, nothing tells a journal that it was there.
            switch call.call {
            case .set(_, let life), .setAll(let life):
                if !writer.isClean, life.fresh < Life.long.fresh { return false }
            default: break
            }
            // What the store forgets of a removal, or has no room to note, no journal can heed.
            if !writer.isClean, wasFull || losses[call.group][key] > call.begin { return false }
            let last = value.isLoad ? value.beginTime : (writer.endTime ?? .distantFuture)
            return last.advanced(by: Self.blur) < call.beginTime
        }

        func hadTrouble(_ key: Int, _ call: CallRecord) -> Bool {
            if isWild[call.group][key] { return true }
            guard let trouble = troubles[call.group][key].last else { return false }
            return call.beginTime < trouble.advanced(by: Self.blur)
        }

        /// Whether the store may have forgotten a stamp that lay ahead of its clock, so that what came next is stamped earlier: a clear
        /// sweeps such an entry away, or it is evicted, and nothing is left that tells of it.
        func mayHaveGoneBack(_ key: Int, _ group: Int) -> Bool {
            if isWild[group][key] { return true }
            let troubles = troubles[group][key]
            guard !troubles.isEmpty else { return false }
            if losses[group][key] >= 0 { return true }
            return supersessions[group][key].contains { later in
                let call = calls[later.call]
                guard case .clear = call.call, call.begin < .max else { return false }
                let end = (call.endTime ?? .distantFuture).advanced(by: Self.blur)
                return troubles.contains { call.beginTime < $0.advanced(by: Self.blur) && $0 < end }
            }
        }

        /// Whether an answer has to take account of what another node did: the store knew of it, and was asked.
        private func seesOthers(_ reader: CallRecord, _ call: CallRecord, _ key: Int, _ source: Provenance?) -> Bool {
            guard call.isClean, reader.isClean, !mayHaveGoneBack(key, reader.group) else { return false }
            // Whoever joins a load gets what it makes; other nodes do not know of it.
            return source?.shared != true
        }

        private func judgeAge(_ value: Int, _ written: ValueRecord, of reader: CallRecord, isStale: Bool) {
            func life(_ life: Life) -> Duration { isStale ? life.total : life.fresh }
            let writer = calls[written.call]
            // Between nodes lifetimes are as exact as their clocks agree; and a load's value gets its own when it has ended.
            var slack = Duration.milliseconds(100)
            if writer.process != reader.process { slack += Self.blur }
            if !writer.wasCalibrated { slack += .seconds(61) }
            let made = written.isLoad ? written.loadEnd ?? time.now() : written.beginTime
            var last = made.advanced(by: life(written.life))
            for touch in touches[written.group][written.key] {
                let touch = calls[touch]
                guard case .touch(_, let given) = touch.call, touch.end ?? .max > written.begin else { continue }
                last = max(last, (touch.endTime ?? time.now()).advanced(by: life(given)))
            }
            if last.advanced(by: slack) < reader.beginTime {
                violate(
                    1,
                    "call \(reader.id) was given \(value) as \(isStale ? "stale" : "fresh") \(last.duration(to: reader.beginTime)) after its time"
                )
            }
        }

        /// A call threw.
        func judge(_ failure: any Error, of index: Int) {
            let call = calls[index]
            if failure is CancellationError {
                if !call.wasCancelled {
                    violate(4, "call \(call.id) threw CancellationError, and nobody had cancelled it")
                }
                return
            }
            switch call.call {
            case .value where failure is LoadFailure: return
            case .value where (failure as? CacheError)?.code == .loadTimedOut: return
            case .touch where (failure as? CacheError)?.code == .remoteFailed: return
            case .touch where (failure as? CacheError)?.code == .contended: return
            default: violate(5, "call \(call.id) threw \(failure)")
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
                if !wasDetached { violate(3, "load \(value) began while load \(other) of the same key was under way") }
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
            }
        }
    }
#endif
