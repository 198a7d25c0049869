import Recuerde
import RecuerdeRedis
import Synchronization

/// A process of the soak of a source: a hundred callers of a few values that live for a moment.
struct SourceProcess: Sendable {
    private let post: Post
    private let node: CacheNode
    private static let next = Atomic<UInt64>(1)
    private static let keys = (0..<SourcePlan.keys).map { CacheKey("source", "\($0)") }

    init(_ arguments: Arguments) throws {
        post = Post(arguments)
        node = try CacheNode(url: post.url) {
            $0.remoteDeadline = .nanoseconds(SourcePlan.remoteDeadline)
            $0.breakerPause = .nanoseconds(SourcePlan.breakerPause)
        }
    }

    func run() async {
        await post.run(
            node,
            (0..<SourcePlan.callers).map { caller in { await call(caller) } }
        )
    }

    private func options(_ caller: Int) -> EntryOptions {
        var options = EntryOptions()
        options.timeToLive = post.flaw == .ageless ? .seconds(60) : .nanoseconds(SourcePlan.life)
        options.maximumStaleness = post.flaw == .fallbackless ? .zero : .nanoseconds(SourcePlan.staleness)
        options.loadTimeout = .nanoseconds(SourcePlan.loadTimeout)
        options.failureThrottle =
            switch post.flaw {
            case .hammering: .zero
            case .sulking: .seconds(120)
            default: .nanoseconds(SourcePlan.throttle)
            }
        guard post.flaw != .patient else { return options }
        let limit = SourcePlan.limit(ofCaller: caller)
        if limit == SourcePlan.hard {
            options.hardTimeout = .nanoseconds(limit)
        } else {
            options.softTimeout = .nanoseconds(limit)
        }
        return options
    }

    private func call(_ caller: Int) async {
        var random = SplitMix(state: post.seed &+ UInt64(caller) &* 7_919)
        let options = options(caller)
        while !Task.isCancelled {
            let key = Int.random(in: 0..<SourcePlan.keys, using: &random)
            // Which of the callers it is, so that its limit is known.
            var record = Record(.load, node: post.number, key: UInt16(key), begin: nanoseconds(), end: 0)
            do {
                let result = try await node.cache.result(for: Self.keys[key], options: options) { _ in
                    Loaded(try await ask(key))
                }
                record.serve(result)
            } catch {
                if Task.isCancelled || error is CancellationError { return }
                record.kind = .failed
            }
            record.end = nanoseconds()
            record.isWeak = SourcePlan.limit(ofCaller: caller) == SourcePlan.hard
            post.recorder.add(record)
            try? await Task.sleep(nanoseconds: UInt64.random(in: 5_000_000..<80_000_000, using: &random))
        }
    }

    /// The source. It knows by the clock how it is.
    private func ask(_ key: Int) async throws -> Made {
        let count = Self.next.wrappingAdd(1, ordering: .relaxed).oldValue
        let begin = nanoseconds()
        let made = Made(id: UInt64(post.number) << 40 | count, begin: begin, isLoad: true)
        var record = Record(.loadBegan, node: post.number, key: UInt16(key), begin: begin, end: 0)
        record.value = made.id
        post.recorder.add(record)
        record.kind = .loadEnded
        record.isWeak = true
        defer {
            record.begin = nanoseconds()
            post.recorder.add(record)
        }
        let cycle = begin - (begin - post.start) % SourcePlan.cycle
        switch SourcePlan.state(begin - cycle) {
        case .well:
            try await Task.sleep(nanoseconds: UInt64(Int64.random(in: SourcePlan.work)))
            record.isWeak = false
            return made
        case .failing:
            try await Task.sleep(nanoseconds: .random(in: 0..<10_000_000))
        case .hanging where count % 2 == 0:
            await post.pause(until: cycle + SourcePlan.fails)
        case .hanging:
            // Heeds no cancellation.
            await Task { await post.pause(until: cycle + SourcePlan.fails) }.value
        }
        throw SourceFailed()
    }
}
