import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// What tiers that share a budget do to each other.
@Suite(.timeLimit(.minutes(1))) struct MemoryBudgetTests {
    private let time = ManualTimeSource()
    private var later: MonotonicInstant { time.now().advanced(by: .seconds(1_000)) }
    private let budget = MemoryBudget(maximumBytes: 10_000)

    private final class Recorder: Sendable {
        let removals = Mutex<[MemoryRemoval]>([])

        var listener: @Sendable (MemoryRemoval) -> Void {
            { removal in self.removals.withLock { $0.append(removal) } }
        }

        var keys: [String] { removals.withLock { $0.map(\.key) } }
    }

    private func tier(
        shards: Int = 1,
        timeSource: (any TimeSource)? = nil,
        listener: (@Sendable (MemoryRemoval) -> Void)? = nil
    ) -> MemoryTier {
        var configuration = MemoryConfiguration()
        configuration.maximumEntries = 1_000
        configuration.maximumBytes = 1 << 20
        configuration.shards = shards
        configuration.budget = budget
        return MemoryTier(configuration: configuration, timeSource: timeSource ?? time, listener: listener)
    }

    private func fill(_ tier: MemoryTier, count: Int = 100) {
        for number in 0..<count { tier.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 100)) }
    }

    @Test func whatATierGivesIsToldToItsOwnListener() {
        let (takes, gives) = (Recorder(), Recorder())
        let taker = tier(listener: takes.listener)
        let giver = tier(listener: gives.listener)
        fill(giver)
        taker.put("newcomer", Entry.make(1, until: later, weight: 100))
        #expect(taker.peek("newcomer", now: time.now()) != nil)
        #expect(takes.keys.isEmpty)
        #expect(gives.keys.count == 1 && gives.keys.allSatisfy { $0.hasPrefix("k") })
    }

    /// Lets go of a tier the first time that it is asked for the time after it was armed.
    private final class LettingGo: TimeSource {
        let base: ManualTimeSource
        let owned = Mutex<MemoryTier?>(nil)
        let isArmed = Atomic(false)

        init(base: ManualTimeSource) { self.base = base }

        func now() -> MonotonicInstant {
            if isArmed.exchange(false, ordering: .relaxed) {
                let last = owned.withLock { $0.take() }
                withExtendedLifetime(last) {}
            }
            return base.now()
        }

        func unixTime() -> UnixTime { base.unixTime() }
        func sleep(until deadline: MonotonicInstant) async throws { try await base.sleep(until: deadline) }
    }

    /// Looks at its end whether the locks of a tier are free.
    private final class Witness: Sendable {
        private let tier: MemoryTier
        private let box: Box

        init(_ tier: MemoryTier, _ box: Box) {
            self.tier = tier
            self.box = box
        }

        deinit {
            let isFree = tier.parts.allSatisfy { $0.withLockIfAvailable { _ in true } ?? false }
            box.isFree.withLock { $0.append(isFree) }
        }
    }

    private final class Box: Sendable {
        let isFree = Mutex<[Bool]>([])
    }

    @Test func aTierThatLosesItsLastOwnerWhileItIsAskedEndsWithoutTheLock() {
        let taker = tier()
        let box = Box()
        let source = LettingGo(base: time)
        source.owned.withLock { owned in
            let giver = tier(timeSource: source)
            for number in 0..<100 {
                let entry = Entry.make(Witness(taker, box), Entry.metadata(until: later, weight: 100))
                giver.put(CacheKey("k\(number)"), entry)
            }
            owned = giver
        }
        source.isArmed.store(true, ordering: .relaxed)
        taker.put("newcomer", Entry.make(1, until: later, weight: 100))
        let isFree = box.isFree.withLock { $0 }
        #expect(isFree == Array(repeating: true, count: 100))
        #expect(budget.bytes == 100)
    }

    @Test(arguments: [1, 4])
    func whoComesLateGetsAnEqualShare(shards: Int) {
        let tiers = [tier(shards: shards), tier(shards: shards), tier(shards: shards)]
        fill(tiers[0])
        #expect(tiers[0].ledger.bytes == 10_000)
        fill(tiers[1])
        fill(tiers[2])
        for tier in tiers { #expect(tier.ledger.bytes >= 3_200 && tier.ledger.bytes <= 3_600) }
        #expect(budget.bytes <= 10_000)
    }

    @Test func theShareOfATierThatIsGoneIsThereForTheOthers() {
        let first = tier()
        var second: MemoryTier? = tier()
        #expect(budget.share == 5_000)
        fill(first)
        second = nil
        #expect(second == nil && budget.share == 10_000)
    }
}
