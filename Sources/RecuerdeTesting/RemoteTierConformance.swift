public import Recuerde

/// What every `RemoteTier` must show, as checks that throw where it does not.
///
/// The scripted tier and the one for Redis pass the same ones; whoever writes another tier runs them too. Names begin
/// with `prefix`, so that several runs do not meet on one server.
public struct RemoteTierConformance: Sendable {
    let tier: any RemoteTier
    private let prefix: String
    let timeout = Duration.seconds(5)

    /// Makes the suite for a tier that is up.
    public init(tier: any RemoteTier, prefix: String) {
        self.tier = tier
        self.prefix = prefix
    }

    /// Runs every check.
    public func checkAll() async throws {
        try await storesAndReads()
        try await stampsInOrder()
        try await refusesWhatIsOlder()
        try await takesNoStampFromFarAhead()
        try await refusesWhatComesTooLate()
        try await honoursTheFloor()
        try await removalLeavesATombstone()
        try await aTombstoneOutlivesWhatReplacesIt()
        try await storesWithATokenOnly()
        try await tokensGoWithWhatComesBetween()
        try await sweepsUpToAStamp()
        try await keepsMarks()
        try await expires()
        try await expiresInTheirOrder()
        try await expiresUpToAStamp()
        try await keepsRecordsOfTags()
        try await raisesFloorsOnly()
        try await scansInPages()
        try await carriesPlainEntries()
        try await changesStampAndMarkAlone()
    }

    // MARK: Checks

    private func storesAndReads() async throws {
        let bytes = envelope(payload: [0, 13, 10, 255])
        let time = try await tier.time(timeout: timeout)
        let outcome = try await write(
            "a",
            .store(bytes: bytes, timeToLive: .seconds(60)),
            .always(floor: .zero, validUntil: .far)
        )
        try expect(outcome.applied && !outcome.existed && !outcome.isLate, "a first write is done")
        try expect(outcome.stamp >= time, "a write is stamped by the store's clock")
        let read = try await tier.read([name("a"), name("missing")], with: .time, timeout: timeout)
        try expect(read.entries.count == 2 && read.entries[1] == nil, "reads come in order, nil for what is not there")
        guard let stored = read.entries[0] else { throw TestingError("what was written is not there") }
        try expect(stored.dropFirst(28) == bytes.dropFirst(28), "the entry comes back byte by byte")
        try expect(stamp(of: stored) == outcome.stamp, "the entry carries the stamp of its write")
        try expect((read.time ?? .zero) >= outcome.stamp, "a timed read tells the store's clock")
        let untimed = try await tier.read([name("a")], with: [], timeout: timeout)
        try expect(untimed.time == nil && untimed.entries[0] == stored, "an untimed read reads the same")
    }

    private func stampsInOrder() async throws {
        var last = Stamp.zero
        for number in 0..<20 {
            let outcome = try await store("order", .far)
            try expect(outcome.stamp > last, "each write is stamped later than the one before")
            try expect(outcome.existed == (number > 0), "a write tells whether something stood there")
            last = outcome.stamp
        }
    }

    private func refusesWhatIsOlder() async throws {
        let present = try await store("newer", .far)
        let older = try await write(
            "newer",
            .store(bytes: envelope(payload: [9]), timeToLive: .seconds(60)),
            .ifNewer(present.stamp)
        )
        try expect(!older.applied && older.stamp == present.stamp, "what is not newer is refused, and told of what is")
        let newer = try await write(
            "newer",
            .store(bytes: envelope(payload: [9]), timeToLive: .seconds(60)),
            .ifNewer(Stamp(microseconds: present.stamp.microseconds + 1))
        )
        try expect(
            newer.applied && newer.stamp.microseconds == present.stamp.microseconds + 1,
            "one newer by one is taken"
        )
        let removal = try await write("newer", .remove, .ifNewer(present.stamp))
        try expect(!removal.applied, "an older removal is refused")
        let entries = try await tier.read([name("newer")], with: [], timeout: timeout).entries
        try expect(entries[0]?.last == 9, "a refused removal removes nothing")
    }

    private func takesNoStampFromFarAhead() async throws {
        let time = try await tier.time(timeout: timeout)
        let ahead = Stamp(microseconds: time.microseconds + 3_600_000_000)
        let outcome = try await write(
            "ahead",
            .store(bytes: envelope(payload: [1]), timeToLive: .seconds(60)),
            .ifNewer(ahead)
        )
        try expect(outcome.applied && outcome.stamp >= time, "a write of a clock that is far ahead is taken")
        try expect(outcome.stamp < ahead, "and stamped by the store's clock")
        let later = try await store("ahead", .far)
        try expect(later.stamp < ahead, "so that it holds back no later write")
    }

