import Recuerde

/// Entries that are expired where they stand.
extension RemoteTierConformance {
    func expires() async throws {
        let stored = try await store("expired")
        let before = try await bytes("expired")
        let outcome = try await expire("expired", .always(floor: .zero, validUntil: .far))
        try expect(
            outcome.applied && outcome.existed && !outcome.isUnchanged,
            "an expiry tells that something stood there"
        )
        try expect(outcome.stamp > stored.stamp, "an expiry is stamped later than what it finds")
        let after = try await bytes("expired")
        try expect(after != nil && after?[4] == 0x80, "an expired entry is marked")
        try expect(changed(before, after) == [4], "and is else what it was, its stamp included")
        let read = try await tier.read([name("expired")], with: .timesToLive, timeout: timeout)
        let life = (read.timesToLive.first ?? nil) ?? .zero
        try expect(life > .seconds(30) && life <= .seconds(60), "an expired entry lives as long as it would have")
        let again = try await expire("expired", .always(floor: .zero, validUntil: .far))
        try expect(again.applied && again.existed && again.stamp > outcome.stamp, "it may be expired again")
        try expect(again.isUnchanged, "which is told")
        try expect(try await bytes("expired") == after, "which changes nothing in it")
        let later = try await store("expired")
        try expect(later.stamp > again.stamp, "a later write is stamped later than the expiry")
        try expect(try await bytes("expired")?[4] == 0, "and is not expired")
        try await write("short", .store(bytes: entry(staleLife: false), timeToLive: .seconds(60)))
        let short = try await expire("short", .always(floor: .zero, validUntil: .far))
        try expect(short.applied && short.existed, "an entry without stale life is found")
        try expect(try await bytes("short") == nil, "and goes")
        let missing = try await expire("missing", .always(floor: .zero, validUntil: .far))
        try expect(missing.applied && !missing.existed, "what is not there is expired all the same")
        let older = try await write("missing", operation, .ifNewer(Stamp(microseconds: missing.stamp.microseconds - 1)))
        try expect(!older.applied, "so that nothing older comes there")
    }

    func expiresInTheirOrder() async throws {
        let time = try await tier.time(timeout: timeout)
        let late = Stamp(microseconds: time.microseconds - 1_000_000)
        let stored = try await store("order:e")
        let refused = try await expire("order:e", .always(floor: .zero, validUntil: late))
        try expect(refused.isLate && !refused.applied, "a late expiry is refused")
        let older = try await expire("order:e", .ifNewer(stored.stamp))
        try expect(!older.applied && older.stamp == stored.stamp, "an expiry that is not newer is refused")
        try expect(try await bytes("order:e")?[4] == 0, "and expires nothing")
        let floor = Stamp(microseconds: time.microseconds + 5_000_000)
        let outcome = try await expire("order:e", .always(floor: floor, validUntil: .far))
        try expect(outcome.stamp > floor, "an expiry is stamped later than its floor")
        // What was made between the entry and its expiry was to replace the entry, which must not stand in for it.
        let between = Stamp(microseconds: stored.stamp.microseconds + 1)
        let expiry = try await expire("order:e", .ifNewer(between))
        try expect(!expiry.applied, "an older expiry is refused")
        try expect(try await bytes("order:e") != nil, "and leaves what is expired")
        let stray = try await fill("order:e", between, "no such token")
        try expect(!stray.applied, "a fill without its token is refused")
        try expect(try await bytes("order:e") != nil, "and leaves what is expired")
        let removal = try await write("order:e", .remove, .ifNewer(between))
        try expect(!removal.applied && removal.stamp == outcome.stamp, "an older removal is refused")
        try expect(try await bytes("order:e") == nil, "and what it was to remove does not stand in")
        let first = try await store("order:s")
        _ = try await expire("order:s", .always(floor: floor, validUntil: .far))
        let token = try await plant("order:s")
        try expect(token.stamp > floor, "a load that begins now is later than an expiry")
        let set = try await fill("order:s", Stamp(microseconds: first.stamp.microseconds + 1), token.text)
        try expect(!set.applied && set.existed, "an older value is refused")
        try expect(try await bytes("order:s") != nil, "and takes nothing away, whether or not it was meant")
        _ = try await write("order:s", .remove, .ifNewer(Stamp(microseconds: first.stamp.microseconds + 1)))
        try expect(try await bytes("order:s") == nil, "a removal in its place does")
        // A load that was under way.
        let under = try await plant("order:l")
        _ = try await expire("order:l", .always(floor: .zero, validUntil: .far))
        let ahead = Stamp(microseconds: under.stamp.microseconds + 30_000_000)
        try expect(try await !fill("order:l", ahead, under.text).applied, "an expiry makes tokens void")
    }

