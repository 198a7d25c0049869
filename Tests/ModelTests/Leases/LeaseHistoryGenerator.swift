import Recuerde
import RecuerdeTesting

/// Draws histories of leases.
struct LeaseHistoryGenerator {
    private var random: SeededGenerator
    private let seed: UInt64
    private var setup = LeaseSetup()
    private var calls = 0
    private var waiting: [Int] = []
    private var stopped: [Int] = []
    /// Each history has faults of some kinds only, as in `HistoryGenerator`; many have none but that processes are stopped or killed.
    private var hasLinkFaults = false
    private var hasStoreFaults = false
    private var losesData = false
    private var hasRestarts = false
    private var hasStops = false
    private var losesMessages = false

    init(seed: UInt64) {
        self.seed = seed
        self.random = SeededGenerator(seed: seed ^ 0x6C65_6173_6573)
    }

    mutating func history(events count: Int = 90) -> LeaseHistory {
        setup.nodes = 2 + random.below(3)
        let skewed = random.oneIn(2)
        setup.clockOffsets = (0..<setup.nodes).map { _ in
            skewed ? .milliseconds(random.below(120_001) - 60_000) : .zero
        }
        hasLinkFaults = random.oneIn(3)
        hasStoreFaults = random.oneIn(4)
        losesData = random.oneIn(6)
        setup.setsClock = random.oneIn(4)
        hasRestarts = random.oneIn(4)
        hasStops = random.oneIn(2)
        losesMessages = random.oneIn(6)
        var events: [LeaseEvent] = []
        events.reserveCapacity(count)
        while events.count < count { events.append(event()) }
        return LeaseHistory(seed: seed, setup: setup, events: events)
    }

    private mutating func event() -> LeaseEvent {
        switch random.below(100) {
        case 0..<28: return call()
        case 28..<30: return calls == 0 ? call() : .cancel(max(0, calls - 1 - random.below(5)))
        case 30..<46:
            guard !waiting.isEmpty else { return call() }
            return .endWork(waiting.remove(at: random.below(waiting.count)), fails: random.oneIn(4))
        case 46..<56: return .steps(1 + random.below(8), seed: random.next())
        case 56..<66: return .settle(seed: random.next())
        case 66..<86: return .pass(duration(), seed: random.next())
        default: return fault()
        }
    }

    private mutating func call() -> LeaseEvent {
        defer { calls += 1 }
        let load = load()
        if case .waits = load { waiting.append(calls) }
        let call: LeaseCall
        if random.below(10) < 6 {
            call = .value(life: random.oneIn(3) ? .seconds(3_600) : .milliseconds(100 + random.below(3_000)), load)
        } else {
            call = .lock(
                timeToLive: .milliseconds(1_000 + random.below(2_000)),
                wait: random.oneIn(4) ? .zero : .milliseconds(random.below(6_000)),
                load
            )
        }
        return .call(calls, node: random.below(setup.nodes), call)
    }

    private mutating func load() -> Load {
        switch random.below(8) {
        case 0, 1: .quick(suspensions: random.below(3))
        case 2: .fails
        default: .waits(heedsCancellation: random.oneIn(2))
        }
    }

    private mutating func duration() -> Duration {
        switch random.below(6) {
        case 0: .microseconds(1 + random.below(2_000))
        case 1, 2: .milliseconds(1 + random.below(300))
        case 3, 4: .milliseconds(300 + random.below(1_200))
        default: .milliseconds(1_500 + random.below(3_000))
        }
    }

    private mutating func fault() -> LeaseEvent {
        let node = random.below(setup.nodes)
        switch random.below(12) {
        case 0..<4 where hasStops:
            if let node = stopped.last, random.below(5) < 3 {
                stopped.removeLast()
                return .goOn(node: node)
            }
            stopped.append(node)
            return .stop(node: node, seed: random.next())
        case 4 where hasRestarts: return .restart(node: node)
        case 5..<8 where hasLinkFaults: return linkFault(node)
        case 8 where hasStoreFaults, 9 where hasStoreFaults: return .store(storeFault())
        case 10 where losesData:
            return .store(random.oneIn(3) ? .loseData : .evict(random.oneIn(2) ? .key : .lock))
        case 11 where losesMessages: return .store(.silent(!random.oneIn(3)))
        case 11 where setup.setsClock: return .store(.clock(.milliseconds(random.below(40_001) - 20_000)))
        default: return call()
        }
    }

    private mutating func linkFault(_ node: Int) -> LeaseEvent {
        if random.oneIn(3) { return .link(node: node, ScriptedExchange()) }
        if random.oneIn(2) {
            return .nextExchanges(node: node, (0..<(1 + random.below(3))).map { _ in exchange() })
        }
        return .link(node: node, exchange())
    }

    private mutating func exchange() -> ScriptedExchange {
        switch random.below(10) {
        case 0, 1: ScriptedExchange(.requestLost)
        case 2, 3: ScriptedExchange(.answerLost, requestDelay: .milliseconds(random.below(400)))
        case 4: ScriptedExchange(.refused(RemoteTierError(.unavailable, "scripted")))
        case 5: ScriptedExchange(.answerReplaced(RemoteTierError(.interrupted, "scripted")))
        default:
            ScriptedExchange(
                requestDelay: .microseconds(random.below(random.oneIn(4) ? 400_000 : 20_000)),
                answerDelay: .microseconds(random.below(random.oneIn(4) ? 400_000 : 20_000))
            )
        }
    }

    private mutating func storeFault() -> LeaseStoreEvent {
        switch random.below(8) {
        case 0, 1: .down
        case 2, 3, 4: .up
        case 5: .freeze(.milliseconds(random.below(1_500)))
        case 6: .full(true)
        default: .full(false)
        }
    }
}
