#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting
    import Synchronization

    /// A load that a history lets fail.
    struct LoadFailure: Error {}

    /// Calls of callers: how they begin, what they do, and what is noted of their end.
    extension World {
        func start(_ id: Int, node: Int, _ call: Call) {
            let process = nodes[node]
            let index = calls.count
            calls.append(CallRecord(id: id, process: process.number, group: process.group, call: call))
            if case .value(_, _, _, let terms) = call, terms.refreshesEarly { process.loadsEarly = true }
            pending.insert(index)
            tasks[id] = (index, Task { await self.perform(index, process, call) })
        }

        private func begin(_ index: Int, _ process: Process) {
            moment += 1
            calls[index].begin = moment
            calls[index].beginTime = time.now()
            calls[index].stalledBefore = stalled
            calls[index].failuresBefore = process.link.counts.failures
            calls[index].wasClean = process.isClean
            // Who has joined a load that a tag has made void meanwhile begins anew.
            calls[index].mayWaitTwice = process.loadsEarly || setup.tagSeed != nil
            calls[index].knewMarks = process.cache.gate?.state.withLock { $0.knowsMarks } ?? false
            calls[index].told = (0..<History.keys).map { process.link.told(of: name($0, process.group)) }
            calls[index].hadHeardAll =
                !process.hasGaps
                && (0..<History.keys).allSatisfy { !process.link.hasUntold(name($0, process.group)) }
            noteTags(index, process)
            note("call \(calls[index].id) begins")
        }

        private func perform(_ index: Int, _ process: Process, _ call: Call) async {
            begin(index, process)
            let cache = process.cache
            let group = process.group
            var answers: [(key: Int, value: Int, source: Provenance?)] = []
            var failure: (any Error)?
            do {
                switch call {
                case .get(let key):
                    if let value = try await cache.get(Self.keys[key], as: Int.self) {
                        answers.append((key, value, nil))
                    }
                case .result(let key):
                    if let result = try await cache.result(for: Self.keys[key], as: Int.self) {
                        answers.append((key, result.value, result.provenance))
                    }
                case .getAll:
                    let values = try await cache.get(Self.keys, as: Int.self)
                    for key in 0..<History.keys {
                        if let value = values[Self.keys[key]] { answers.append((key, value, nil)) }
                    }
                case .value(let key, let life, .quick(let suspensions), let terms) where bug == .loadsAlone:
                    let load = Load.quick(suspensions: suspensions)
                    if let found = try await cache.get(Self.keys[key], as: Int.self) {
                        answers.append((key, found, nil))
                    } else {
                        let value = try await self.load(index, key, life, load, terms)
                        answers.append((key, value, nil))
                    }
                case .value(let key, let life, let load, let terms):
                    var options = options(life, index)
                    terms.apply(to: &options, bug)
                    let result = try await cache.result(for: Self.keys[key], options: options) {
                        (context: LoadContext<Int>) in
                        self.noteHanded(key, context, to: index)
                        let value = try await self.load(index, key, life, load, terms)
                        return try self.loaded(value, key, context, for: index, terms)
                    }
                    calls[index].provenance = result.provenance
                    if bug == .refreshesTwice, result.provenance.source == .memory, terms.refreshesEarly {
                        _ = try await self.load(index, key, life, load, terms)
                    }
                    answers.append((key, result.value, result.provenance))
                case .set(let key, let life):
                    let value = addValue(key, index, life)
                    supersede(key, index, group, value)
                    try await cache.set(Self.keys[key], to: value, options: options(life, index))
                case .setAll(let life):
                    var set: [CacheKey: Int] = [:]
                    for key in 0..<History.keys {
                        let value = addValue(key, index, life)
                        supersede(key, index, group, value)
                        set[Self.keys[key]] = value
                    }
                    try await cache.set(set, options: options(life, index))
                case .delete(let key):
                    supersede(key, index, group, nil)
                    _ = try await cache.delete(Self.keys[key])
                case .clear:
                    for key in 0..<History.keys { supersede(key, index, group, nil) }
                    _ = try await cache.clear()
                case .touch(let key, let life):
                    touches[group][key].append(index)
                    if life.fresh <= .zero { supersede(key, index, group, nil) }
                    try await cache.touch(Self.keys[key], timeToLive: life.fresh, maximumStaleness: life.stale)
                case .expire(let key):
                    supersede(key, index, group, nil, keepsStale: true)
                    try await cache.expire(Self.keys[key])
                case .clearKeepingStale:
                    for key in 0..<History.keys { supersede(key, index, group, nil, keepsStale: true) }
                    _ = try await cache.clear(keepingStale: true)
                case .stale(let key):
                    var options = EntryOptions()
                    options.acceptsStale = true
                    if let result = try await cache.result(for: Self.keys[key], as: Int.self, options: options) {
                        answers.append((key, result.value, result.provenance))
                    }
                case .contains(let key):
                    _ = try await cache.contains(Self.keys[key])
                case .invalidate(let tags, let removes):
                    try await invalidate(cache, index, tags, removes: removes)
                case .values(let life, let load, let terms):
                    answers = try await loadAll(cache, index, life, load, terms)
                }
            } catch {
                failure = error
            }
            end(index, process, failure)
            guard !calls[index].isDead else { return }
            calls[index].answer = answers.first?.value
            for answer in answers {
                judge(answer.value, key: answer.key, of: index, answer.source)
                process.lastSeen[answer.key] = answer.value
            }
            judgeHanded(to: index)
        }

        private func end(_ index: Int, _ process: Process, _ failure: (any Error)?) {
            pending.remove(index)
            guard !calls[index].isDead else { return }
            moment += 1
            calls[index].end = moment
            calls[index].endTime = time.now()
            calls[index].succeeded = failure == nil
            let call = calls[index]
            calls[index].isClean =
                call.wasClean && process.isClean && process.link.counts.failures == call.failuresBefore
            noteTrouble(calls[index])
            note("call \(call.id) ends: \(failure.map { "\($0)" } ?? "ok")\(calls[index].isClean ? "" : ", not clean")")
            if let failure { judge(failure, of: index) }
            judgeWords(failure, process)
            for (key, failure) in calls[index].failures {
                judge(failure, of: index, key)
                judgeWords(failure, process)
            }
            let ledger = process.cache.memory.ledger
            if ledger.entries > setup.maximumEntries {
                violate(7, "node process \(process.number) holds \(ledger.entries) of \(setup.maximumEntries) entries")
            }
        }

        /// What a call did that the store may not know, or may have stamped ahead of its time.
        private func noteTrouble(_ call: CallRecord) {
            guard !call.isClean else { return }
            let keys: [Int]
            switch call.call {
            case .set(let key, _), .delete(let key), .touch(let key, _), .value(let key, _, _, _), .expire(let key):
                keys = [key]
            case .setAll, .clear, .clearKeepingStale, .values: keys = Array(0..<History.keys)
            default: return
            }
            for key in keys { troubles[call.group][key].append(time.now()) }
        }

        func options(_ life: Life, _ call: Int) -> EntryOptions {
            var options = EntryOptions.timeToLive(life.fresh)
            options.maximumStaleness = life.stale
            options.tags = tagNames(of: call)
            return options
        }

        func addValue(_ key: Int, _ call: Int, _ life: Life, isLoad: Bool = false) -> Int {
            moment += 1
            values.append(
                ValueRecord(
                    key: key,
                    group: calls[call].group,
                    call: call,
                    isLoad: isLoad,
                    life: life,
                    begin: moment,
                    beginTime: time.now(),
                    tags: tags(of: call).tags
                )
            )
            return values.count - 1
        }

        private func supersede(_ key: Int, _ call: Int, _ group: Int, _ value: Int?, keepsStale: Bool = false) {
            supersessions[group][key].append(Supersession(call: call, keepsStale: keepsStale, value: value))
        }

        // MARK: Loads

        func load(_ index: Int, _ key: Int, _ life: Life, _ load: Load, _ terms: Terms) async throws -> Int {
            try await self.load(index, [key], life, load, terms)[0]
        }

        /// One load of several keys.
        func load(_ index: Int, _ keys: [Int], _ life: Life, _ load: Load, _ terms: Terms) async throws -> [Int] {
            let loaded = keys.map { addValue($0, index, life, isLoad: true) }
            for value in loaded {
                values[value].isRefresh = terms.refreshes
                note("load \(value) begins for call \(calls[index].id)")
                checkNoOtherLoad(value)
                checkPause(value)
            }
            runningLoads += loaded
            defer { for value in loaded { loadEnded(value) } }
            switch load {
            case .quick(let suspensions):
                for _ in 0..<suspensions { await Task.yield() }
            case .fails:
                await Task.yield()
                throw LoadFailure()
            case .waits(let heeds):
                let fails = try await withTaskCancellationHandler {
                    try await wait(index, loaded[0])
                } onCancel: {
                    if heeds, let gate = self.gates.removeValue(forKey: loaded[0]) {
                        gate.continuation.resume(throwing: CancellationError())
                    }
                    for value in loaded {
                        self.checkCutOff(value)
                        self.loadEnded(value)
                    }
                }
                if fails { throw LoadFailure() }
            }
            // What comes after it was cut off nobody takes.
            for value in loaded { values[value].isMade = values[value].loadEnd == nil }
            return loaded
        }

        private func wait(_ index: Int, _ value: Int) async throws -> Bool {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Bool, any Error>) in
                if isEnding { return continuation.resume(returning: false) }
                if let fails = opened[index] { return continuation.resume(returning: fails) }
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                gates[value] = Gate(call: index, continuation: continuation)
            }
        }

        func endLoad(_ id: Int, fails: Bool) {
            guard let (index, _) = tasks[id] else { return }
            opened[index] = fails
            for gate in takeGates(of: index) { gate.continuation.resume(returning: fails) }
        }

        func takeGates(of call: Int) -> [Gate] {
            let waiting = gates.filter { $0.value.call == call }.sorted { $0.key < $1.key }
            for (value, _) in waiting { gates[value] = nil }
            return waiting.map(\.value)
        }

        /// It has come to its end, or is not waited for any more.
        private func loadEnded(_ value: Int) {
            guard let place = runningLoads.firstIndex(of: value) else { return }
            runningLoads.remove(at: place)
            values[value].loadEnd = time.now()
            moment += 1
            values[value].loadEndMoment = moment
            noteBackground(value)
            note("load \(value) ends")
        }
    }
#endif