    func expiresUpToAStamp() async throws {
        let early = try await store("soft:early")
        try await write("soft:short", .store(bytes: entry(staleLife: false), timeToLive: .seconds(60)))
        let last = try await store("soft:late")
        let token = try await plant("soft:token")
        let names = ["early", "short", "late", "missing", "token"].map { name("soft:" + $0) }
        let bound = Stamp(microseconds: last.stamp.microseconds - 1)
        try expect(try await tier.expire(names, stamp: bound, timeout: timeout) == 2, "it counts what it expired")
        try expect(try await bytes("soft:early")?[4] == 0x80, "what may stand in is marked")
        try expect(stamp(of: try await bytes("soft:early") ?? []) == early.stamp, "and keeps its stamp")
        try expect(try await bytes("soft:short") == nil, "what may not stand in goes")
        try expect(try await bytes("soft:late")?[4] == 0, "what is stamped later is left")
        try expect(
            try await tier.expire(names, stamp: bound, timeout: timeout) == 0,
            "what is expired is not counted again"
        )
        let all = Stamp(microseconds: token.time.microseconds + 30_000_000)
        try expect(try await tier.expire(names, stamp: all, timeout: timeout) == 1, "a later one takes the rest")
        let ahead = Stamp(microseconds: token.stamp.microseconds + 40_000_000)
        try expect(try await !fill("soft:token", ahead, token.text).applied, "and makes tokens void")
        let removed = try await tier.sweep(names, stamp: all, format: .envelope, timeout: timeout)
        try expect(removed == 2, "a sweep takes what is expired")
    }

    // MARK: Tools

    /// An entry as an envelope begins, with both expiries.
    private func entry(staleLife: Bool = true) -> [UInt8] {
        [0xCA, 0x52, 0x45, 2, 0, 1, 0, 68] + Array(repeating: UInt8(ascii: "0"), count: 20)
            + Array(repeating: 1, count: 16) + Array(repeating: staleLife ? 2 : 1, count: 8)
            + Array(repeating: 7, count: 16) + [1, 2, 3]
    }

    private var operation: RemoteWrite.Operation { .store(bytes: entry(), timeToLive: .seconds(60)) }

    private func store(_ text: String) async throws -> RemoteOutcome { try await write(text, operation) }

    @discardableResult
    private func write(_ text: String, _ operation: RemoteWrite.Operation) async throws -> RemoteOutcome {
        try await write(text, operation, .always(floor: .zero, validUntil: .far))
    }

    private func expire(_ text: String, _ condition: RemoteWrite.Condition) async throws -> RemoteOutcome {
        try await write(text, .expire, condition)
    }

    private func bytes(_ text: String) async throws -> [UInt8]? {
        try await tier.read([name(text)], with: [], timeout: timeout).entries.first ?? nil
    }

    private func changed(_ before: [UInt8]?, _ after: [UInt8]?) -> [Int] {
        guard let before, let after, before.count == after.count else { return [] }
        return before.indices.filter { before[$0] != after[$0] }
    }
}