    private func refusesWhatComesTooLate() async throws {
        let time = try await tier.time(timeout: timeout)
        let late = try await write(
            "late",
            .store(bytes: envelope(payload: [1]), timeToLive: .seconds(60)),
            .always(floor: .zero, validUntil: Stamp(microseconds: time.microseconds - 1_000_000))
        )
        try expect(late.isLate && !late.applied && late.stamp >= time, "a late write is told the store's clock")
        let removal = try await write(
            "late",
            .remove,
            .always(floor: .zero, validUntil: Stamp(microseconds: time.microseconds - 1_000_000))
        )
        try expect(removal.isLate, "a late removal is refused")
        let entries = try await tier.read([name("late")], with: [], timeout: timeout).entries
        try expect(entries[0] == nil, "a late write does nothing")
    }

    private func honoursTheFloor() async throws {
        let time = try await tier.time(timeout: timeout)
        let floor = Stamp(microseconds: time.microseconds + 5_000_000)
        let outcome = try await write(
            "floor",
            .store(bytes: envelope(payload: [1]), timeToLive: .seconds(60)),
            .always(floor: floor, validUntil: .far)
        )
        try expect(outcome.stamp > floor, "a write is stamped later than its floor")
    }

    private func removalLeavesATombstone() async throws {
        let time = try await tier.time(timeout: timeout)
        try await store("gone", .far)
        let removal = try await write("gone", .remove, .always(floor: .zero, validUntil: .far))
        try expect(removal.applied && removal.existed, "a removal tells that something stood there")
        let again = try await write("gone", .remove, .always(floor: .zero, validUntil: .far))
        try expect(again.applied && !again.existed && again.stamp > removal.stamp, "a second one finds nothing")
        let fill = try await write(
            "gone",
            .store(bytes: envelope(payload: [1]), timeToLive: .seconds(60)),
            .ifNewer(time)
        )
        try expect(!fill.applied, "a fill that began before the removal is refused")
        let entries = try await tier.read([name("gone")], with: [], timeout: timeout).entries
        try expect(entries[0] == nil, "what was removed does not come back")
        let later = try await store("gone", .far)
        try expect(later.applied && later.stamp > again.stamp, "a later write is taken")
    }

    private func aTombstoneOutlivesWhatReplacesIt() async throws {
        try await write("outlives", .remove, .always(floor: .zero, validUntil: .far))
        let stored = try await store("outlives", .far)
        _ = try await tier.sweep([name("outlives")], stamp: stored.stamp, format: .envelope, timeout: timeout)
        let older = try await write(
            "outlives",
            .store(bytes: envelope(payload: [1]), timeToLive: .seconds(60)),
            .ifNewer(stored.stamp)
        )
        try expect(!older.applied, "where something was removed, what took its place leaves its stamp")
        let newer = try await write(
            "outlives",
            .store(bytes: envelope(payload: [1]), timeToLive: .seconds(60)),
            .ifNewer(Stamp(microseconds: stored.stamp.microseconds + 1))
        )
        try expect(newer.applied, "and holds back nothing later")
    }

    private func storesWithATokenOnly() async throws {
        let removal = try await write("token", .remove, .always(floor: .zero, validUntil: .far))
        let token = try await plant("token")
        try expect(token.stamp > removal.stamp, "a load that begins now is later than what stands there")
        try expect(token.time >= removal.stamp && token.time <= token.stamp, "a token tells the store's clock")
        let again = try await plant("token")
        try expect(again.text == token.text, "a token that stands is shared")
        let wrong = try await fill("token", Stamp(microseconds: token.stamp.microseconds + 1), "x" + token.text)
        try expect(!wrong.applied && wrong.stamp < token.stamp, "a fill without its token is refused")
        let older = try await fill("token", removal.stamp, token.text)
        try expect(!older.applied, "a fill that is not newer is refused, token or not")
        let first = try await fill("token", token.stamp, token.text)
        try expect(first.applied && first.stamp == token.stamp, "a fill with its token is stored")
        let second = try await fill("token", Stamp(microseconds: token.stamp.microseconds + 1), token.text)
        try expect(second.applied, "and the token stays for others")
        let bare = try await fill("bare", token.stamp, token.text)
        try expect(!bare.applied, "where there is no token nothing is stored")
    }

