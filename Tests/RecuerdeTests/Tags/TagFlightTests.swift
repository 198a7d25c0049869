import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// Who comes after an invalidation is not given what began before it, however a load is shared.
@Suite(.timeLimit(.minutes(1))) struct TagFlightTests {
    private let fleet = Fleet()
    private var time: ManualTimeSource { fleet.time }

    /// A caller who gives up some day, so that it can be seen that it waits: in a flight, or in one of its own.
    private func joining(
        _ cache: Cache,
        _ value: Int,
        _ options: EntryOptions,
        _ tally: Tally = Tally()
    ) async -> Task<CacheResult<Int>, any Error> {
        let before = cache.deadlines.count
        var options = options
        options.hardTimeout = .seconds(100_000)
        let task = Task { [options] in
            try await cache.result(for: "k", options: options) { _ in
                tally.add()
                return Loaded(value, tags: options.tags)
            }
        }
        await eventually { cache.deadlines.count > before || tally.count > 0 }
        return task
    }

    private func loading(
        _ cache: Cache,
        _ value: Int,
        _ options: EntryOptions = EntryOptions(),
        tags: [String]? = nil,
        behind door: Door
    ) async -> Task<CacheResult<Int>, any Error> {
        let task = Task {
            try await cache.result(for: "k", options: options) { _ in
                await door.pass()
                return Loaded(value, tags: tags)
            }
        }
        await door.someoneWaits()
        return task
    }

    @Test(arguments: [TagSetting.memoryOnly, .memoryFirst, .remoteFirst, .memoryUnchecked])
    func whoComesAfterItDoesNotGetALoadWhoseTagsAreItsOwn(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        let slow = await loading(cache, 1, tags: ["x"], behind: door)
        time.advance(by: .seconds(1))
        try await cache.invalidate(tags: ["x"])
        let later = await joining(cache, 2, .tagged("x"))
        door.open()
        #expect(try await slow.value.value == 1)
        #expect(try await later.value.value == 2)
        #expect(try await cache.int("k") == 2)
    }

    @Test func whereNothingWasInvalidatedAllShareIt() async throws {
        let cache = fleet.cache(.memoryFirst)
        let (door, tally) = (Door(), Tally())
        let slow = await loading(cache, 1, tags: ["x"], behind: door)
        let later = await joining(cache, 2, EntryOptions(), tally)
        door.open()
        #expect(try await slow.value.value == 1)
        #expect(try await later.value.value == 1)
        #expect(tally.count == 0)
    }

    /// A value whose early load is under way and that has expired meanwhile: a flight waits for that load.
    private func waiting(
        _ cache: Cache,
        tags: [String]?,
        behind door: Door
    ) async throws -> Task<CacheResult<Int>, any Error> {
        var options = EntryOptions.tagged("x", timeToLive: .seconds(10))
        if tags != nil { options.tags = [] }
        options.earlyRefresh = 1e9
        let time = time
        _ = try await cache.result(for: "k", options: options) { _ in
            time.advance(by: .seconds(1))
            return Loaded(1, tags: tags)
        }
        let early = try await cache.result(for: "k", options: options) { _ in
            await door.pass()
            return Loaded(2, tags: tags)
        }
        #expect(early.value == 1)
        await door.someoneWaits()
        time.advance(by: .seconds(11))
        let first = await joining(cache, 3, options)
        // The early load, the caller, and the flight of the caller, which waits for that load.
        await eventually { cache.deadlines.count == 3 }
        return first
    }

    @Test(arguments: [TagSetting.memoryOnly, .memoryFirst, .memoryUnchecked], [nil, ["x"]])
    func whoComesAfterItDoesNotGetWhatAnEarlyLoadBrings(setting: TagSetting, tags: [String]?) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        let first = try await waiting(cache, tags: tags, behind: door)
        try await cache.invalidate(tags: ["x"])
        let later = await joining(cache, 4, .tagged("x", timeToLive: .seconds(10)))
        door.open()
        // Who came before it may have it.
        #expect(try await [2, 3, 4].contains(first.value.value))
        #expect(try await later.value.value != 2)
        await eventually { cache.statistics().backgroundLoads == 0 }
        #expect(try await cache.int("k") != 2)
    }

    @Test func anEarlyLoadThatNothingOvertakesIsShared() async throws {
        for tags in [nil, ["x"]] {
            let cache = fleet.cache(.memoryOnly)
            let (door, tally) = (Door(), Tally())
            let first = try await waiting(cache, tags: tags, behind: door)
            let later = await joining(cache, 4, .tagged("x", timeToLive: .seconds(10)), tally)
            door.open()
            #expect(try await first.value.value == 2)
            #expect(try await later.value.value == 2)
            #expect(tally.count == 0)
        }
    }

    @Test func anEarlyLoadThatAnotherNodeOvertakesIsNotKept() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        var options = EntryOptions.tagged("x", timeToLive: .seconds(10))
        options.earlyRefresh = 1e9
        let time = time
        _ = try await one.value(for: "k", options: options) {
            time.advance(by: .seconds(1))
            return 1
        }
        let door = Door()
        let early = try await one.value(for: "k", options: options) {
            await door.pass()
            return 2
        }
        #expect(early == 1)
        await door.someoneWaits()
        try await two.invalidate(tags: ["x"])
        door.open()
        await eventually { one.statistics().backgroundLoads == 0 }
        for node in [one, two, fleet.node(3)] { #expect(try await node.int("k") == nil) }
    }

    @Test func whoComesAfterANoticeDoesNotGetWhatWasReadBeforeIt() async throws {
        let tier = fleet.board.node(1)
        let (one, two) = (fleet.node(on: tier), fleet.node(2))
        try await two.set("k", to: 1, options: .tagged("x"))
        let tally = Tally()
        let late = Door()
        let second = Tasks()
        // The entry has been read; and then its tags: the answer is under way when they are invalidated.
        tier.beforeNextAnswer {
            tier.beforeNextAnswer {
                try? await two.invalidate(tags: ["x"])
                second.task = await joining(one, 2, .tagged("x"), tally)
                late.open()
            }
        }
        let first = try await one.value(for: "k", options: .tagged("x")) { 7 }
        #expect(first == 1)
        await late.pass()
        #expect(try await second.task?.value.value == 2)
        #expect(try await one.int("k") == 2)
    }

    @Test func aLongerLifeOfARecordCostsNoSecondLoad() async throws {
        let one = fleet.node(1)
        let (door, tally) = (Door(), Tally())
        let slow = await loading(one, 1, .tagged("x"), behind: door)
        let step = RemoteTagStep(name: Fleet.record("x"), operation: .keep(missing: nil), life: .seconds(1_000_000))
        _ = try await fleet.remote.tags([step], timeout: .seconds(1))
        fleet.board.change([Fleet.record("x")])
        let later = await joining(one, 2, .tagged("x"), tally)
        door.open()
        #expect(try await slow.value.value == 1)
        #expect(try await later.value.value == 1)
        #expect(tally.count == 0)
        // Where nobody can say what the change was, what began before it is not shared.
        let other = Door()
        time.advance(by: .seconds(200_000))
        let again = await loading(one, 3, .tagged("x"), behind: other)
        fleet.board.change([Fleet.record("x")], toAll: true)
        fleet.remote.behave(Nodes.down)
        #expect(try await one.value(for: "k", options: .tagged("x")) { 4 } == 4)
        other.open()
        #expect(try await again.value.value == 3)
        #expect(try await one.int("k") == 4)
    }

    @Test func aLookAtTagsBeforeAFlightTakesNoTimeOfItsOwn() async throws {
        let one = fleet.node(1) { $0.breakerThreshold = 100 }
        let door = Door()
        let slow = await loading(one, 1, .tagged("x"), behind: door)
        fleet.board.change([Fleet.record("x")], toAll: true)
        fleet.remote.behave(.hang)
        let before = fleet.remote.counts.exchanges
        let call = Task { try await one.value(for: "k", options: .tagged("x")) { 2 } }
        // The end of the load under way, and that of the exchange.
        await time.waitForSleepers(atLeast: 2)
        time.advance(by: .milliseconds(250))
        #expect(try await call.value == 2)
        #expect(fleet.remote.counts.exchanges == before + 1)
        fleet.remote.behave(.normal)
        door.open()
        #expect(try await slow.value.value == 1)
    }

    /// Whoever has little patience does not wait as long as Redis may take to say whether the load under way is void.
    @Test func aLookAtTagsBeforeAFlightTakesNoMorePatienceThanThereIs() async throws {
        let one = fleet.node(1) { $0.breakerThreshold = 100 }
        let door = Door()
        let slow = await loading(one, 1, .tagged("x"), behind: door)
        fleet.board.change([Fleet.record("x")], toAll: true)
        fleet.remote.behave(.hang)
        var options = EntryOptions.tagged("x")
        options.hardTimeout = .milliseconds(20)
        let call = Task { [options] in try await one.value(for: "k", options: options) { 2 } }
        let before = time.sleepers
        await time.waitForSleepers(atLeast: before + 1)
        time.advance(by: .milliseconds(20))
        let error = await #expect(throws: CacheError.self) { try await call.value }
        #expect(error?.code == .waitTimedOut)
        fleet.remote.behave(.normal)
        door.open()
        _ = try? await slow.value
    }

    @Test func manyThreadsAtTheSameTags() async throws {
        let cache = Cache(configuration: Self.small, timeSource: time)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for round in 0..<2_000 {
                        let key = CacheKey("k", "\(round % 97)")
                        let tags = ["shared", "own\(worker):\(round)", "few\(round % 7)"]
                        var options = EntryOptions()
                        options.tags = tags
                        try? await cache.set(key, to: round, options: options)
                        _ = try? await cache.get(key, as: Int.self)
                        if round % 50 == 0 { try? await cache.invalidate(tags: ["few\(worker)"]) }
                        if round % 101 == 0 { try? await cache.invalidate(tags: [tags[1]], by: .remove) }
                    }
                }
            }
        }
        try await cache.invalidate(tags: ["shared"])
        for number in 0..<97 { #expect(try await cache.int(CacheKey("k", "\(number)")) == nil) }
    }

    private static var small: CacheConfiguration {
        var configuration = CacheConfiguration()
        configuration.memory.maximumEntries = 60
        return configuration
    }
}

/// Where a test keeps what began elsewhere.
private final class Tasks: Sendable {
    private let held = Mutex<Task<CacheResult<Int>, any Error>?>(nil)

    var task: Task<CacheResult<Int>, any Error>? {
        get { held.withLock(\.self) }
        set { held.withLock { $0 = newValue } }
    }
}
