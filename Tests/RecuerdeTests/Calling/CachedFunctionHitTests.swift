import Dispatch
import Recuerde
import RecuerdeTesting
import Synchronization
import Testing

/// Runs the jobs of the tasks that prefer it, one after the other, and counts them: a task that suspends comes back as a new one.
private final class CountingExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "counting")
    private let count = Mutex(0)

    var jobs: Int { count.withLock { $0 } }

    func enqueue(_ job: consuming ExecutorJob) {
        count.withLock { $0 += 1 }
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// What a hit of each form of a call does, and what it leaves alone.
@Suite(.timeLimit(.minutes(1))) struct CachedFunctionHitTests {
    private let time = ManualTimeSource()

    @Test func noFormSuspendsForAHit() async throws {
        let executor = CountingExecutor()
        let cache = Cache(timeSource: time)
        let one = cache.caching("one") { (a: Int) in a }
        let two = cache.caching("two") { (a: String, b: Int) in a + "\(b)" }
        try await withTaskExecutorPreference(executor) {
            _ = try await (one(1), two("a", 1), cache.value(for: "three") { 3 })
            let before = executor.jobs
            for _ in 0..<100 {
                #expect(try await one(1) == 1)
                #expect(try await two("a", 1) == "a1")
                #expect(try await cache.value(for: "three") { 4 } == 3)
            }
            #expect(executor.jobs == before)
            // The counter is awake.
            await Task.yield()
            #expect(executor.jobs > before)
        }
    }

    @Test func everyHitIsCountedOnceAndNoMissTwice() async throws {
        let cache = Cache(timeSource: time)
        let one = cache.caching("one") { (a: Int) in a }
        for _ in 0..<3 {
            #expect(try await one(1) == 1)
            #expect(try await cache.value(for: "two") { 2 } == 2)
        }
        let statistics = cache.statistics()
        #expect(statistics.total.hits == 4)
        #expect(statistics.total.misses == 2)
        #expect(statistics.memory.hits == 4)
        #expect(statistics.memory.misses == 2)
        #expect(statistics.loads == 2)
    }

    @Test func whatTheCallAsksForGoesBeforeAHit() async throws {
        let cache = Cache(timeSource: time)
        try await cache.set("a", to: 1)
        time.advance(by: .seconds(10))
        var options = EntryOptions()
        options.maximumAge = .seconds(10)
        #expect(try await cache.value(for: "a", options: options) { 2 } == 1)
        options.maximumAge = .seconds(9)
        #expect(try await cache.value(for: "a", options: options) { 3 } == 3)
        options = EntryOptions()
        options.readPolicy = .bypass
        #expect(try await cache.value(for: "a", options: options) { 4 } == 4)
        options.readPolicy = .refresh
        #expect(try await cache.value(for: "a", options: options) { 5 } == 5)
        options.readPolicy = .onlyIfCached
        #expect(try await cache.value(for: "a", options: options) { 6 } == 5)
        #expect(try await cache.value(for: "a") { "another type" } == "another type")
        cache.close()
        await #expect(throws: CacheError.self) { try await cache.value(for: "a") { 7 } }
    }

    @Test func aHitOfAFunctionBeginsAnEarlyRefresh() async throws {
        let cache = Cache(timeSource: time)
        // So eager that a hit comes due for certain, as good as.
        var options = EntryOptions.timeToLive(.seconds(10))
        options.earlyRefresh = 1e9
        let slow = cache.caching("slow", options: options) { [time] (_: Int) in
            time.advance(by: .seconds(1))
            return 1
        }
        #expect(try await slow(1) == 1)
        #expect(cache.statistics().earlyRefreshes == 0)
        #expect(try await slow(1) == 1)
        #expect(cache.statistics().earlyRefreshes == 1)
    }
}
