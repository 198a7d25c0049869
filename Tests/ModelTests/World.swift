#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting
    import Synchronization

    /// Nodes, a store and a clock, in which a history happens; and what is known of it.
    ///
    /// Sendable because all of it is touched by one thread only: the one whose schedule carries out every step of every task in it.
    final class World: @unchecked Sendable {
        /// A process of a node.
        final class Process: @unchecked Sendable {
            // Sendable for the same reason.
            let number: Int
            let group: Int
            let cache: Cache
            let link: ScriptedNode
            var upkeep: Task<Void, Never>?
            var isDead = false
            /// Whether its line has ever been broken or silent.
            var hasGaps = false
            /// Whether anybody has asked it to load values early.
            var loadsEarly = false
            /// By key, what is known of sources that are left alone.
            var pauses: [Int: Pause] = [:]
            /// By key, what its callers were answered last.
            var lastSeen: [Int: Int] = [:]

            init(number: Int, group: Int, cache: Cache, link: ScriptedNode) {
                self.number = number
                self.group = group
                self.cache = cache
                self.link = link
            }

            /// Whether the store was there at the last look, and nothing waits for it.
            var isClean: Bool {
                guard let gate = cache.gate else { return true }
                return gate.status.isAvailable && gate.journal.depth == 0
            }
        }

        struct Gate {
            var call: Int
            var continuation: CheckedContinuation<Bool, any Error>
        }

        let setup: Setup
        /// What each node does with what leaves its memory.
        let payloads: [PayloadConfiguration]
        let schedule: TaskSchedule
        let time = ManualTimeSource()
        let store: ScriptedRemoteTier
        let bug: SeededBug?
        var processes: [Process] = []
        /// The process that each node is at present.
        var nodes: [Process] = []
        var calls: [CallRecord] = []
        var pending: Set<Int> = []
        var tasks: [Int: (index: Int, task: Task<Void, Never>)] = [:]
        var values: [ValueRecord] = []
        /// Loads that wait, by their first value: one call may have several, one after the other.
        var gates: [Int: Gate] = [:]
        var opened: [Int: Bool] = [:]
        var runningLoads: [Int] = []
        /// By group and key.
        var supersessions: [[[Supersession]]]
        var touches: [[[Int]]]
        /// When the store last lost something of a key.
        var losses: [[Int]]
        /// When an exchange of a call about a key last failed, so that its stamp may lie ahead.
        var troubles: [[[MonotonicInstant]]]
        var tagged: TagRecords
        /// Loads that have found a value unchanged, by that value.
        var confirmations: [Int: [Int]] = [:]
        var moment = 0
        var stalled = Duration.zero
        var wasFull = false
        var hasLostAll = false
        var isDown = false
        /// From now on loads do not wait.
        var isEnding = false
        var violation: Violation?
        var trace: [String]?

        static let keys = (0..<History.keys).map { CacheKey("\(secret)\($0)") }
        /// What is said of no key to anybody who reads an error or a health answer.
        static let secret = "secret"

        init(_ setup: Setup, schedule: TaskSchedule, bug: SeededBug?, traces: Bool) throws {
            self.setup = setup
            self.schedule = schedule
            self.bug = bug
            self.trace = traces ? [] : nil
            store = ScriptedRemoteTier(timeSource: MachineTime(time, ticks: true))
            let groups = setup.groups
            tagged = TagRecords(groups: groups)
            supersessions = Array(repeating: Array(repeating: [], count: History.keys), count: groups)
            touches = Array(repeating: Array(repeating: [], count: History.keys), count: groups)
            losses = Array(repeating: Array(repeating: -1, count: History.keys), count: groups)
            troubles = Array(repeating: Array(repeating: [], count: History.keys), count: groups)
            payloads = try (0..<setup.nodes).map { try setup.wants?.payload(of: $0) ?? PayloadConfiguration() }
            for node in 0..<setup.nodes { nodes.append(makeProcess(node)) }
        }

        private func makeProcess(_ node: Int) -> Process {
            let group = setup.group(of: node)
            var configuration = CacheConfiguration()
            configuration.prefix = bug == .sharesPrefixes ? Setup.prefixes[0] : Setup.prefixes[group]
            configuration.defaultLoadTimeout = History.loadTimeout
            configuration.memory.maximumEntries = setup.maximumEntries + (bug == .overfillsMemory ? 1 : 0)
            configuration.memory.shards = 1
            configuration.journalMaximumIntents = setup.journalMaximumIntents
            configuration.breakerThreshold = setup.breakerThreshold
            configuration.maximumBackgroundLoads = setup.maximumBackgroundLoads
            configuration.defaultFailureThrottle = setup.failureThrottle
            configuration.payload = payloads[node]
            bug?.apply(to: &configuration)
            let link = store.node("node \(node)", isTracked: setup.isTracked)
            if isDown { link.breakLine() }
            let offset = node < setup.clockOffsets.count ? setup.clockOffsets[node] : .zero
            let cache = Cache(
                configuration: configuration,
                remote: bug?.tier(around: link, over: store) ?? link,
                timeSource: MachineTime(time, offset: offset)
            )
            let process = Process(number: processes.count, group: group, cache: cache, link: link)
            processes.append(process)
            if setup.connects { Task { await cache.connect() } }
            return process
        }

        // MARK: Events

        func happen(_ event: Event) {
            moment += 1
            if let trace { self.trace = trace + ["\(at) \(event)"] }
            time.advance(by: .microseconds(20))
            switch event {
            case .call(let id, let node, let call):
                start(id, node: node, call)
            case .cancel(let id):
                guard let (index, task) = tasks[id], pending.contains(index) else { return }
                calls[index].wasCancelled = true
                task.cancel()
                if bug == .cancelsForAll {
                    for gate in takeGates(of: index) { gate.continuation.resume(throwing: CancellationError()) }
                }
            case .endLoad(let id, let fails):
                endLoad(id, fails: fails)
            case .steps(let count, let seed):
                var random = SeededGenerator(seed: seed)
                schedule.drain(limit: count) { random.below($0) }
            case .settle(let seed):
                settle(seed)
            case .pass(let duration, let seed):
                pass(duration, seed)
            case .stall(let duration):
                time.advance(by: duration)
                stalled += duration
            case .link(let node, let exchange):
                nodes[node].link.plan(exchange)
            case .nextExchanges(let node, let exchanges):
                nodes[node].link.planNext(exchanges)
            case .store(let event):
                befall(event)
            case .tag(let event):
                befall(event)
            case .line(let node, let event):
                befall(nodes[node], event)
            case .restart(let node):
                restart(node)
            case .run(let node):
                run(nodes[node])
            }
            checkBounds()
        }

        /// Carries out all that is ready. No history has so many steps at one time.
        func settle(_ seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            guard schedule.drain(limit: 20_000, choose: { random.below($0) }) else {
                return violate(4, "the steps of one moment have no end")
            }
            for index in pending where calls[index].wasCancelled && !calls[index].isDead {
                if calls[index].call.terms != nil {
                    violate(4, "call \(calls[index].id) was cancelled and goes on waiting")
                }
            }
            checkBackground()
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

        private func befall(_ event: StoreEvent) {
            switch event {
            case .down(let losingData):
                store.behave(.fail(RemoteTierError(.absent, "scripted")))
                isDown = true
                for node in nodes {
                    node.hasGaps = true
                    node.link.breakLine()
                }
                if losingData { loseAll() }
            case .up:
                store.behave(.normal)
                isDown = false
                for node in nodes { node.link.openLine() }
            case .freeze(let duration): store.freeze(for: duration)
            case .loseData: loseAll()
            case .full(let isFull):
                wasFull = wasFull || isFull
                store.setFull(isFull)
            case .evict(let key, let group):
                store.evict(name(key, group))
                losses[group][key] = moment
            case .evictCompanion(let key, let group):
                store.evictCompanion(name(key, group))
                losses[group][key] = moment
            case .garbage(let key, let group):
                store.plant(name(key, group), bytes: [0xCA, 0x52, 0x45, 2, 0, 1, 0, 68, 9, 9])
                losses[group][key] = moment
            }
        }

        private func befall(_ process: Process, _ event: LineEvent) {
            switch event {
            case .breaks:
                process.hasGaps = true
                process.link.breakLine()
            case .opens:
                if !isDown { process.link.openLine() }
            case .silent(let isSilent):
                process.hasGaps = process.hasGaps || isSilent
                process.link.setSilent(isSilent)
            case .delay(let delay):
                process.link.delayNotices(by: delay)
            }
        }

        private func loseAll() {
            hasLostAll = true
            store.loseData()
            tagged.lostAll(at: moment)
            for group in losses.indices { losses[group] = losses[group].map { _ in moment } }
        }

        func name(_ key: Int, _ group: Int) -> String {
            space(of: group).entryName(Self.keys[key])
        }

        /// The names in the store of one prefix.
        func space(of group: Int) -> KeySpace {
            nodes.first { $0.group == group }?.cache.keySpace
                ?? KeySpace(prefix: Setup.prefixes[group], format: .envelope)
        }

        private func restart(_ node: Int) {
            let old = nodes[node]
            old.isDead = true
            old.link.die()
            old.upkeep?.cancel()
            for index in pending where calls[index].process == old.number {
                calls[index].isDead = true
                calls[index].wasCancelled = true
                calls[index].endTime = time.now()
                tasks[calls[index].id]?.task.cancel()
            }
            pending = pending.filter { !calls[$0].isDead }
            nodes[node] = makeProcess(node)
        }

        private func run(_ process: Process) {
            guard process.upkeep == nil else { return }
            let cache = process.cache
            process.upkeep = Task { try? await cache.run() }
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
