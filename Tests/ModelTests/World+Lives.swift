#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting

    extension World {
        /// A source has failed, and a stale value has stood in.
        struct Pause {
            /// When the call that saw it began and ended.
            var begin: Int
            var end: Int
            var beginTime: MonotonicInstant
            var value: Int
            /// Until then the source is left alone, at least.
            var until: MonotonicInstant
        }
    }

    /// What is promised of the lives of entries and loads, as judges of what is seen.
    extension World {
        /// How long a flight may take from the end of its load to its own, and its callers from there to theirs.
        private static let wayBack = Duration.milliseconds(300)

        // MARK: Stale values

        /// A call was answered with a stale value: whether it says rightly why.
        func judgeStandIn(_ value: Int, _ key: Int, of index: Int, _ source: Provenance) {
            let reader = calls[index]
            guard let terms = reader.call.terms else {
                if source.staleReason != .notLoaded {
                    violate(
                        11,
                        "call \(reader.id), which loads nothing, was told \(source.staleReason?.rawValue ?? "nothing")"
                    )
                }
                return
            }
            switch source.staleReason {
            case .loadSlow?:
                judgePatience(reader, [terms.soft, terms.hard].compactMap(\.self).min())
            case .loadFailed?, .loadTimedOut?:
                guard let first = failures(of: key, in: reader.process, for: .zero, until: reader.beginTime).min()
                else {
                    return violate(11, "call \(reader.id) was told that a load of k\(key) had failed, and none has")
                }
                guard reader.isClean else { return }
                processes[reader.process].pauses[key] = Pause(
                    begin: reader.begin,
                    end: moment,
                    beginTime: reader.beginTime,
                    value: value,
                    until: first.advanced(by: setup.failureThrottle)
                )
            case .throttled? where terms.refreshes:
                violate(12, "call \(reader.id) was to ask the source whatever its pause")
            case .throttled?:
                judgePause(key, of: reader)
            default:
                violate(11, "call \(reader.id) was given a stale value without a reason for a caller who loads")
            }
        }

        /// When loads of a key in a process gave no value, or were cut off, and were so for a while until a moment.
        private func failures(
            of key: Int,
            in process: Int,
            for duration: Duration,
            until moment: MonotonicInstant
        ) -> [MonotonicInstant] {
            let duration = duration + Self.wayBack + stalled
            return values.compactMap { value in
                guard value.isLoad, value.key == key, !value.isMade, calls[value.call].process == process,
                    let end = value.loadEnd, end.advanced(by: duration) >= moment
                else { return nil }
                return end
            }
        }

        /// Nobody is sent away before the end of his patience.
        func judgePatience(_ call: CallRecord, _ patience: Duration?) {
            guard let patience else {
                return violate(5, "call \(call.id) was to wait for its load to the end")
            }
            if call.beginTime.duration(to: time.now()) < patience {
                violate(5, "call \(call.id) was to wait for \(patience), and was sent away before")
            }
        }

        /// A source is left alone for its pause, and not for longer than that.
        private func judgePause(_ key: Int, of reader: CallRecord) {
            let failures = failures(of: key, in: reader.process, for: setup.failureThrottle, until: reader.beginTime)
            if failures.isEmpty || setup.failureThrottle <= .zero {
                violate(12, "call \(reader.id) was told that the source has a pause, and it has none")
            }
        }

        /// Left open of clears that keep stale values (design, section 6, h): one that gets no answer leaves what was given up a moment before it
        /// fresh on its node, and nothing that waits tells of it any more.
        func mayStayFresh(_ value: ValueRecord) -> Bool {
            let writer = calls[value.call]
            guard !value.isLoad, !writer.isClean, let end = writer.endTime else { return false }
            return supersessions[value.group][value.key].contains { later in
                let clear = calls[later.call]
                guard case .clearKeepingStale = clear.call, !clear.isClean, clear.process == writer.process else {
                    return false
                }
                return (clear.end ?? .max) > value.begin && clear.beginTime < end.advanced(by: .milliseconds(250))
            }
        }

        /// The same of any value of a key.
        func mayHaveStayedFresh(_ key: Int, _ group: Int) -> Bool {
            values.contains { $0.key == key && $0.group == group && mayStayFresh($0) }
        }

        // MARK: Pauses

        /// A load begins: whether its source has a pause at that moment.
        func checkPause(_ number: Int) {
            let new = values[number]
            let call = calls[new.call]
            let process = processes[call.process]
            guard setup.tagSeed == nil, !new.isRefresh, !process.isDead, let pause = process.pauses[new.key],
                call.begin > pause.end,
                time.now() < pause.until
            else { return }
            let standIn = values[pause.value]
            // Another life may have been given to it.
            guard confirmations[pause.value] == nil else { return }
            // The stale value has to be within reach, as it was then.
            guard call.wasClean, process.isClean, process.link.counts.failures == call.failuresBefore, !wasFull,
                losses[new.group][new.key] < pause.begin, touches[new.group][new.key].isEmpty,
                time.now() < standIn.beginTime.advanced(by: standIn.life.total - .seconds(1))
            else { return }
            let isReplaced = supersessions[new.group][new.key].contains { later in
                !calls[later.call].isClean || (calls[later.call].end ?? .max) > pause.begin
            }
            let mayBeOver = values.contains { other in
                guard other.isLoad, other.key == new.key, other.group == new.group, other.isMade else { return false }
                if !calls[other.call].isClean || other.isOfBackground { return true }
                return (other.loadEnd ?? time.now()).advanced(by: .seconds(1)) > pause.beginTime
            }
            if !isReplaced, !mayBeOver {
                violate(
                    12,
                    "load \(number) began \(time.now().duration(to: pause.until)) before the end of the pause of k\(new.key)"
                )
            }
        }

        // MARK: Loads in the background

        /// A load has ended: whether anybody still waited for it.
        func noteBackground(_ number: Int) {
            guard calls[values[number].call].end != nil else { return }
            values[number].isOfBackground = true
            let process = processes[calls[values[number].call].process]
            // What becomes of its value no caller is told.
            guard process.link.counts.failures > 0 || !process.isClean else { return }
            troubles[values[number].group][values[number].key].append(time.now().advanced(by: .milliseconds(250)))
        }

        /// Where all that is ready has been carried out, no more loads go on without anyone who waits than there are places.
        func checkBackground() {
            guard violation == nil, setup.maximumBackgroundLoads < 1_000, !isEnding else { return }
            for process in nodes {
                let loads = runningLoads.filter { calls[values[$0].call].process == process.number }
                let alone = loads.filter { number in
                    !pending.contains { index in
                        guard calls[index].call.mayLoad(values[number].key) else { return false }
                        return calls[index].process == process.number
                    }
                }
                if alone.count > setup.maximumBackgroundLoads {
                    violate(
                        12,
                        "loads \(alone) go on in process \(process.number) and nobody waits for them; there are "
                            + "\(setup.maximumBackgroundLoads) places"
                    )
                }
            }
        }

        /// A load is cut off before its time only where nobody waits for it and there is no place in the background.
        func checkCutOff(_ number: Int) {
            let process = processes[calls[values[number].call].process]
            guard setup.maximumBackgroundLoads >= 1_000, !isEnding, !process.isDead else { return }
            let taken = values[number].beginTime.duration(to: time.now()) + stalled + .milliseconds(100)
            if taken < History.loadTimeout { violate(4, "load \(number) was cut off before its time") }
        }

        /// Whoever takes a stale value after a while gets one that there is.
        func checkSoftLimit(_ call: CallRecord, _ waited: Duration) {
            guard case .value(let key, _, _, let terms) = call.call, let soft = terms.soft,
                waited > soft + .milliseconds(510), call.wasClean
            else { return }
            let process = processes[call.process]
            // What changes meanwhile, or has yet to be told, takes from the flight what it has found.
            guard process.isClean, process.link.counts.failures == call.failuresBefore, call.hadHeardAll,
                process.link.told(of: name(key, call.group)) == call.told[key],
                !supersessions[call.group][key].contains(where: { calls[$0.call].end ?? .max > call.begin }),
                let set = whatStandsIn(key, call.group, before: call.begin)
            else { return }
            violate(
                5,
                "call \(call.id) waits on, where call \(calls[set.call].id) set \(set.value ?? -1), which may stand in"
            )
        }

        // MARK: What may stand in

        /// What was expired, and nothing has taken away, must stand in; or what has replaced it.
        func checkStandsIn(_ key: Int, _ group: Int, _ node: Int, _ seed: UInt64) {
            guard let set = whatStandsIn(key, group, before: .max) else { return }
            let index = calls.count
            start(1_000_000 + index, node: node, .stale(key: key))
            settle(seed)
            if calls[index].answer == nil {
                let number = set.value ?? -1
                violate(
                    11,
                    "nothing stands in for k\(key), where call \(calls[set.call].id) set \(number), which was only expired"
                )
            }
        }

        /// A call was told that its load had failed.
        func judgeLackOfStandIn(_ key: Int, of call: CallRecord) {
            guard call.isClean, let set = whatStandsIn(key, call.group, before: call.begin) else { return }
            // Left open: it has joined a load that began before that set, and looked into the store then.
            let isOlder = values.contains { load in
                load.isLoad && load.key == key && !load.isMade && calls[load.call].process == call.process
                    && calls[load.call].begin < calls[set.call].end ?? .max
                    && (load.loadEnd ?? time.now()) >= call.beginTime
            }
            if isOlder { return }
            violate(
                11,
                "nothing has stood in for call \(call.id), where call \(calls[set.call].id) set \(set.value ?? -1), which was only expired"
            )
        }

        /// A set that nothing has taken away but expiries, if there is one.
        private func whatStandsIn(_ key: Int, _ group: Int, before moment: Int) -> Supersession? {
            // What tags take away is another matter.
            guard setup.tagSeed == nil, !wasFull, !hasLostAll, setup.journalMaximumIntents > 100,
                touches[group][key].isEmpty
            else {
                return nil
            }
            return supersessions[group][key].first { set in
                isClean(set) && isLasting(set) && calls[set.call].end ?? .max < moment && !mayHaveGone(set, key, group)
            }
        }

        private func isClean(_ event: Supersession) -> Bool {
            calls[event.call].isClean && calls[event.call].succeeded
        }

        private func isLasting(_ event: Supersession) -> Bool {
            event.value.map { values[$0].life.stale >= Life.lasting.stale } ?? false
        }

        /// Whether something may have taken the place of a set that does not stand in for as long.
        private func mayHaveGone(_ set: Supersession, _ key: Int, _ group: Int) -> Bool {
            let call = calls[set.call]
            guard call.begin > losses[group][key], !hadTrouble(key, call) else { return true }
            let isRemoved = supersessions[group][key].contains { other in
                guard other.call != set.call, !other.keepsStale, !isLasting(other) else { return false }
                let later = calls[other.call]
                return !isClean(other) || hadTrouble(key, later) || (later.end ?? .max) > call.begin
            }
            if isRemoved { return true }
            return values.contains { other in
                guard other.key == key, other.group == group, other.isLoad || !calls[other.call].isClean else {
                    return false
                }
                let writer = calls[other.call]
                // What waits in a journal may be given up, and take what it was to replace with it.
                if !writer.isClean, !writer.knewMarks || writer.isDead { return true }
                guard other.life.stale < Life.lasting.stale else { return false }
                guard writer.isClean, !other.isOfBackground else { return true }
                return (other.loadEnd ?? time.now()).advanced(by: .seconds(1)) > call.beginTime
            }
        }
    }
#endif
