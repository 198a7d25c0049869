import Testing

@testable import Recuerde

/// What becomes of a copy for which nobody vouched when the remote tier has told the stamp that it has.
@Suite struct MemoryVerificationTests {
    private let now = MonotonicInstant(nanoseconds: 1_000_000_000)

    private func shard(stamp: Int64, provisional: Bool = false) -> MemoryShard {
        var shard = MemoryShard(maximumEntries: 10, maximumBytes: 1_000, now: now)
        let entry = TypedMemoryEntry(
            value: 1,
            metadata: MemoryMetadata(
                stamp: Stamp(microseconds: stamp),
                createdAt: now,
                logicalExpiry: now.advanced(by: .seconds(100)),
                physicalExpiry: now.advanced(by: .seconds(100)),
                weight: 10,
                isProvisional: provisional
            )
        )
        shard.put("k", entry, now: now)
        return shard
    }

    /// The witness of the copy after the check; nil where it has gone.
    private func witness(
        ofCopyStamped own: Int64,
        provisional: Bool = false,
        remote: Int64?,
        noticeInBetween: Bool = false
    ) -> UInt32? {
        var shard = shard(stamp: own, provisional: provisional)
        let check = shard.openGuard("k")
        // Of everything at once, which leaves the copies where they are.
        if noticeInBetween { shard.voidAllGuardsByNotice() }
        shard.verify(check, "k", stamp: remote.map { Stamp(microseconds: $0) }, witness: 7, now: now)
        return shard.peek("k", now: now)?.metadata.witness
    }

    @Test func theSameStampGivesItItsWitness() {
        #expect(witness(ofCopyStamped: 5, remote: 5) == 7)
    }

    @Test func aNewerStampOrNoneTakesItAway() {
        #expect(witness(ofCopyStamped: 5, remote: 6) == nil)
        #expect(witness(ofCopyStamped: 5, remote: nil) == nil)
    }

    @Test func oneThatIsNewerStaysWithoutAWitness() {
        #expect(witness(ofCopyStamped: 5, remote: 4) == 0)
    }

    @Test func aNoticeInBetweenMakesTheAnswerWorthNothing() {
        #expect(witness(ofCopyStamped: 5, remote: 5, noticeInBetween: true) == 0)
        #expect(witness(ofCopyStamped: 5, remote: nil, noticeInBetween: true) == 0)
    }

    @Test func whatIsOnItsWayThereIsLeftAlone() {
        #expect(witness(ofCopyStamped: 5, provisional: true, remote: 6) == 0)
        #expect(witness(ofCopyStamped: 5, provisional: true, remote: 5) == 0)
    }
}