    private func tokensGoWithWhatComesBetween() async throws {
        func isVoid(_ text: String, after what: () async throws -> Void) async throws -> Bool {
            let token = try await plant(text)
            try await what()
            // As late as may be, so that it is not the stamp that refuses.
            let late = Stamp(microseconds: token.stamp.microseconds + 30_000_000)
            return try await !fill(text, late, token.text).applied
        }
        try expect(try await !isVoid("void:nothing") {}, "a token stands as long as nothing comes between")
        try expect(try await isVoid("void:set") { try await store("void:set", .far) }, "a write makes tokens void")
        let remove = { try await write("void:remove", .remove, .always(floor: .zero, validUntil: .far)) }
        try expect(try await isVoid("void:remove") { _ = try await remove() }, "a removal makes tokens void")
        let time = try await tier.time(timeout: timeout)
        let early = Stamp(microseconds: time.microseconds - 1_000_000)
        let late = Stamp(microseconds: time.microseconds + 30_000_000)
        try expect(
            try await isVoid("void:sweep") {
                _ = try await tier.sweep([name("void:sweep")], stamp: late, format: .envelope, timeout: timeout)
            },
            "a sweep makes the tokens void that were planted before it"
        )
        try expect(
            try await !isVoid("void:early") {
                _ = try await tier.sweep([name("void:early")], stamp: early, format: .envelope, timeout: timeout)
            },
            "and leaves those that were planted after its stamp"
        )
        // What was removed stays removed, though the token beside it is gone.
        let removal = try await write("void:both", .remove, .always(floor: .zero, validUntil: .far))
        _ = try await plant("void:both")
        _ = try await tier.sweep([name("void:both")], stamp: late, format: .envelope, timeout: timeout)
        let older = try await write(
            "void:both",
            .store(bytes: envelope(payload: [1]), timeToLive: .seconds(60)),
            .ifNewer(removal.stamp)
        )
        try expect(!older.applied, "a sweep leaves tombstones")
        // Tombstones and tokens are found by a scan, under the names of companions.
        _ = try await plant("void:scan")
        let pattern = "{" + name("void:scan") + "*}:t"
        var found: [String] = []
        var cursor: String?
        repeat {
            let page = try await tier.scan(pattern: pattern, cursor: cursor, count: 100, timeout: timeout)
            found += page.names
            cursor = page.cursor
        } while cursor != nil
        try expect(Set(found) == ["{" + name("void:scan") + "}:t"], "a scan finds companions")
    }

    private func keepsMarks() async throws {
        let time = try await tier.time(timeout: timeout)
        let first = try await tier.marks(name("marks"), noting: nil, timeout: timeout)
        try expect(first.isNew && first.cleared == .zero && first.epoch >= time, "marks are made where there are none")
        let clear = Stamp(microseconds: time.microseconds + 1_000_000)
        let noted = try await tier.marks(name("marks"), noting: clear, timeout: timeout)
        try expect(!noted.isNew && noted.epoch == first.epoch && noted.cleared == clear, "a clear is noted")
        let earlier = try await tier.marks(name("marks"), noting: time, timeout: timeout)
        try expect(earlier.cleared == clear, "an earlier clear changes nothing")
        let ahead = Stamp(microseconds: time.microseconds + 3_600_000_000)
        let corrupt = try await tier.marks(name("marks"), noting: ahead, timeout: timeout)
        try expect(corrupt.cleared == clear, "a clear from far ahead is not noted")
    }

    private func keepsRecordsOfTags() async throws {
        let time = try await tier.time(timeout: timeout)
        let first = try await tag("tag", .keep(missing: nil), life: .seconds(60))
        try expect(
            first.isChanged && first.expired >= time,
            "a record that is missing is made, and what came before it is void"
        )
        try expect(first.removed == first.expired, "nor does that stand in for anything")
        try expect(first.time >= time, "a step tells the store's clock")
        try expect(
            first.remaining > .seconds(30) && first.remaining <= .seconds(60),
            "a record lives as long as it must"
        )
        let again = try await tag("tag", .keep(missing: nil), life: .seconds(20))
        try expect(!again.isChanged && again.expired == first.expired, "one that stands is kept")
        try expect(again.remaining > .seconds(30), "and lives no shorter for it")
        let longer = try await tag("tag", .keep(missing: nil), life: .seconds(600))
        try expect(longer.isChanged && longer.expired == first.expired, "a longer life changes no floor")
        try expect(longer.remaining > .seconds(300), "and is granted")
        let since = Stamp(microseconds: time.microseconds - 5_000_000)
        let late = try await tag("tag:late", .keep(missing: since), life: .seconds(60))
        try expect(
            late.expired == since && late.removed == since,
            "a missing record is made as of a moment in the past"
        )
        let read = try await tier.read([name("tag"), name("tag:none")], with: [], timeout: timeout).entries
        try expect(
            read[0].flatMap(RemoteTag.floors).map { $0 == (first.expired, first.removed) } ?? false && read[1] == nil,
            "a record is read as 40 digits"
        )
        let steps = ["tag", "tag:late"].map {
            RemoteTagStep(name: name($0), operation: .keep(missing: nil), life: .seconds(1))
        }
        let both = try await tier.tags(steps, timeout: timeout)
        try expect(
            try both.map { try $0.get().expired } == [first.expired, since],
            "several steps are answered in order"
        )
    }

