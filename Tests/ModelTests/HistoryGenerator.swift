import Recuerde
import RecuerdeTesting

/// Draws histories.
struct HistoryGenerator {
    private var random: SeededGenerator
    private let seed: UInt64
    private var setup = Setup()
    private var calls = 0
    private var waiting: [Int] = []
    /// Each history has faults of some kinds only: where all happen at once, little can be said of what must hold.
    private var hasLinkFaults = false
    private var hasStoreFaults = false
    private var losesData = false
    private var hasRestarts = false
    private var livesShort = false
    private var hasLineFaults = false
    /// What befalls the lives of entries and loads.
    private var lives: LifeGenerator

    init(seed: UInt64) {
        self.seed = seed
        self.random = SeededGenerator(seed: seed)
        self.lives = LifeGenerator(seed: seed)
    }

    mutating func history(events count: Int = 220) -> History {
        setup.nodes = 2 + random.below(3)
        let skewed = random.oneIn(2)
        setup.clockOffsets = (0..<setup.nodes).map { _ in
            skewed ? .milliseconds(random.below(120_001) - 60_000) : .zero
        }
        if random.oneIn(5) { setup.maximumEntries = 2 }
        if random.oneIn(8) { setup.journalMaximumIntents = 1 + random.below(2) }
        setup.breakerThreshold = random.oneIn(2) ? 3 : 1
        setup.hasTwoGroups = random.oneIn(6)
        setup.connects = !random.oneIn(4)
        hasLinkFaults = random.oneIn(2)
        hasStoreFaults = random.oneIn(3)
        losesData = random.oneIn(4)
        hasRestarts = random.oneIn(4)
        livesShort = random.oneIn(3)
        setup.isTracked = random.oneIn(2)
        hasLineFaults = setup.isTracked && random.oneIn(2)
        lives.set(&setup)
        var events: [Event] = []
        events.reserveCapacity(count)
        while events.count < count { events.append(event()) }
        return Self.withWants(Self.withTags(History(seed: seed, setup: setup, events: events)))
    }

    private mutating func event() -> Event {
        switch lives.next(nodes: setup.nodes) {
        case .call(let node, let call)?:
            defer { calls += 1 }
            return .call(calls, node: node, call)
        case .settle(let seed)?: return .settle(seed: seed)
        case nil: break
        }
        switch random.below(100) {
        case 0..<46: return call()
        case 46..<50: return calls == 0 ? call() : .cancel(max(0, calls - 1 - random.below(5)))
        case 50..<57:
            guard !waiting.isEmpty else { return call() }
            return .endLoad(waiting.remove(at: random.below(waiting.count)), fails: random.oneIn(5))
        case 57..<72: return .steps(1 + random.below(6), seed: random.next())
        case 72..<80: return .settle(seed: random.next())
        case 80..<89: return .pass(duration(), seed: random.next())
        case 89: return .stall(.milliseconds(1 + random.below(20)))
        default: return fault()
        }
    }

    private mutating func call() -> Event {
        defer { calls += 1 }
        let key = random.below(History.keys)
        if let call = lives.call(key) { return .call(calls, node: random.below(setup.nodes), call) }
        let call: Call
        switch random.below(100) {
        case 0..<10: call = .get(key: key)
        case 10..<24: call = .result(key: key)
        case 24..<27: call = .getAll
        case 27..<55:
            let load = load()
            if case .waits = load { waiting.append(calls) }
            call = .value(key: key, life: life(), load: load, terms: lives.terms(refreshes: random.oneIn(5)))
        case 55..<74: call = .set(key: key, life: life())
        case 74..<76: call = .setAll(life: life())
        case 76..<88: call = .delete(key: key)
        case 88..<92: call = .clear
        case 92..<97: call = .touch(key: key, life: life())
        default: call = .contains(key: key)
        }
        return .call(calls, node: random.below(setup.nodes), call)
    }

    private mutating func load() -> Load {
        if lives.failsLoad() { return .fails }
        return switch random.below(10) {
        case 0..<4: .quick(suspensions: random.below(3))
        case 4: .fails
        default: .waits(heedsCancellation: random.oneIn(2))
        }
    }

    private mutating func life() -> Life {
        if let life = lives.life() { return life }
        guard livesShort, random.oneIn(2) else { return .long }
        return Life(
            fresh: .milliseconds(random.below(20) == 0 ? 0 : 200 + random.below(4_000)),
            stale: random.oneIn(2) ? .milliseconds(random.below(4_000)) : .zero
        )
    }

    private mutating func duration() -> Duration {
        switch random.below(6) {
        case 0, 1: .microseconds(1 + random.below(2_000))
        case 2: .milliseconds(1 + random.below(60))
        case 3: .milliseconds(60 + random.below(400))
        case 4: .milliseconds(600 + random.below(1_500))
        default: .milliseconds(2_000 + random.below(4_000))
        }
    }

    private mutating func fault() -> Event {
        let node = random.below(setup.nodes)
        switch random.below(hasLineFaults ? 14 : 10) {
        case 10...: return .line(node: node, lineFault())
        case 0 where hasRestarts: return .restart(node: node)
        case 1: return .run(node: node)
        case 2..<6 where hasLinkFaults: return linkFault(node)
        case 6..<9 where hasStoreFaults: return .store(storeFault())
        case 9 where losesData: return .store(loss())
        default: return call()
        }
    }

    private mutating func lineFault() -> LineEvent {
        switch random.below(8) {
        case 0, 1: .breaks
        case 2, 3: .opens
        case 4: .silent(true)
        case 5: .silent(false)
        default: .delay(.microseconds(random.below(random.oneIn(3) ? 3_000_000 : 30_000)))
        }
    }

    private mutating func linkFault(_ node: Int) -> Event {
        if random.oneIn(3) { return .link(node: node, ScriptedExchange()) }
        if random.oneIn(2) {
            return .nextExchanges(node: node, (0..<(1 + random.below(3))).map { _ in exchange() })
        }
        return .link(node: node, exchange())
    }

    private mutating func exchange() -> ScriptedExchange {
        switch random.below(10) {
        case 0: ScriptedExchange(.requestLost)
        case 1: ScriptedExchange(.answerLost, requestDelay: .milliseconds(random.below(400)))
        case 2: ScriptedExchange(.refused(RemoteTierError(.unavailable, "scripted")))
        case 3: ScriptedExchange(.answerReplaced(RemoteTierError(.interrupted, "scripted")))
        case 4: ScriptedExchange(.refused(RemoteTierError(.overloaded, "scripted")))
        case 5: ScriptedExchange(repeatedAfter: .milliseconds(random.below(300)))
        default:
            ScriptedExchange(
                requestDelay: .microseconds(random.below(random.oneIn(4) ? 400_000 : 20_000)),
                answerDelay: .microseconds(random.below(random.oneIn(4) ? 400_000 : 20_000))
            )
        }
    }

    private mutating func storeFault() -> StoreEvent {
        switch random.below(8) {
        case 0, 1: .down(losingData: losesData && random.oneIn(3))
        case 2, 3, 4: .up
        case 5: .freeze(.milliseconds(random.below(1_500)))
        case 6: .full(true)
        default: .full(false)
        }
    }

    private mutating func loss() -> StoreEvent {
        let key = random.below(History.keys)
        let group = random.below(setup.groups)
        return switch random.below(8) {
        case 0: .loseData
        case 1, 2, 3: .evict(key: key, group: group)
        case 4, 5: .evictCompanion(key: key, group: group)
        default: .garbage(key: key, group: group)
        }
    }
}
