#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting
    import Synchronization

    /// Nodes, a store and a clock, in which a history of leases happens; and what is known of it.
    ///
    /// Apart from ``World``, since a process that is stopped and goes on needs a door at which everything waits that comes to it, and the
    /// truths are others. Sendable for the same reason as that.
    final class LeaseWorld: @unchecked Sendable {
        /// A process of a node.
        final class Process: @unchecked Sendable {
            // Sendable for the same reason.
            let number: Int
            let cache: Cache
            let link: ScriptedNode
            let door: ProcessDoor
            var isDead = false
            /// When it was stopped, and went on.
            var stops: [(begin: MonotonicInstant, end: MonotonicInstant?)] = []

            init(number: Int, cache: Cache, link: ScriptedNode, door: ProcessDoor) {
                self.number = number
                self.cache = cache
                self.link = link
                self.door = door
            }

            /// Whether the store was there at the last look, and nothing waits for it: while it does, the store is not asked about its
            /// key.
            var isClean: Bool { cache.gate?.status.isAvailable == true && cache.gate?.journal.depth == 0 }
        }

        /// A call, from its first step on.
        struct CallRecord {
            var id: Int
            var process: Int
            var call: LeaseCall
            var begin = Int.max
            var beginTime = MonotonicInstant(nanoseconds: 0)
            var end: Int?
            var succeeded = false
            var wasStored = false
            var wasCancelled = false
            var isDead = false
            /// What was known of its way to the store when it began.
            var failuresBefore = 0
            var spentBefore = Duration.zero
            var wasClean = false
            /// Since when nothing is under way that it could wait for.
            var idleSince: MonotonicInstant?
        }

        /// A load, or work under the lock. A load's number is its value.
        struct Work {
            var call: Int
            var begin: Int
            var beginTime: MonotonicInstant
            var failuresBefore: Int
            /// Whether it certainly began under the lease.
            var isCertain: Bool
            var endTime: MonotonicInstant?
            /// Whether other work under the same lock certainly began before it had ended.
            var wasOvertaken = false
        }

        struct Gate {
            var continuation: CheckedContinuation<Bool, any Error>
            var work: Int
        }

        let schedule: TaskSchedule
        let time = ManualTimeSource()
        let clock: SettableTime
        let store: ScriptedRemoteTier
        let ledger = LeaseLedger()
        let setup: LeaseSetup
        let bug: SeededLeaseBug?
        var processes: [Process] = []
        /// The process that each node is at present.
        var nodes: [Process] = []
        var calls: [CallRecord] = []
        var pending: Set<Int> = []
        var tasks: [Int: (index: Int, task: Task<Void, Never>)] = [:]
        var works: [Work] = []
        var running: [Int] = []
        var gates: [Int: Gate] = [:]
        var opened: [Int: Bool] = [:]
        /// When the store last lost a lease before its time.
        var losses: [LeaseTarget: Int] = [:]
        /// Whether somebody who waits may not have been told that a lease is free.
        var hasLostNews = false
        /// Whether entries may not be where they were put, or for how long.
        var hasLostEntries = false
        var wasFull = false
        var isDown = false
        /// From now on loads and work do not wait.
        var isEnding = false
        var violation: Violation?
        var trace: [String]?

        static let key = CacheKey("key")
        static let lockName = CacheKey("lock")
        static let space = KeySpace(prefix: "model", format: .envelope)

        var moment: Int {
            get { ledger.moment }
            set { ledger.moment = newValue }
        }

        init(_ setup: LeaseSetup, schedule: TaskSchedule, bug: SeededLeaseBug?, traces: Bool) {
            self.setup = setup
            self.schedule = schedule
            self.bug = bug
            self.trace = traces ? [] : nil
            clock = SettableTime(time)
            store = ScriptedRemoteTier(timeSource: clock)
            if traces { ledger.notes = { [unowned self] in self.note($0) } }
            for node in 0..<setup.nodes { nodes.append(makeProcess(node)) }
        }

        func leaseName(_ target: LeaseTarget) -> String {
            switch target {
            case .key: Self.space.loadLease(Self.key).name
            case .lock: Self.space.lock(Self.lockName).name
            }
        }

        private func makeProcess(_ node: Int) -> Process {
            var configuration = CacheConfiguration()
            configuration.prefix = "model"
            configuration.remoteDeadline = LeaseHistory.remoteDeadline
            configuration.defaultLoadTimeout = LeaseHistory.loadTimeout
            configuration.leaseTimeToLive = LeaseHistory.leaseTimeToLive
            configuration.leaseWait = LeaseHistory.leaseWait
            configuration.memory.shards = 1
            let link = store.node("node \(node)")
            let door = ProcessDoor()
            let number = processes.count
            let tier = StoppableTier(
                node: link,
                store: store,
                door: door,
                time: time,
                ledger: ledger,
                process: number,
                bug: bug
            )
            let offset = node < setup.clockOffsets.count ? setup.clockOffsets[node] : .zero
            let cache = Cache(
                configuration: configuration,
                remote: tier,
                timeSource: StoppableTime(machine: MachineTime(time, offset: offset), door: door)
            )
            let process = Process(number: number, cache: cache, link: link, door: door)
            processes.append(process)
            Task { await cache.connect() }
            return process
        }

        // MARK: Events

        func happen(_ event: LeaseEvent) {
            moment += 1
            if let trace { self.trace = trace + ["\(at) \(event)"] }
            time.advance(by: .microseconds(20))
            switch event {
            case .call(let id, let node, let call): start(id, node: node, call)
            case .cancel(let id): cancel(id)
            case .endWork(let id, let fails): endWork(id, fails: fails)
            case .steps(let count, let seed):
                var random = SeededGenerator(seed: seed)
                schedule.drain(limit: count) { random.below($0) }
            case .settle(let seed): settle(seed)
            case .pass(let duration, let seed): pass(duration, seed)
            case .stop(let node, let seed): stop(nodes[node], seed)
            case .goOn(let node): goOn(nodes[node])
            case .restart(let node): restart(node)
            case .link(let node, let exchange): nodes[node].link.plan(exchange)
            case .nextExchanges(let node, let exchanges): nodes[node].link.planNext(exchanges)
            case .store(let event): befall(event)
            }
            checkBounds()
        }

        /// Carries out all that is ready. No history has so many steps at one time.
        func settle(_ seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            guard schedule.drain(limit: 20_000, choose: { random.below($0) }) else {
                return violate(4, "the steps of one moment have no end")
            }
            checkNobodyWaitsForNothing()
        }

        /// Time passes from one moment at which somebody wakes to the next.
        func pass(_ duration: Duration, _ seed: UInt64) {
            let end = time.now().advanced(by: duration)
            var seed = seed
            settle(seed)
            while time.now() < end, violation == nil {
                let next = min(end, time.nextDeadline ?? end)
                time.advance(by: max(.microseconds(1), time.now().duration(to: next)))
                seed &+= 1
                settle(seed)
                checkBounds()
            }
        }

        /// What is ready is carried out, and then nothing comes to the process any more.
        private func stop(_ process: Process, _ seed: UInt64) {
            guard !process.door.isClosed else { return }
            settle(seed)
            process.door.close()
            process.stops.append((time.now(), nil))
        }

        func goOn(_ process: Process) {
            guard process.door.isClosed else { return }
            process.stops[process.stops.count - 1].end = time.now()
            process.door.open()
        }

        private func restart(_ node: Int) {
            let old = nodes[node]
            goOn(old)
            old.isDead = true
            old.link.die()
            running.removeAll { calls[works[$0].call].process == old.number }
            for index in pending where calls[index].process == old.number {
                calls[index].isDead = true
                calls[index].wasCancelled = true
                tasks[calls[index].id]?.task.cancel()
            }
            pending = pending.filter { !calls[$0].isDead }
            nodes[node] = makeProcess(node)
        }

        private func befall(_ event: LeaseStoreEvent) {
            switch event {
            case .down:
                store.behave(.fail(RemoteTierError(.absent, "scripted")))
                isDown = true
            case .up:
                store.behave(.normal)
                isDown = false
            case .freeze(let duration): store.freeze(for: duration)
            case .loseData:
                store.loseData()
                hasLostEntries = true
                if setup.setsClock { ledger.lostNumbers() }
                for target in LeaseTarget.allCases { lost(target) }
            case .full(let isFull):
                wasFull = wasFull || isFull
                store.setFull(isFull)
            case .evict(let target):
                store.evictLease(leaseName(target))
                lost(target)
            case .silent(let isSilent):
                hasLostNews = true
                store.loseLeaseMessages(isSilent)
                if !isSilent { store.wakeLeaseWaiters() }
            case .clock(let offset):
                hasLostEntries = true
                clock.set(ahead: offset)
            }
        }

        private func lost(_ target: LeaseTarget) {
            hasLostNews = true
            losses[target] = moment
        }

        // MARK: What is told

        var at: String {
            let passed = MonotonicInstant(nanoseconds: 1_000_000_000_000).duration(to: time.now())
            return "[\(moment) +\(passed)]"
        }

        func note(_ line: @autoclosure () -> String) {
            if trace != nil { trace?.append("    \(at) \(line())") }
        }

        func violate(_ truth: Int, _ what: @autoclosure () -> String) {
            guard violation == nil else { return }
            violation = Violation(truth: truth, what: what())
        }
    }
#endif