    private func raisesFloorsOnly() async throws {
        let present = try await tag("floor:tag", .keep(missing: nil), life: .seconds(60))
        let expired = try await tag(
            "floor:tag",
            .invalidate(atLeast: .zero, removes: false, validUntil: .far),
            life: .seconds(900)
        )
        try expect(expired.isChanged && expired.expired > present.expired, "an invalidation raises the floor")
        try expect(expired.expired > expired.time, "past the store's clock")
        try expect(expired.removed == present.removed, "what has expired is not gone")
        try expect(
            expired.remaining > .seconds(600) && expired.remaining <= .seconds(900),
            "a record that is raised lives as long as it must, too"
        )
        let ahead = Stamp(microseconds: expired.time.microseconds + 10_000_000)
        let removed = try await tag(
            "floor:tag",
            .invalidate(atLeast: ahead, removes: true, validUntil: .far),
            life: .seconds(60)
        )
        try expect(removed.remaining > .seconds(600), "and no shorter for a step that needs less")
        try expect(removed.expired == ahead && removed.removed == ahead, "a floor is not earlier than asked for")
        let far = Stamp(microseconds: expired.time.microseconds + 3_600_000_000)
        let corrupt = try await tag(
            "floor:tag",
            .invalidate(atLeast: far, removes: false, validUntil: .far),
            life: .seconds(60)
        )
        try expect(corrupt.expired > ahead && corrupt.expired < far, "but a clock that is far ahead is not believed")
        try expect(corrupt.removed == ahead, "and what was gone stays so")
        let past = Stamp(microseconds: expired.time.microseconds - 1_000_000)
        let late = try await tag(
            "floor:tag",
            .invalidate(atLeast: .zero, removes: true, validUntil: past),
            life: .seconds(60)
        )
        try expect(late.isLate && !late.isChanged, "an invalidation that was given up makes nothing void any more")
        try expect(late.expired == corrupt.expired && late.removed == ahead, "and tells what stands there")
        let older = try await tag("floor:tag", .raise(to: present.expired, removes: true), life: .seconds(60))
        try expect(
            !older.isChanged && older.expired == corrupt.expired && older.removed == ahead,
            "an invalidation that comes too late lowers nothing"
        )
        let newer = Stamp(microseconds: corrupt.expired.microseconds + 1)
        let raised = try await tag("floor:tag", .raise(to: newer, removes: true), life: .seconds(60))
        try expect(raised.isChanged && raised.expired == newer && raised.removed == newer, "a later one raises both")
        let missing = try await tag("floor:none", .raise(to: present.expired, removes: false), life: .seconds(60))
        try expect(missing.expired >= missing.time, "where nothing stands, all is void that came before")
        try expect(missing.remaining > .seconds(3_600), "and the record is made, for as long as loads may be under way")
    }

    private func sweepsUpToAStamp() async throws {
        let early = try await store("sweep:early", .far)
        let late = try await store("sweep:late", .far)
        let names = [name("sweep:early"), name("sweep:late"), name("sweep:missing")]
        let bound = Stamp(microseconds: max(early.stamp.microseconds, late.stamp.microseconds - 1))
        let removed = try await tier.sweep(names, stamp: bound, format: .envelope, timeout: timeout)
        try expect(removed == 1, "a sweep counts what it removed")
        let entries = try await tier.read(names, with: [], timeout: timeout).entries
        try expect(entries[0] == nil && entries[1] != nil, "a sweep leaves what is stamped later")
    }

