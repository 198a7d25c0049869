#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting
    import Synchronization

    /// Calls of callers: how they begin, what they do, and what is noted of their end.
    extension LeaseWorld {
        func start(_ id: Int, node: Int, _ call: LeaseCall) {
            let process = nodes[node]
            let index = calls.count
            calls.append(CallRecord(id: id, process: process.number, call: call))
            pending.insert(index)
            let task = Task {
                await process.door.pass()
                await self.perform(index, process, call)
            }
            tasks[id] = (index, task)
        }

        func cancel(_ id: Int) {
            guard let (index, task) = tasks[id], pending.contains(index) else { return }
            processes[calls[index].process].door.perform {
                self.calls[index].wasCancelled = true
                task.cancel()
            }
        }

        private func perform(_ index: Int, _ process: Process, _ call: LeaseCall) async {
            begin(index, process)
            var failure: (any Error)?
            do {
                switch call {
                case .value(let life, let load):
                    var options = EntryOptions.timeToLive(life)
                    options.loadsOncePerCluster = true
                    let result = try await process.cache.result(for: Self.key, options: options) { _ in
                        Loaded(try await self.work(index, process, load))
                    }
                    calls[index].wasStored =
                        result.provenance.source == .load && result.provenance.stored && calls[index].wasClean
                        && process.link.counts.failures == calls[index].failuresBefore
                case .lock(let timeToLive, let wait, let load):
                    try await process.cache.withLock(Self.lockName, ttl: timeToLive, wait: wait) { _ in
                        _ = try await self.work(index, process, load)
                    }
                }
            } catch {
                failure = error
            }
            // A process that is stopped has not returned yet.
            await process.door.pass()
            end(index, process, failure)
        }

        private func begin(_ index: Int, _ process: Process) {
            moment += 1
            calls[index].begin = moment
            calls[index].beginTime = time.now()
            calls[index].failuresBefore = process.link.counts.failures
            calls[index].spentBefore = process.door.spent
            calls[index].wasClean = process.isClean
            note("call \(calls[index].id) begins")
        }

        private func end(_ index: Int, _ process: Process, _ failure: (any Error)?) {
            pending.remove(index)
            guard !calls[index].isDead else { return }
            moment += 1
            calls[index].end = moment
            calls[index].succeeded = failure == nil
            note("call \(calls[index].id) ends: \(failure.map { "\($0)" } ?? "ok")")
            judge(failure, of: index, process)
        }

        // MARK: Loads, and work under the lock

        private func work(_ index: Int, _ process: Process, _ load: Load) async throws -> Int {
            let number = begun(index, process)
            defer { ended(number) }
            switch load {
            case .quick(let suspensions):
                for _ in 0..<suspensions { await Task.yield() }
            case .fails:
                await Task.yield()
                throw LoadFailure()
            case .waits(let heeds):
                let isLoad = calls[index].call.target == .key
                let fails = try await withTaskCancellationHandler {
                    try await wait(index, number)
                } onCancel: {
                    if heeds, let gate = self.gates.removeValue(forKey: index) {
                        gate.continuation.resume(throwing: CancellationError())
                    }
                    // Cut off, whether or not it heeds that; what is done under a lock is waited for.
                    if isLoad { self.ended(number) }
                }
                if fails { throw LoadFailure() }
            }
            return number
        }

        private func wait(_ index: Int, _ number: Int) async throws -> Bool {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Bool, any Error>) in
                if isEnding { return continuation.resume(returning: false) }
                if let fails = opened[index] { return continuation.resume(returning: fails) }
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                gates[index] = Gate(continuation: continuation, work: number)
            }
        }

        func endWork(_ id: Int, fails: Bool) {
            guard let (index, _) = tasks[id] else { return }
            processes[calls[index].process].door.perform {
                self.opened[index] = fails
                self.gates.removeValue(forKey: index)?.continuation.resume(returning: fails)
            }
        }

        private func begun(_ index: Int, _ process: Process) -> Int {
            moment += 1
            let number = works.count
            works.append(
                Work(
                    call: index,
                    begin: moment,
                    beginTime: time.now(),
                    failuresBefore: process.link.counts.failures,
                    isCertain: isCertain(index, process)
                )
            )
            note(
                "work \(number) of call \(calls[index].id) begins\(works[number].isCertain ? "" : ", perhaps without lease")"
            )
            guard !process.isDead else { return number }
            judgeBegin(number)
            running.append(number)
            return number
        }

        private func ended(_ number: Int) {
            guard works[number].endTime == nil else { return }
            works[number].endTime = time.now()
            running.removeAll { $0 == number }
            note("work \(number) ends")
        }
    }
#endif
