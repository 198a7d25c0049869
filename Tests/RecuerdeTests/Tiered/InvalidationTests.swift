import Logging
import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// Notices between nodes that ask memory first.
@Suite struct InvalidationTests {
    private let time: ManualTimeSource
    private let remote: ScriptedRemoteTier
    private let board: NoticeBoard

    init() {
        time = ManualTimeSource()
        remote = ScriptedRemoteTier(timeSource: time)
        board = NoticeBoard(remote)
    }

    private func cache(
        on node: NoticeBoard.Node,
        _ change: (inout CacheConfiguration) -> Void = { _ in }
    ) -> Cache {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        change(&configuration)
        return Cache(configuration: configuration, remote: node, timeSource: time)
    }

    private func cache(_ number: Int, _ change: (inout CacheConfiguration) -> Void = { _ in }) -> Cache {
        cache(on: board.node(number), change)
    }

    private var reads: Int { remote.counts.reads }

    // MARK: As long as lines stand

    @Test func scenario69_memoryAnswersUntilAnotherNodeWrites() async throws {
        let (one, two) = (cache(1), cache(2))
        try await one.set("k", to: 1)
        #expect(try await two.get("k") == 1)
        let before = reads
        #expect(try await one.get("k") == 1)
        #expect(try await two.get("k") == 1)
        #expect(try await two.value(for: "k") { 9 } == 1)
        #expect(try await two.contains("k"))
        #expect(reads == before)
        try await one.set("k", to: 2)
        #expect(try await two.get("k") == 2)
        #expect(try await one.get("k") == 2)
        _ = try await two.delete("k")
        #expect(try await one.get("k", as: Int.self) == nil)
        #expect(try await two.get("k", as: Int.self) == nil)
    }

    @Test(arguments: [false, true])
    func scenario70_anOwnWriteDoesNotEvictTheOwnCopy(noticesComeLate: Bool) async throws {
        let (one, two) = (cache(1), cache(2))
        if noticesComeLate { board.letOwnComeLate(to: 1) }
        for round in 0..<3 {
            try await one.set("k", to: round)
            #expect(try await one.touch("k", timeToLive: .seconds(60)))
            #expect(try await one.value(for: CacheKey("l", "\(round)")) { round } == round)
            let before = remote.counts
            #expect(try await one.get("k") == round)
            #expect(try await one.get(CacheKey("l", "\(round)")) == round)
            board.deliverOwn(to: 1)
            #expect(try await one.get("k") == round)
            #expect(try await one.get(CacheKey("l", "\(round)")) == round)
            #expect(remote.counts == before)
        }
        #expect(one.statistics().invalidations == 0)
        // A receiver tells nobody in return.
        _ = try await two.get("k", as: Int.self)
        let writes = remote.counts.writes
        try await one.set("k", to: 9)
        #expect(remote.counts.writes == writes + 1)
        // And what another writes after all that is seen.
        board.deliverOwn(to: 1)
        try await two.set("k", to: 10)
        #expect(try await one.get("k") == 10)
    }

    @Test(arguments: [false, true])
    func anothersWriteInTheSameMomentAsAnOwnOneIsSeen(noticesComeLate: Bool) async throws {
        let node = board.node(1)
        let (one, two) = (cache(on: node), cache(2))
        // Its clock is compared before its first write, which would be another exchange.
        await one.connect()
        if noticesComeLate { board.letOwnComeLate(to: 1) }
        // The other's write is carried out after ours, and its notice comes before our answer has been dealt with.
        let board = board
        node.beforeNextAnswer {
            board.deliverOwn(to: 1)
            try? await two.set("k", to: "other's")
        }
        try await one.set("k", to: "own")
        #expect(try await one.get("k") == "other's")
        #expect(try await two.get("k") == "other's")
        // The same for a value that was loaded. The first exchange reads, and the second is the write.
        node.beforeNextAnswer {
            node.beforeNextAnswer {
                board.deliverOwn(to: 1)
                try? await two.set("l", to: "other's")
            }
        }
        #expect(try await one.value(for: "l") { "own" } == "own")
        #expect(try await one.get("l") == "other's")
    }