    private func scansInPages() async throws {
        for number in 0..<50 { try await store("scan:\(number)", .far) }
        try await store("scanother", .far)
        var found: Set<String> = []
        var cursor: String?
        var pages = 0
        repeat {
            let page = try await tier.scan(pattern: name("scan:") + "*", cursor: cursor, count: 10, timeout: timeout)
            found.formUnion(page.names)
            cursor = page.cursor
            pages += 1
        } while cursor != nil && pages < 10_000
        try expect(found == Set((0..<50).map { name("scan:\($0)") }), "a scan finds what matches and nothing else")
        try expect(pages > 1, "a scan comes in pages")
    }

    private func carriesPlainEntries() async throws {
        let bytes = Array("true".utf8)
        let stored = try await write(
            "plain",
            .store(bytes: bytes, timeToLive: .seconds(60)),
            .always(floor: .zero, validUntil: .zero),
            .plain
        )
        try expect(stored.applied, "a plain write is always done")
        let entries = try await tier.read([name("plain")], with: [], timeout: timeout).entries
        try expect(entries[0] == bytes, "a plain entry is its bytes and no more")
        let read = try await tier.read([name("plain"), name("missing")], with: .timesToLive, timeout: timeout)
        let life = (read.timesToLive.first ?? nil) ?? .zero
        try expect(read.timesToLive.count == 2, "a read tells how long each entry lives")
        try expect(life > .seconds(30) && life <= .seconds(60), "an entry lives as long as it was written for")
        try expect(read.timesToLive.last == .some(.zero), "what is not there has no time to live")
        let removed = try await write("plain", .remove, .ifNewer(.zero), .plain)
        try expect(removed.applied && removed.existed, "a plain removal is always done")
    }

    // MARK: Tools

    func name(_ text: String) -> String { prefix + text }

    /// An entry as an envelope begins: what a script looks at, and a payload.
    private func envelope(payload: [UInt8]) -> [UInt8] {
        [0xCA, 0x52, 0x45, 2, 0, 1, 0, 68] + Array(repeating: UInt8(ascii: "0"), count: 20)
            + Array(repeating: 7, count: 40) + payload
    }

    func stamp(of bytes: [UInt8]) -> Stamp? {
        guard bytes.count >= 28 else { return nil }
        return Int64(String(decoding: bytes[8..<28], as: UTF8.self)).map(Stamp.init(microseconds:))
    }

    func plant(_ text: String) async throws -> RemoteToken {
        let tokens = try await tier.plant([name(text)], timeToLive: .seconds(60), timeout: timeout)
        guard tokens.count == 1 else { throw TestingError("one token was asked for, and \(tokens.count) came") }
        return try tokens[0].get()
    }

    private func tag(
        _ text: String,
        _ operation: RemoteTagStep.Operation,
        life: Duration
    ) async throws -> RemoteTag {
        let step = RemoteTagStep(name: name(text), operation: operation, life: life)
        let outcomes = try await tier.tags([step], timeout: timeout)
        guard outcomes.count == 1 else { throw TestingError("one step on a tag has \(outcomes.count) outcomes") }
        return try outcomes[0].get()
    }

    func fill(_ text: String, _ stamp: Stamp, _ token: String) async throws -> RemoteOutcome {
        let operation = RemoteWrite.Operation.store(bytes: envelope(payload: [1]), timeToLive: .seconds(60))
        return try await write(text, operation, .ifToken(stamp, token: token))
    }

    @discardableResult
    private func store(_ text: String, _ validUntil: Stamp) async throws -> RemoteOutcome {
        try await write(
            text,
            .store(bytes: envelope(payload: [1, 2, 3]), timeToLive: .seconds(60)),
            .always(floor: .zero, validUntil: validUntil)
        )
    }

    @discardableResult
    func write(
        _ text: String,
        _ operation: RemoteWrite.Operation,
        _ condition: RemoteWrite.Condition,
        _ format: WireFormat = .envelope
    ) async throws -> RemoteOutcome {
        let write = RemoteWrite(name: name(text), operation: operation, condition: condition, format: format)
        let outcomes = try await tier.write([write], timeout: timeout)
        guard outcomes.count == 1 else { throw TestingError("one write has \(outcomes.count) outcomes") }
        return try outcomes[0].get()
    }

    func expect(_ holds: Bool, _ promise: String) throws {
        guard holds else { throw TestingError("the remote tier breaks its promise: \(promise)") }
    }
}

extension Stamp {
    /// Later than any clock that a test meets.
    static let far = Stamp(microseconds: 9_000_000_000_000_000)
}
