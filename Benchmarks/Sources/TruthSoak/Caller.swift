import Recuerde
import Synchronization

/// One of many who use a cache at the same time.
struct Caller {
    private let process: NodeProcess
    private var random: SplitMix
    private let number: Int

    static let keys = (0..<Plan.keys).map { CacheKey("k", "\($0)") }
    /// How manieth the next value of this process is.
    private static let next = Atomic<UInt64>(1)

    init(_ process: NodeProcess, number: Int) {
        self.process = process
        self.number = number
        random = SplitMix(state: process.seed &+ UInt64(number) &* 7_919)
    }

    mutating func run() async {
        var turn = 0
        while !Task.isCancelled {
            turn += 1
            if process.phase < Plan.writesEnd {
                await act()
            } else {
                await read(Int.random(in: 0..<Plan.keys, using: &random))
            }
            // Now and then in a row, without a pause.
            if turn % 400 < 60 { continue }
            try? await Task.sleep(nanoseconds: UInt64.random(in: 0..<12_000_000, using: &random))
        }
    }

    private mutating func act() async {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<15:
            let key = Int.random(in: Plan.hot, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case ..<12: await set(key)
            case ..<20: await delete(key)
            case ..<45: await load(key)
            default: await read(key)
            }
        case ..<45:
            let key = Int.random(in: Plan.calm, using: &random)
            switch Int.random(in: 0..<1_000, using: &random) {
            case ..<5: await set(key)
            case ..<12: await delete(key)
            case ..<300: await load(key)
            default: await read(key)
            }
        case ..<72:
            let key = Int.random(in: Plan.owned, using: &random)
            guard Plan.owner(of: key) == process.place else { return await read(key) }
            switch Int.random(in: 0..<1_000, using: &random) {
            case ..<4: await set(key)
            case ..<7: await delete(key)
            case ..<200: await load(key)
            default: await read(key)
            }
        case ..<88:
            let key = Int.random(in: Plan.tagged, using: &random)
            switch Int.random(in: 0..<1_000, using: &random) {
            case ..<6: await set(key)
            case ..<9: await delete(key)
            case ..<350: await load(key)
            case ..<500: await readStale(key)
            default: await read(key)
            }
        default:
            let key = Int.random(in: Plan.brief, using: &random)
            switch Int.random(in: 0..<1_000, using: &random) {
            case ..<3: await set(key)
            case ..<8: await delete(key)
            case ..<500: await load(key)
            default: await read(key)
            }
        }
    }

    private func made(isLoad: Bool) -> Made {
        let count = Self.next.wrappingAdd(1, ordering: .relaxed).oldValue
        return Made(id: UInt64(process.number) << 40 | count, begin: nanoseconds(), isLoad: isLoad)
    }

    static func tag(_ number: Int) -> String { "tag-\(number)" }

    private func options(_ key: Int) -> EntryOptions {
        var options = EntryOptions()
        if Plan.brief.contains(key) { options.timeToLive = .nanoseconds(Plan.briefLife) }
        if Plan.tagged.contains(key) {
            options.tags = Plan.tags(of: key).map(Self.tag)
            options.maximumStaleness = .seconds(600)
            options.failureThrottle = .nanoseconds(Plan.taggedThrottle)
        }
        return options
    }

    /// What may stand in for a load is welcome too.
    private func readStale(_ key: Int) async {
        let cache = process.node.cache
        var options = options(key)
        options.acceptsStale = true
        await process.perform(.get, key: key) { [options] in
            $0.serve(try await cache.result(for: Self.keys[key], as: Made.self, options: options))
        }
    }

    private mutating func read(_ key: Int) async {
        let cache = process.node.cache
        guard random.one(in: 20) else {
            return await process.perform(.get, key: key) {
                $0.serve(try await cache.get(Self.keys[key], as: Made.self))
            }
        }
        // Several at once, each judged by itself.
        let others = (0..<4).map { _ in Int.random(in: 0..<Plan.keys, using: &random) } + [key]
        let begin = nanoseconds()
        await process.perform(.get, key: key) { record in
            let found = try await cache.get(others.map { Self.keys[$0] }, as: Made.self)
            record.serve(found[Self.keys[key]])
            let end = nanoseconds()
            for other in Set(others.dropLast()) where other != key {
                var beside = Record(.get, node: process.number, key: UInt16(other), begin: begin, end: end)
                beside.serve(found[Self.keys[other]])
                process.recorder.add(beside)
            }
        }
    }

    private func set(_ key: Int) async {
        let cache = process.node.cache
        await process.perform(.set, key: key) { record in
            let made = made(isLoad: false)
            record.serve(made)
            try await cache.set(Self.keys[key], to: made, options: options(key))
            record.isWeak = cache.statistics().journalDepth > 0
        }
    }

    private func delete(_ key: Int) async {
        let cache = process.node.cache
        await process.perform(.delete, key: key) { record in
            _ = try await cache.delete(Self.keys[key])
            record.isWeak = cache.statistics().journalDepth > 0
        }
    }

    private mutating func load(_ key: Int) async {
        let cache = process.node.cache
        let time =
            random.one(in: 12) ? UInt64(Plan.longLoad) : UInt64.random(in: 0..<30_000_000, using: &random)
        // Of what may stand in for them, some fail.
        let fails = Plan.failing.contains(key) || (Plan.tagged.contains(key) && random.one(in: 6))
        await process.perform(.load, key: key) { record in
            let found = try await cache.result(for: Self.keys[key], options: options(key)) { [self] _ in
                let made = made(isLoad: true)
                try await Task.sleep(nanoseconds: time)
                if fails { throw SourceFailed() }
                return Loaded(made)
            }
            record.serve(found)
            if found.value.isLoad { record.isWeak = cache.statistics().journalDepth > 0 }
        }
    }
}
