#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting

    /// The end of a history: all is healed, and what must come to rest does.
    extension World {
        func finish(_ seed: UInt64) {
            isEnding = true
            moment += 1
            store.behave(.normal)
            isDown = false
            store.setFull(false)
            for node in nodes { node.link.heal() }
            for id in tasks.keys.sorted() { endLoad(id, fails: false) }
            settle(seed)
            checkBounds()
            guard violation == nil else { return letGo(seed) }
            comeToRest(seed)
            if violation == nil { checkAgreement(seed) }
            letGo(seed)
        }

        /// Journals are replayed, and no caller waits any more.
        private func comeToRest(_ seed: UInt64) {
            for round in 0..<80 {
                pass(.milliseconds(2_500), seed &+ UInt64(round))
                if violation != nil { return }
                for node in nodes { Task { _ = try? await node.cache.get("probe", as: Int.self) } }
                settle(seed)
                if round > 0, pending.isEmpty, nodes.allSatisfy({ $0.cache.gate?.journal.depth == 0 }) { return }
            }
            violate(6, "three minutes after the last fault something still waits in a journal")
        }

        private func checkAgreement(_ seed: UInt64) {
            var agreed: [[Int?]] = Array(
                repeating: Array(repeating: nil, count: History.keys),
                count: setup.groups
            )
            for key in 0..<History.keys {
                for group in 0..<setup.groups {
                    let answers = nodes.indices.filter { nodes[$0].group == group }.map { ask($0, key, seed) }
                    if Set(answers).count > 1, !mayHaveComeBack(key, group), !areOfLoads(answers, key, group),
                        !mayDifferInTags(key, group), !mayHaveStayedFresh(key, group),
                        setup.journalMaximumIntents > 100
                    {
                        violate(6, "nodes disagree about k\(key): \(answers.map { $0.map(String.init) ?? "nothing" })")
                    }
                    agreed[group][key] = answers.first ?? nil
                    guard agreed[group][key] == nil else { continue }
                    checkNothingIsLost(key, group)
                    if let node = nodes.firstIndex(where: { $0.group == group }) {
                        checkStandsIn(key, group, node, seed)
                    }
                }
            }
            guard violation == nil else { return }
            for node in nodes {
                node.link.plan(ScriptedExchange(.refused(RemoteTierError(.unavailable, "the end"))))
            }
            for key in 0..<History.keys {
                for (number, node) in nodes.enumerated() {
                    let answer = ask(number, key, seed)
                    if let answer, answer != agreed[node.group][key], losses[node.group][key] < 0,
                        !mayHaveComeBack(key, node.group), !mayDifferInTags(key, node.group),
                        !mayHaveStayedFresh(key, node.group)
                    {
                        violate(
                            6,
                            "cut off, node \(number) says \(answer) for k\(key), where all had agreed on something else"
                        )
                    }
                }
            }
        }

        /// Loads of several nodes at the same time may store their values in any order, and where the store has let go of the latest, another may follow
        /// it, or one that waited in a journal. Each is as good as the others; nobody meant one of the loads, and when that of the journal was meant it
        /// was not known to be the later. So may one that waited follow a set which the store had taken, and has lost with its data: whoever made
        /// that one goes on with it.
        private func areOfLoads(_ answers: [Int?], _ key: Int, _ group: Int) -> Bool {
            guard losses[group][key] >= 0 else { return false }
            let waited = supersessions[group][key].filter { !calls[$0.call].isClean }.compactMap(\.value)
            let hasWaited = answers.contains { $0.map(waited.contains) ?? false }
            return answers.allSatisfy { answer in
                guard let answer else { return false }
                let value = values[answer]
                return value.isLoad || confirmations[answer] != nil || waited.contains(answer)
                    || hasWaited && value.begin < losses[group][key]
            }
        }

        /// A set leaves no tombstone: when its value has died, one that waited in a journal may come back, though it is older than what
        /// others have kept.
        private func mayHaveComeBack(_ key: Int, _ group: Int) -> Bool {
            let sets = supersessions[group][key].filter { $0.value != nil }.map { calls[$0.call] }
            let hasShort = values.contains { value in
                value.key == key && value.group == group && value.life.fresh < Life.long.fresh
            }
            return hasShort && sets.contains { !$0.isClean }
        }

        private func ask(_ node: Int, _ key: Int, _ seed: UInt64) -> Int? {
            let index = calls.count
            start(1_000_000 + index, node: node, .result(key: key))
            settle(seed)
            return calls[index].answer
        }

        /// A key without a value must have a reason: a set after which nothing else happened to it is one that was lost.
        private func checkNothingIsLost(_ key: Int, _ group: Int) {
            guard !wasFull, setup.journalMaximumIntents > 100 else { return }
            for lost in supersessions[group][key] {
                guard let value = lost.value else { continue }
                let set = calls[lost.call]
                // What waited in a journal is given up where the store has lost its data, before that or after it, and where that cannot be told:
                // the node had never seen the marks, and others have made them since.
                guard set.succeeded, set.begin > losses[group][key], set.isClean || set.knewMarks && !hasLostAll,
                    !processes[set.process].isDead || set.isClean
                else { continue }
                let others = supersessions[group][key].contains { other in
                    guard other.call != lost.call else { return false }
                    let call = calls[other.call]
                    if other.value != nil { return false }
                    if call.isDead || call.begin == .max { return true }
                    if (call.end ?? .max) > set.begin { return true }
                    if call.isClean, set.isClean, !hadTrouble(key, set) { return false }
                    return (call.endTime ?? .distantFuture).advanced(by: .milliseconds(600)) > set.beginTime
                }
                let diesEarly = values.contains { other in
                    guard other.key == key, other.group == group else { return false }
                    let end = calls[other.call].end ?? .max
                    return other.life.fresh < Life.long.fresh && (end > set.begin || !calls[other.call].isClean)
                }
                let isTouched = touches[group][key].contains { calls[$0].end ?? .max > set.begin }
                if !others, !diesEarly, !isTouched, !mayHaveGoneByTags(value, set),
                    !isTakenByWhatWasGivenUp(set, key, group)
                {
                    return violate(6, "k\(key) has no value, and \(value) was set by call \(set.id) and never removed")
                }
            }
        }

        /// A later set that got no answer is given up where the store has lost its data, or the node did not know the marks: then it goes as a removal,
        /// and takes what it was to replace with it.
        private func isTakenByWhatWasGivenUp(_ set: CallRecord, _ key: Int, _ group: Int) -> Bool {
            supersessions[group][key].contains { other in
                let call = calls[other.call]
                return other.value != nil && !call.isClean && (call.end ?? .max) > set.begin
                    && (hasLostAll || !call.knewMarks)
            }
        }

        /// Nothing stays behind: neither a caller nor a sleeper.
        private func letGo(_ seed: UInt64) {
            for process in processes {
                process.upkeep?.cancel()
                process.link.die()
            }
            for (_, task) in tasks.values { task.cancel() }
            for gate in gates.values { gate.continuation.resume(returning: true) }
            gates = [:]
            for _ in 0..<100 {
                schedule.drain(limit: 20_000)
                guard time.sleepers > 0 else { return }
                time.advance(by: .seconds(60))
            }
        }
    }
#endif
