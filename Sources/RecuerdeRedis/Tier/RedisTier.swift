public import Logging
public import Recuerde
import Synchronization

/// Redis, or Valkey, as the remote tier of a cache.
///
/// Reads are GET and MGET; under the `envelope` format each write is one script for one key, which compares stamps and
/// then stores or removes. Listing and clearing walk with SCAN, and remove with UNLINK.
///
/// ```swift
/// var configuration = RedisConfiguration(url: try RedisURL("redis://localhost"))
/// configuration.tracksKeys = true
/// let client = try configuration.makeExecutor(logger: logger)
/// let cache = Cache(remote: RedisTier(client: client))
/// ```
public final class RedisTier: RemoteTier {
    let client: any RedisExecutor
    let invalidation: RedisTierInvalidation
    let scripts: TierScripts
    /// The client again, if it knows over which connections its commands go, and caches are to hear of changes by that.
    let tracked: (any RedisTrackedExecutor)?
    /// Hears announcements, if caches are to hear of changes by them.
    let watch: AnnouncementWatch?
    let relays = Mutex<[TrackingRelay]>([])
    /// Hears that leases are free.
    let leaseWatch: LeaseWatch
    /// What tells its own announcements from those of others.
    let sender: String
    let unannounced = Mutex(Unannounced())
    let logger: Logger?

    /// Makes a tier on a client (of one server, of a cluster, or behind sentinels), which its owner shuts down.
    ///
    /// - Parameters:
    ///   - client: Where Redis is.
    ///   - invalidation: How caches on the tier hear of what others change, so that they may serve from memory. By default by client
    ///     tracking, if the client has ``RedisConfiguration/tracksKeys``. What is changed over this very client is no change by others: two
    ///     caches with one prefix, or a program that writes entries by itself, need a client each.
    ///   - logger: Is told once when announcements are refused.
    public convenience init(
        client: any RedisExecutor,
        invalidation: RedisTierInvalidation = .tracking,
        logger: Logger? = nil
    ) {
        self.init(client: client, invalidation: invalidation, timeSource: SystemTimeSource(), logger: logger)
    }

    init(
        client: any RedisExecutor,
        invalidation: RedisTierInvalidation,
        timeSource: any TimeSource,
        logger: Logger? = nil
    ) {
        self.client = client
        self.invalidation = invalidation
        self.logger = logger
        leaseWatch = LeaseWatch(client: client, timeSource: timeSource, logger: logger)
        let sender = String(UInt64.random(in: .min ... .max), radix: 16)
        self.sender = sender
        scripts = invalidation.announcingChannel == nil ? .silent : .announcing
        switch invalidation.way {
        case .tracking:
            tracked = client as? any RedisTrackedExecutor
            watch = nil
        case .published(let channel):
            tracked = nil
            // Nodes of a cluster pass messages on without telling when they lose some, and a canary takes one way of many.
            watch =
                client is RedisClusterClient
                ? nil
                : AnnouncementWatch(
                    client: client,
                    channel: channel,
                    sender: sender,
                    timeSource: timeSource,
                    logger: logger
                )
        }
    }

    deinit {
        watch?.stop()
        leaseWatch.stop()
    }

    public var address: String {
        client.address
    }

    public func read(
        _ names: [String],
        with details: RemoteReadDetails,
        timeout: Duration
    ) async throws -> RemoteRead {
        if details.contains(.headsOnly) { return try await readHeads(names, timeout: timeout) }
        return try await translated {
            let isSingle = names.count == 1
            let get = isSingle ? RedisCommand("GET", names[0]) : RedisCommand("MGET", arguments: names)
            guard !details.isEmpty else {
                return RemoteRead(entries: try Self.entries(try await client.send(get, timeout: timeout), of: names))
            }
            var others: [RedisCommand] = []
            if details.contains(.timesToLive) { others += names.map { RedisCommand("PTTL", $0) } }
            if details.contains(.time) { others.append(RedisCommand("TIME", key: nil)) }
            let replies = try await together(get, isSingle: isSingle, others, timeout: timeout)
            guard replies.count == others.count + 1, let first = replies.first, let last = replies.last else {
                throw Self.unexpected("a pipeline")
            }
            var read = RemoteRead(entries: try Self.entries(try first.get(), of: names))
            if details.contains(.timesToLive) {
                read.timesToLive = try replies.dropFirst().prefix(names.count).map { try Self.timeToLive(try $0.get()) }
            }
            if details.contains(.time) { read.time = try Self.stamp(ofTime: try last.get()) }
            return read
        }
    }

