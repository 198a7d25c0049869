import Recuerde
import RecuerdeTesting
import Synchronization

/// A manual clock on which short sleeps are over at once and move the clock, as if the time had passed, and are noted;
/// sleeps of `patience` and more are deadlines, and last until the clock is moved.
final class ImpatientTimeSource: TimeSource {
    static let patience: Duration = .seconds(500)

    let manual = ManualTimeSource()
    private let noted = Mutex<[Duration]>([])

    var pauses: [Duration] {
        noted.withLock { $0 }
    }

    func now() -> MonotonicInstant {
        manual.now()
    }

    func unixTime() -> UnixTime {
        manual.unixTime()
    }

    func sleep(until deadline: MonotonicInstant) async throws {
        let pause = now().duration(to: deadline)
        guard pause < Self.patience else { return try await manual.sleep(until: deadline) }
        try Task.checkCancellation()
        noted.withLock { $0.append(pause) }
        manual.advance(by: pause)
    }
}