    @Test func anothersWriteBeforeAnOwnOneThatIsNotDoneIsSeen() async throws {
        let node = board.node(1)
        let (one, two) = (cache(on: node), cache(2))
        try await one.set("k", to: 0)
        // The load's value is refused, since the other has written; the notice of that write came while ours was under way.
        var options = EntryOptions()
        options.readPolicy = .refresh
        let result = try await one.result(for: "k", options: options) { _ in
            try? await two.set("k", to: 1)
            return Loaded(2)
        }
        #expect(result.value == 2)
        #expect(try await one.get("k") == 1)
    }

    @Test func aPartOfABulkWriteIsNotLostToANotice() async throws {
        let node = board.node(1)
        let (one, two) = (cache(on: node), cache(2))
        let keys = (0..<1_500).map { CacheKey("k", "\($0)") }
        for key in keys.prefix(3) { _ = try await one.get(key, as: Int.self) }
        _ = try await one.get(keys, as: Int.self)
        // While the first part is under way others write keys of both, and everything else is told to be gone.
        let board = board
        node.beforeNextAnswer {
            for key in keys { try? await two.set(key, to: -1) }
            board.flush()
        }
        try await one.set(Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) }))
        var kept = 0
        for key in keys {
            let record = remote.record("test:v2:\(key.text)")
            if record != nil { kept += 1 }
            let read = try await one.get(key, as: Int.self)
            #expect((read == 1) == (record != nil), "\(key.text)")
        }
        // The second part was sent after the flush.
        #expect(kept >= 500)
    }

    @Test func whatWasLoadedIsVouchedForAsWell() async throws {
        let (one, two) = (cache(1), cache(2))
        #expect(try await one.value(for: "k") { 1 } == 1)
        let before = remote.counts.exchanges
        #expect(try await one.get("k") == 1)
        #expect(try await one.value(for: "k") { 9 } == 1)
        #expect(remote.counts.exchanges == before)
        try await two.set("k", to: 2)
        #expect(try await one.get("k") == 2)
    }

    @Test func scenario86_aLineThatBreaksUnderWayVouchesForNothing() async throws {
        let node = board.node(1)
        let (one, two) = (cache(on: node) { $0.stalenessBound = .zero }, cache(2))
        try await two.set("k", to: 1)
        let board = board
        node.beforeNextAnswer {
            board.cut(1)
            board.join(1)
        }
        #expect(try await one.get("k") == 1)
        try await two.set("k", to: 2)
        #expect(try await one.get("k") == 2)
        // The same for a write, whose answer came over a line that is gone.
        node.beforeNextAnswer {
            board.cut(1)
            board.join(1)
        }
        try await one.set("k", to: 3)
        try await two.set("k", to: 4)
        #expect(try await one.get("k") == 4)
    }

    @Test func aNoticeThatOvertakesAReadIsNotUndoneByIt() async throws {
        let node = board.node(1)
        let (one, two) = (cache(on: node), cache(2))
        try await two.set("k", to: 1)
        node.beforeNextAnswer { try? await two.set("k", to: 2) }
        // What this read found was true when it began.
        #expect(try await one.get("k") == 1)
        #expect(try await one.get("k") == 2)
        node.beforeNextAnswer { try? await two.set(["k": 3, "l": 3]) }
        _ = try await one.get(["k", "l"], as: Int.self)
        #expect(try await one.get("k") == 3)
        #expect(try await one.get("l") == 3)
    }

    @Test func whoComesAfterANoticeDoesNotJoinALoadFromBeforeIt() async throws {
        let (one, two) = (cache(1), cache(2))
        let door = Door()
        let slow = Task {
            try await one.value(for: "k") {
                await door.pass()
                return "old"
            }
        }
        await door.someoneWaits()
        try await two.set("k", to: "new")
        #expect(try await one.value(for: "k") { "never" } == "new")
        door.open()
        #expect(try await slow.value == "old")
        #expect(try await one.get("k") == "new")
        #expect(try await two.get("k") == "new")
    }

    @Test func aClearIsSeenByAllNodes() async throws {
        let (one, two) = (cache(1), cache(2))
        for number in 0..<20 { try await one.set("k\(number)", to: number) }
        for number in 0..<20 { #expect(try await two.get("k\(number)") == number) }
        _ = try await two.clear()
        for number in 0..<20 { #expect(try await one.get("k\(number)", as: Int.self) == nil) }
    }

    @Test func scenario86_aFlushIsSeenAtOnce() async throws {
        let one = cache(1)
        try await one.set("k", to: 1)
        board.flush()
        #expect(try await one.get("k", as: Int.self) == nil)
        // And what is read or written after it has a witness again.
        try await one.set("k", to: 2)
        let before = reads
        #expect(try await one.get("k") == 2)
        #expect(reads == before)
    }

    @Test func namesOfOthersDoNoHarm() async throws {
        let one = cache(1)
        try await one.set("k", to: 1)
        board.change(["test:v2", "test:v2:", "{test:v2:k}:t", "other:v2:k", "", "test:v2:l"], toAll: true)
        let before = reads
        #expect(try await one.get("k") == 1)
        #expect(reads == before)
    }

    @Test func whatIsToldBeforeALineStandsIsHeededToo() async throws {
        let (one, two) = (cache(1), cache(2))
        try await one.set("k", to: 1)
        board.cut(1)
        // Unverified, it would be served for seconds yet.
        board.tellWithoutLine(["test:v2:k"], to: 1)
        try await two.set("k", to: 2)
        #expect(try await one.get("k") == 2)
        #expect(one.statistics().unverifiedServed == 0)
    }

    @Test func otherNodesDoNotReadAtOnce() async throws {
        let nodes = (1...5).map { cache($0) }
        try await nodes[0].set("k", to: 1)
        for node in nodes { #expect(try await node.get("k") == 1) }
        let before = remote.counts.exchanges
        try await nodes[0].set("k", to: 2)
        #expect(remote.counts.exchanges == before + 1)
    }

    @Test func aTouchOfBothTiersLeavesTheCopyVerified() async throws {
        let one = cache(1)
        try await one.set("k", to: 1, options: .timeToLive(.seconds(10)))
        #expect(try await one.touch("k", timeToLive: .seconds(100)))
        let before = reads
        #expect(try await one.get("k") == 1)
        #expect(reads == before)
        // Its stamp is that of the remote tier, so that a check finds it to be the same.
        board.cut(1)
        board.join(1)
        #expect(try await one.get("k") == 1)
        await eventually { (try? await one.explain("k"))?.memory?.standing == "verified" }
    }

    @Test func anExplanationTellsWhoVouches() async throws {
        let one = cache(1)
        try await one.set("k", to: 1)
        var explanation = try await one.explain("k")
        #expect(explanation.memory?.standing == "verified" && explanation.redis?.standing == nil)
        #expect(explanation.verdict == "hit: memory is asked first and holds it fresh")
        board.cut(1)
        explanation = try await one.explain("k")
        #expect(explanation.memory?.standing == "unverified")
        #expect(explanation.verdict.hasPrefix("hit: memory holds it fresh, and checks it"))
        time.advance(by: .seconds(5))
        explanation = try await one.explain("k")
        #expect(explanation.memory?.standing == "lost")
        #expect(explanation.verdict == "hit: Redis holds it fresh")
        remote.evict("test:v2:k")
        #expect(try await one.explain("k").verdict == "miss: Redis does not hold it")
    }

    @Test func statisticsTellOfNoticesAndGaps() async throws {
        let (one, two) = (cache(1), cache(2))
        try await one.set("k", to: 1)
        try await two.set("k", to: 2)
        #expect(one.statistics().invalidations == 1 && one.statistics().invalidationLines == 1)
        #expect(try await one.get("k") == 2)
        board.cut(1)
        #expect(one.statistics().invalidationLines == 0 && one.statistics().unverifiedServed == 0)
        #expect(try await one.get("k") == 2)
        #expect(one.statistics().unverifiedServed == 1)
    }

    @Test func whatCountsAsNoRequestCountsNoUnverifiedOneAndChecksNothing() async throws {
        let one = cache(1)
        try await one.set("k", to: 1)
        board.cut(1)
        board.join(1)
        let before = remote.counts.exchanges
        #expect(try await one.contains("k"))
        #expect(try await one.lastKnown("k", as: Int.self)?.value == 1)
        #expect(one.statistics().unverifiedServed == 0)
        // Nobody looks after it either: it stays as it is until it is asked for.
        #expect(one.verifications.withLock { $0.count } == 0)
        #expect(remote.counts.exchanges == before)
        #expect(try await one.explain("k").memory?.standing == "unverified")
        #expect(try await one.get("k") == 1)
        #expect(one.statistics().unverifiedServed == 1)
    }

    @Test func moreLinesThanCanBeToldApartAreSaidOnceAndAskedFor() async throws {
        let record = LogRecord()
        let one = Cache(
            configuration: CacheConfiguration(),
            remote: board.node(1),
            timeSource: time,
            logger: record.logger(level: .info)
        )
        // The first stands already.
        for _ in 1..<512 { board.join(1) }
        #expect(one.statistics().invalidationLines == 512)
        #expect(record.messages(atLeast: .warning) == [])
        for _ in 0..<3 { board.join(1) }
        #expect(one.statistics().invalidationLines == 512)
        #expect(record.messages(atLeast: .warning) == ["cache_invalidation_lines_full"])
        #expect(record.lines.last?.metadata["limit"] == "512")
        // Without a witness there is nothing to go by.
        try await one.set("k", to: 1)
        let before = reads
        #expect(try await one.get("k") == 1)
        #expect(try await one.get("k") == 1)
        #expect(reads == before + 2)
    }

    // MARK: Gaps

    @Test func whatIsUnverifiedIsServedWhileItIsChecked() async throws {
        let (one, two) = (cache(1), cache(2))
        try await one.set("k", to: 1)
        try await one.set("l", to: 1)
        board.cut(1)
        try await two.set("k", to: 2)
        board.join(1)
        time.advance(by: .seconds(4))
        // Within the bound, at once; and checked behind the caller's back.
        #expect(try await one.get("k") == 1)
        #expect(try await one.get("l") == 1)
        await eventually { (try? await one.get("k")) == 2 }
        // What was the same has its witness again: no further read.
        await eventually {
            let before = reads
            let value = try? await one.get("l", as: Int.self)
            return value == 1 && reads == before
        }
        time.advance(by: .seconds(4))
        board.prove(1)
        time.advance(by: .seconds(4))
        let before = reads
        #expect(try await one.get("l") == 1)
        #expect(reads == before)
    }

    @Test func pastTheBoundNothingUnverifiedIsServed() async throws {
        let (one, two) = (cache(1), cache(2))
        try await one.set("k", to: 1)
        try await one.set("gone", to: 1)
        board.cut(1)
        try await two.set("k", to: 2)
        _ = try await two.delete("gone")
        time.advance(by: .seconds(5))
        #expect(try await one.get("k") == 2)
        #expect(try await one.get("gone", as: Int.self) == nil)
    }

    @Test func silenceCountsAsAGap() async throws {
        let (one, two) = (cache(1), cache(2))
        try await one.set("k", to: 1)
        board.setDelivery(.lost, to: 1)
        try await two.set("k", to: 2)
        time.advance(by: .milliseconds(4_999))
        #expect(try await one.get("k") == 1)
        time.advance(by: .milliseconds(1))
        #expect(try await one.get("k") == 2)
    }

    @Test func aBoundOfZeroMeansThatNothingIsServedAfterAGap() async throws {
        let (one, two) = (cache(1) { $0.stalenessBound = .zero }, cache(2))
        try await one.set("k", to: 1)
        board.cut(1)
        try await two.set("k", to: 2)
        #expect(try await one.get("k") == 2)
    }

    @Test func aRunningProofKeepsCopiesVerified() async throws {
        let one = cache(1)
        try await one.set("k", to: 1)
        let before = reads
        for _ in 0..<20 {
            time.advance(by: .seconds(1))
            board.prove(1, before: .milliseconds(100))
            #expect(try await one.get("k") == 1)
        }
        #expect(reads == before)
    }

    @Test func aCheckThatANoticeOvertakesVouchesForNothing() async throws {
        let node = board.node(1)
        let (one, two) = (cache(on: node), cache(2))
        try await one.set("k", to: 1)
        board.cut(1)
        board.join(1)
        // The check reads the stamp; then the other writes, and its notice comes before the check's answer.
        node.beforeNextAnswer { try? await two.set("k", to: 2) }
        #expect(try await one.get("k") == 1)
        await eventually { (try? await one.get("k")) == 2 }
    }

    /// The deadlines of all that was under way have passed when a stopped process goes on, and that says nothing about Redis.
    @Test func aProcessThatWasStoppedServesNothingOlderThanTheBound() async throws {
        let tier = StoppedTier(board.node(1), time: time)
        let one = Cache(configuration: CacheConfiguration(), remote: tier, timeSource: time)
        let two = Cache(configuration: CacheConfiguration(), remote: board.node(2), timeSource: time)
        try await one.set("k", to: 1)
        try await one.set("l", to: 1)
        tier.stopDuringNextReads(4, for: .seconds(30))
        board.cut(1)
        try await two.set("k", to: 2)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4 { group.addTask { _ = try? await one.get(CacheKey("other-\(number)"), as: Int.self) } }
        }
        #expect(tier.stops == 4)
        #expect(one.statistics().redisAvailable)
        #expect(try await one.get("k") == 2)
    }

    @Test func butOneWhoseAnswersAreMissingFindsRedisAway() async throws {
        let tier = StoppedTier(board.node(1), time: time)
        let one = Cache(configuration: CacheConfiguration(), remote: tier, timeSource: time)
        try await one.set("k", to: 1)
        tier.stopDuringNextReads(3, for: .milliseconds(250))
        for number in 0..<3 { _ = try await one.get(CacheKey("other-\(number)"), as: Int.self) }
        #expect(!one.statistics().redisAvailable)
        board.cut(1)
        time.advance(by: .seconds(1))
        #expect(try await one.get("k") == 1)
    }

    // MARK: Away from Redis

    @Test func aNodeThatIsCutOffServesWhatItHoldsUntilItsExpiry() async throws {
        let one = cache(1)
        try await one.set("k", to: 1, options: .timeToLive(.seconds(60)))
        board.cut(1)
        remote.behave(Nodes.down)
        time.advance(by: .seconds(59))
        #expect(try await one.get("k") == 1)
        #expect(try await one.get(["k"], as: Int.self) == ["k": 1])
        #expect(try await one.contains("k"))
        time.advance(by: .seconds(1))
        #expect(try await one.get("k", as: Int.self) == nil)
    }

    @Test func orForAsLongAsItIsTold() async throws {
        let one = cache(1) {
            $0.stalenessBoundWhenDetached = .seconds(20)
            $0.defaultMaximumStaleness = .seconds(3_600)
        }
        try await one.set("k", to: 1)
        time.advance(by: .seconds(10))
        board.prove(1)
        board.cut(1)
        remote.behave(Nodes.down)
        time.advance(by: .milliseconds(19_999))
        #expect(try await one.get("k") == 1)
        #expect(try await one.contains("k"))
        time.advance(by: .milliseconds(1))
        #expect(try await one.get("k", as: Int.self) == nil)
        #expect(try await one.get(["k"], as: Int.self).isEmpty)
        #expect(try await !one.contains("k"))
        // Nor does it stand in for a load that fails.
        await #expect(throws: Failed.self) { try await one.value(for: "k") { () -> Int in throw Failed() } }
        // What was made here meanwhile counts from when it was made.
        #expect(try await one.value(for: "l") { 5 } == 5)
        time.advance(by: .seconds(19))
        #expect(try await one.get("l") == 5)
        time.advance(by: .seconds(1))
        #expect(try await one.get("l", as: Int.self) == nil)
    }

    @Test func scenario79_whatWasWrittenInAnOutageConverges() async throws {
        let nodes = (1...3).map { cache($0) }
        for node in nodes { await node.connect() }
        try await nodes[0].set("k", to: 0)
        for node in nodes { #expect(try await node.get("k") == 0) }
        remote.behave(Nodes.down)
        for number in 1...3 { board.cut(number) }
        for (number, node) in nodes.enumerated() {
            time.advance(by: .milliseconds(10))
            try await node.set("k", to: number + 1)
            #expect(try await node.get("k") == number + 1)
        }
        remote.behave(.normal)
        for number in 1...3 { board.join(number) }
        time.advance(by: .seconds(3))
        for node in nodes { _ = try await node.get("k", as: Int.self) }
        await eventually { nodes.allSatisfy { $0.statistics().journalDepth == 0 } }
        for node in nodes { #expect(try await node.get("k") == 3) }
    }

    @Test func withRedisFirstTheBoundCountsFromWhenTheValueWasMade() async throws {
        let one = cache(1) {
            $0.readingOrder = .remoteFirst
            $0.stalenessBoundWhenDetached = .seconds(20)
        }
        try await one.set("k", to: 1)
        remote.behave(Nodes.down)
        time.advance(by: .milliseconds(19_999))
        #expect(try await one.get("k") == 1)
        time.advance(by: .milliseconds(1))
        #expect(try await one.get("k", as: Int.self) == nil)
        #expect(try await one.get("k", as: Int.self) == nil)
    }

    // MARK: Other orders and formats

    @Test func scenario69_withoutAnyLineRedisIsAskedFirst() async throws {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        let one = Cache(configuration: configuration, remote: remote, timeSource: time)
        #expect(one.configuration.readingOrder == .memoryFirst)
        try await one.set("k", to: 1)
        let two = cache(2)
        try await two.set("k", to: 2)
        #expect(try await one.get("k") == 2)
    }

    @Test func aPlainEntryIsReadBeforeMemoryAnswers() async throws {
        let (one, two) = (cache(1) { $0.format = .plain }, cache(2) { $0.format = .plain })
        try await one.set("k", to: 1)
        let before = reads
        #expect(try await one.get("k") == 1)
        #expect(reads == before + 1)
        #expect(try await one.get("k") == 1)
        #expect(reads == before + 1)
        try await two.set("k", to: 2)
        #expect(try await one.get("k") == 2)
        // Unverified it is served within the bound, and read anew after it.
        board.cut(1)
        board.join(1)
        try await two.set("k", to: 3)
        #expect(try await one.get("k") == 2)
        time.advance(by: .seconds(5))
        #expect(try await one.get("k") == 3)
    }

    @Test func aPlainRefreshReplacesTheCopyAndLeavesNoOldOne() async throws {
        let (one, two) = (cache(1) { $0.format = .plain }, cache(2) { $0.format = .plain })
        try await two.set("k", to: "old")
        #expect(try await one.get("k") == "old")
        var options = EntryOptions()
        options.readPolicy = .refresh
        let time = time
        let loaded = try await one.result(for: "k", options: options) { _ in
            time.advance(by: .microseconds(5))
            return Loaded("new")
        }
        #expect(loaded.value == "new")
        #expect(try await one.get("k") == "new")
        try await two.set("k", to: "newer")
        #expect(try await one.get("k") == "newer")
    }

    private struct Failed: Error {}

    /// Lets what runs behind callers' backs come to its end.
    private func eventually(
        _ place: SourceLocation = #_sourceLocation,
        _ condition: () async -> Bool
    ) async {
        let clock = SystemTimeSource()
        let end = clock.now().advanced(by: .seconds(30))
        while clock.now() < end {
            if await condition() { return }
            await Task.yield()
        }
        Issue.record("it did not come about", sourceLocation: place)
    }
}
