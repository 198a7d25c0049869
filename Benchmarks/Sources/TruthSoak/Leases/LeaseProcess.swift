import Foundation
import Recuerde
import RecuerdeRedis
import Synchronization

/// A process of the soak of leases: callers whose loads run once in the cluster, and callers that work under locks.
struct LeaseProcess: Sendable {
    private let post: Post
    private let node: CacheNode
    private static let next = Atomic<UInt64>(1)

    init(_ arguments: Arguments) throws {
        post = Post(arguments)
        node = try CacheNode(url: post.url, flaw: post.flaw) {
            $0.remoteDeadline = .nanoseconds(LeasePlan.remoteDeadline)
            $0.breakerPause = .nanoseconds(LeasePlan.breakerPause)
            $0.leaseTimeToLive = .nanoseconds(LeasePlan.timeToLive)
            $0.defaultTimeToLive = .nanoseconds(LeasePlan.life)
            $0.defaultLoadsOncePerCluster = true
        }
    }

    func run() async {
        var callers: [@Sendable () async -> Void] = []
        for caller in 0..<LeasePlan.loaders {
            callers.append { await load(SplitMix(state: post.seed &+ UInt64(caller))) }
        }
        for caller in 0..<LeasePlan.lockers {
            callers.append { await lock(SplitMix(state: post.seed ^ UInt64(7_919 * (caller + 1)))) }
        }
        await post.run(node, callers)
    }

    private func number() -> UInt64 {
        UInt64(post.number) << 40 | Self.next.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    /// Runs some work that the director may see, and has written down that it began before it goes on.
    private func visibly(_ began: Record.Kind, _ ended: Record.Kind, _ record: Record, for time: Int64) async throws {
        let sign = Self.sign(beside: post.path, began, post.number, record.key, record.value)
        _ = FileManager.default.createFile(atPath: sign, contents: nil)
        var (begin, end) = (record, record)
        (begin.kind, begin.begin) = (began, nanoseconds())
        post.recorder.add(begin)
        post.recorder.flush()
        defer {
            (end.kind, end.begin) = (ended, nanoseconds())
            post.recorder.add(end)
            post.recorder.flush()
            try? FileManager.default.removeItem(atPath: sign)
        }
        try await Task.sleep(nanoseconds: UInt64(time))
    }

    /// A file that stands for as long as the work goes on.
    private static func sign(
        beside path: String,
        _ kind: Record.Kind,
        _ number: UInt16,
        _ key: UInt16,
        _ value: UInt64
    ) -> String {
        path + ".\(kind == .loadBegan ? "load" : "lock").\(number).\(key).\(value)"
    }

    /// Which processes work at this moment, by what they left beside their records.
    static func atWork(_ word: String, in directory: String) -> [UInt16] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.compactMap { name in
            let parts = name.split(separator: ".")
            return parts.count == 5 && parts[1] == word ? UInt16(parts[2]) : nil
        }
    }

    private func load(_ random: SplitMix) async {
        var random = random
        while !Task.isCancelled {
            let key = Int.random(in: 0..<LeasePlan.keys, using: &random)
            let time = Int64.random(in: LeasePlan.work, using: &random)
            var record = Record(.load, node: post.number, key: UInt16(key), begin: nanoseconds(), end: 0)
            let call = record.begin
            do {
                var options = EntryOptions()
                if LeasePlan.lasting.contains(key) { options.maximumStaleness = .seconds(60) }
                let made = try await node.cache.value(for: CacheKey("once", "\(key)"), options: options) { [record] in
                    var record = record
                    record.value = number()
                    record.valueBegin = call
                    let made = Made(id: record.value, begin: nanoseconds(), isLoad: true)
                    try await visibly(.loadBegan, .loadEnded, record, for: time)
                    return made
                }
                record.serve(made)
            } catch {
                if Task.isCancelled || error is CancellationError { return }
                record.kind = .failed
            }
            record.end = nanoseconds()
            post.recorder.add(record)
            try? await Task.sleep(nanoseconds: UInt64.random(in: 0..<100_000_000, using: &random))
        }
    }

    private func lock(_ random: SplitMix) async {
        var random = random
        while !Task.isCancelled {
            let lock = Int.random(in: 0..<LeasePlan.locks, using: &random)
            let time = Int64.random(in: LeasePlan.work, using: &random)
            var record = Record(.lock, node: post.number, key: UInt16(lock), begin: nanoseconds(), end: 0)
            let call = record.begin
            do {
                record.value = try await node.cache.withLock(
                    CacheKey("lock", "\(lock)"),
                    ttl: .nanoseconds(LeasePlan.timeToLive),
                    wait: .nanoseconds(LeasePlan.lockWait)
                ) { [record] token in
                    var record = record
                    record.value = UInt64(token.number)
                    record.valueBegin = call
                    // Who is told that the lock was lost stops at once.
                    try await visibly(.lockBegan, .lockEnded, record, for: time)
                    return record.value
                }
            } catch let error as CacheError {
                if Task.isCancelled { return }
                record.reason =
                    switch error.code {
                    case .lockLost: .lockLost
                    case .lockTimedOut: .lockTimedOut
                    default: .lockRefused
                    }
            } catch {
                return
            }
            record.end = nanoseconds()
            post.recorder.add(record)
            try? await Task.sleep(nanoseconds: UInt64.random(in: 0..<300_000_000, using: &random))
        }
    }
}
