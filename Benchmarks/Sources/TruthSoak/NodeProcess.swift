import Recuerde
import RecuerdeRedis

/// A process of the soak: a cache, many callers, and a record of all they did.
struct NodeProcess: Sendable {
    let number: UInt16
    /// Which of the nodes that run at a time it is.
    let place: Int
    /// When the first cycle began, and when the run ends.
    let start: Int64
    let end: Int64
    let seed: UInt64
    let flaw: Flaw?
    let node: CacheNode
    let recorder: Recorder

    init(_ arguments: Arguments) throws {
        number = UInt16(arguments.integer("--number"))
        place = arguments.integer("--place")
        start = Int64(arguments.integer("--start"))
        end = Int64(arguments.integer("--end"))
        seed = UInt64(arguments.integer("--seed"))
        recorder = Recorder(path: arguments.text("--records"))
        flaw = Flaw(rawValue: arguments.text("--flaw", else: ""))
        node = try CacheNode(url: arguments.text("--url"), flaw: flaw) {
            $0.stalenessBound = .nanoseconds(Plan.bound)
            $0.breakerPause = .nanoseconds(Plan.breakerPause)
            $0.remoteDeadline = .nanoseconds(Plan.remoteDeadline)
            $0.defaultTimeToLive = .seconds(600)
        }
    }

    func run() async {
        // Redis may be away when a node starts.
        try? await node.client.connect()
        await node.cache.connect()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await node.cache.run() }
            group.addTask { await watch() }
            group.addTask { await clearNowAndThen() }
            group.addTask { await invalidateNowAndThen() }
            group.addTask { await readWhatHasSettled() }
            for caller in 0..<Plan.callers {
                group.addTask {
                    var caller = Caller(self, number: caller)
                    await caller.run()
                }
            }
            await pause(until: end)
            group.cancelAll()
        }
        recorder.flush()
        await node.client.shutdown()
    }

    /// Where in its cycle the run is.
    var phase: Int64 { (nanoseconds() - start) % Plan.cycle }

    func pause(until instant: Int64) async {
        let left = instant - nanoseconds()
        if left > 0 { try? await Task.sleep(nanoseconds: UInt64(left)) }
    }

    /// Tells what the node knows of Redis and of its journal.
    private func watch() async {
        while !Task.isCancelled {
            let begin = nanoseconds()
            let statistics = node.cache.statistics()
            var sample = Record(.sample, node: number, begin: begin, end: nanoseconds())
            sample.isWeak = !statistics.redisAvailable
            sample.value = UInt64(statistics.memory.hits)
            sample.valueBegin = Int64(statistics.remote.totalRequests)
            recorder.add(sample)
            if statistics.journalDepth == 0 {
                recorder.add(Record(.drained, node: number, begin: begin, end: nanoseconds()))
            }
            recorder.flush()
            try? await Task.sleep(nanoseconds: 10_000_000)
        }
    }

    private func clearNowAndThen() async {
        var random = SplitMix(state: seed ^ 0xC1EA)
        while !Task.isCancelled {
            // Now and then; and once in the quiet time before the writes end, when nothing excuses what comes back.
            let quiet = nanoseconds() - phase + Plan.faultsEnd + milliseconds(2_000 + place * 700)
            let any = nanoseconds() + Int64.random(in: milliseconds(5_000)..<milliseconds(20_000), using: &random)
            await pause(until: nanoseconds() < quiet ? min(quiet, any) : any)
            // The second comes while what the first has taken is loaded anew.
            for _ in 0..<2 where phase < Plan.writesEnd && !Task.isCancelled {
                await perform(.clear, key: 0) { record in
                    _ = try await node.cache.clear()
                    record.isWeak = node.cache.statistics().journalDepth > 0
                }
                try? await Task.sleep(nanoseconds: UInt64.random(in: 40_000_000..<600_000_000, using: &random))
            }
        }
    }

    /// Tags by turns, one or a few at once; each counts for the entries that carry it.
    private func invalidateNowAndThen() async {
        var random = SplitMix(state: seed ^ 0x7A65)
        while !Task.isCancelled {
            try? await Task.sleep(nanoseconds: UInt64.random(in: 100_000_000..<1_200_000_000, using: &random))
            guard phase < Plan.writesEnd, !Task.isCancelled else { continue }
            let count = random.one(in: 3) ? 3 : 1
            let tags = Array((0..<Plan.tags).shuffled(using: &random).prefix(count))
            let removes = random.one(in: 2)
            let begin = nanoseconds()
            await perform(.invalidate, key: tags[0]) { record in
                if flaw != .feigned {
                    try await node.cache.invalidate(tags: tags.map(Caller.tag), by: removes ? .remove : .expire)
                }
                record.isWeak = node.cache.statistics().journalDepth > 0
                record.isLoad = removes
                for tag in tags.dropFirst() {
                    var beside = record
                    beside.key = UInt16(tag)
                    beside.begin = begin
                    beside.end = nanoseconds()
                    recorder.add(beside)
                }
            }
        }
    }

    private func readWhatHasSettled() async {
        while !Task.isCancelled {
            let began = nanoseconds() - phase
            await pause(until: began + Plan.settledReads)
            if Task.isCancelled { return }
            for key in 0..<Plan.keys {
                await perform(.settled, key: key) { record in
                    record.serve(try await node.cache.get(Caller.keys[key], as: Made.self))
                }
            }
            await pause(until: began + Plan.cycle)
        }
    }

    /// One call, timed, and what came of it.
    func perform(_ kind: Record.Kind, key: Int, _ body: (inout Record) async throws -> Void) async {
        var record = Record(kind, node: number, key: UInt16(key), begin: nanoseconds(), end: 0)
        do {
            try await body(&record)
        } catch is CancellationError {
            return
        } catch is SourceFailed {
            // There was nothing that could stand in.
            return
        } catch {
            if Task.isCancelled { return }
            record.kind = .failed
            record.value = UInt64(kind.rawValue)
        }
        record.end = nanoseconds()
        recorder.add(record)
    }
}

/// What a load throws on purpose.
struct SourceFailed: Error {}

extension Record {
    mutating func serve(_ made: Made?) {
        guard let made else { return }
        value = made.id
        valueBegin = made.begin
        isLoad = made.isLoad
    }

    mutating func serve(_ result: CacheResult<Made>?) {
        guard let result else { return }
        serve(result.value)
        isStale = result.provenance.source == .stale
        reason =
            switch result.provenance.staleReason {
            case nil: .none
            case .loadFailed?: .loadFailed
            case .loadTimedOut?: .loadTimedOut
            case .loadSlow?: .loadSlow
            case .throttled?: .throttled
            default: .notLoaded
            }
    }
}