    /// A read of entries and what else is asked for at the same time. A pipeline goes whole over the connection of its first key, which is not
    /// that of all keys of an MGET; so that is sent by itself, to be divided.
    private func together(
        _ get: RedisCommand,
        isSingle: Bool,
        _ others: [RedisCommand],
        timeout: Duration
    ) async throws -> [Result<RESPValue, RedisError>] {
        if isSingle { return try await client.pipeline([get] + others, timeout: timeout) }
        async let rest = client.pipeline(others, timeout: timeout)
        let entries = try await client.send(get, timeout: timeout)
        return [.success(entries)] + (try await rest)
    }

    /// Each over the connection of its key. One that is not a string has no head.
    private func readHeads(_ names: [String], timeout: Duration) async throws -> RemoteRead {
        let heads = try await eachByItself(names) { name in
            try await self.translated {
                let reply = try await self.client.send(
                    RedisCommand("GETRANGE", name, 0, RemoteRead.headLength - 1),
                    timeout: timeout
                )
                guard let bytes = reply.bytes else { throw Self.unexpected("GETRANGE") }
                return bytes
            }
        }
        return RemoteRead(
            entries: try heads.map { head in
                switch head {
                case .success(let bytes): bytes.isEmpty ? nil : bytes
                case .failure(let error) where error.code == .refused: nil
                case .failure(let error): throw error
                }
            }
        )
    }

    public func write(
        _ writes: [RemoteWrite],
        timeout: Duration
    ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        try await eachByItself(writes) { try await self.carryOut($0, timeout: timeout) }
    }

