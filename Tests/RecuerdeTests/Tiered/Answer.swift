import Recuerde
import RecuerdeTesting
import Synchronization
import Testing

/// Counts how often something ran.
final class Tally: Sendable {
    private let value = Mutex(0)

    @discardableResult
    func add() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }

    var count: Int { value.withLock { $0 } }
}

/// A door that stays shut until a test opens it.
final class Door: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watchers: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { continuation in
            let (opened, ready) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
                if state.isOpen { return (true, []) }
                state.waiting.append(continuation)
                let ready = state.watchers.filter { $0.0 <= state.waiting.count }.map(\.1)
                state.watchers.removeAll { $0.0 <= state.waiting.count }
                return (false, ready)
            }
            if opened { continuation.resume() }
            for watcher in ready { watcher.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when somebody stands before the door.
    func someoneWaits(count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                if state.waiting.count >= count || state.isOpen { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if ready { continuation.resume() }
        }
    }
}

struct LoadFailure: Error, Equatable {
    var text = "x"
}

/// Caches that share a scripted remote tier and a manual clock.
struct Nodes {
    let time = ManualTimeSource()
    let remote: ScriptedRemoteTier

    init(clockOffset: Duration = .zero) {
        remote = ScriptedRemoteTier(timeSource: time, clockOffset: clockOffset)
    }

    func node(_ change: (inout CacheConfiguration) -> Void = { _ in }) -> Cache {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        change(&configuration)
        return Cache(configuration: configuration, remote: remote, timeSource: time)
    }

    func memoryOnly(_ change: (inout CacheConfiguration) -> Void = { _ in }) -> Cache {
        var configuration = CacheConfiguration()
        change(&configuration)
        return Cache(configuration: configuration, timeSource: time)
    }

    static let down = ScriptedRemoteTier.Behaviour.fail(RemoteTierError(.unavailable, "scripted to be down"))

    /// The remote tier is back, and the breaker's pause is over.
    func comeBack() {
        remote.behave(.normal)
        time.advance(by: .seconds(3))
    }

    /// Lets a replay that a successful exchange has started come to its end.
    func settle(_ cache: Cache, _ place: SourceLocation = #_sourceLocation) async {
        // By the clock, since on a busy machine many yields may pass before another thread has its turn.
        let clock = SystemTimeSource()
        let end = clock.now().advanced(by: .seconds(30))
        while cache.statistics().journalDepth > 0, clock.now() < end { await Task.yield() }
        #expect(cache.statistics().journalDepth == 0, sourceLocation: place)
    }
}