    public func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
        try await translated {
            let page = try await client.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
            return RemotePage(names: page.names, cursor: page.cursor)
        }
    }

    public func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
        try await sweep(names, scripts.sweep, stamp, format, timeout)
    }

    public func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int {
        try await sweep(names, scripts.expireAll, stamp, .envelope, timeout)
    }

    private func sweep(
        _ names: [String],
        _ script: RedisScript,
        _ stamp: Stamp,
        _ format: WireFormat,
        _ timeout: Duration
    ) async throws -> Int {
        let groups = client.groups(of: names)
        return try await translated {
            if groups.count == 1 { return try await sweepTogether(names, script, stamp, format, timeout) }
            // In a cluster there are nearly as many groups as names. All at once, so that the whole keeps the deadline.
            return try await withThrowingTaskGroup(of: Int.self) { tasks in
                for group in groups {
                    tasks.addTask { try await self.sweepTogether(group, script, stamp, format, timeout) }
                }
                return try await tasks.reduce(0, +)
            }
        }
    }

    private func sweepTogether(
        _ names: [String],
        _ script: RedisScript,
        _ stamp: Stamp,
        _ format: WireFormat,
        _ timeout: Duration
    ) async throws -> Int {
        let reply =
            switch format {
            case .plain: try await client.send(RedisCommand("UNLINK", arguments: names), timeout: timeout)
            case .envelope:
                try await client.evaluate(
                    script,
                    keys: names.flatMap { [$0, KeySpace.companion(ofEntry: $0)] },
                    arguments: [stamp.wireText] + announcement(Announcement.entriesHead),
                    timeout: timeout
                )
            }
        guard let parts = reply.elements else {
            guard let count = reply.int else { throw Self.unexpected("UNLINK") }
            return count
        }
        guard parts.count == 2, let count = parts[0].int else { throw Self.unexpected("EVALSHA") }
        noteAnnouncement(parts[1])
        return count
    }

    /// TIME is answered also by a server that is loading, has lost its master or is caught in a script, and answers nothing
    /// else; PING is not.
    public func time(timeout: Duration) async throws -> Stamp {
        try await translated {
            let replies = try await client.pipeline(
                [RedisCommand("TIME", key: nil), RedisCommand("PING", key: nil)],
                timeout: timeout
            )
            guard replies.count == 2 else { throw Self.unexpected("TIME and PING") }
            if case .failure(let error) = replies[1], RemoteTierError(error).code != .refused { throw error }
            return try Self.stamp(ofTime: try replies[0].get())
        }
    }

    // MARK: Writes

    /// Exchanges that are one each, in order: one that is refused does not hold back the others.
    ///
    /// Each goes over the connection of its key, all at once; the client gathers them into few writes.
    func eachByItself<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        _ exchange: @escaping @Sendable (Item) async throws -> Answer
    ) async throws -> [Result<Answer, RemoteTierError>] {
        if items.count == 1, let item = items.first {
            do {
                return [.success(try await exchange(item))]
            } catch let error as RemoteTierError where error.code == .refused {
                return [.failure(error)]
            }
        }
        return try await withThrowingTaskGroup(of: (Int, Result<Answer, RemoteTierError>).self) { group in
            for (index, item) in items.enumerated() {
                group.addTask {
                    do {
                        return (index, .success(try await exchange(item)))
                    } catch let error as RemoteTierError {
                        return (index, .failure(error))
                    }
                }
            }
            var outcomes = [Result<Answer, RemoteTierError>?](repeating: nil, count: items.count)
            for try await (index, outcome) in group { outcomes[index] = outcome }
            let all = outcomes.map { $0 ?? .failure(RemoteTierError(.unavailable, "no outcome came for an exchange")) }
            try Self.throwIfNothingWasAnswered(all)
            return all
        }
    }

    /// A server that answered none of several has not answered the whole.
    private static func throwIfNothingWasAnswered<Answer>(_ outcomes: [Result<Answer, RemoteTierError>]) throws {
        var first: RemoteTierError?
        for outcome in outcomes {
            guard case .failure(let error) = outcome, error.code != .refused else { return }
            first = first ?? error
        }
        if let first { throw first }
    }

    private func carryOut(_ write: RemoteWrite, timeout: Duration) async throws -> RemoteOutcome {
        try await translated {
            switch (write.format, write.operation) {
            case (.plain, .store(let bytes, let timeToLive)):
                let reply = try await client.send(
                    RedisCommand("SET", write.name, bytes, "PX", Self.milliseconds(timeToLive)),
                    timeout: timeout
                )
                guard reply.string == "OK" else { throw Self.unexpected("SET") }
                return RemoteOutcome(applied: true, existed: false, stamp: .zero)
            case (.plain, .remove), (.plain, .expire):
                let reply = try await client.send(RedisCommand("DEL", write.name), timeout: timeout)
                return RemoteOutcome(applied: true, existed: (reply.int ?? 0) > 0, stamp: .zero)
            case (.envelope, .store(let bytes, let timeToLive)):
                return try outcome(
                    try await evaluate(
                        scripts.store,
                        write,
                        [Self.milliseconds(timeToLive), bytes],
                        timeout
                    )
                )
            case (.envelope, .expire):
                return try outcome(
                    try await evaluate(
                        scripts.expire,
                        write,
                        [TierScripts.tombstoneMilliseconds],
                        timeout
                    )
                )
            case (.envelope, .remove):
                return try outcome(
                    try await evaluate(
                        scripts.remove,
                        write,
                        [TierScripts.tombstoneMilliseconds],
                        timeout
                    )
                )
            }
        }
    }
}
