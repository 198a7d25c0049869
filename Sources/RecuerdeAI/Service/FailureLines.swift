import Recuerde
import Synchronization

/// Lets one line a minute through for each way in which the provider fails, and counts what it held back: a lasting
/// fault would otherwise write one for every question.
final class FailureLines: Sendable {
    static let interval: Duration = .seconds(60)

    private struct Line {
        var next: MonotonicInstant
        var held = 0
    }

    /// Bounded, since codes are few.
    private let lines = Mutex<[ProviderError.Code: Line]>([:])

    /// How many were held back since the last line; nil where this one is to be held back too.
    func admit(_ code: ProviderError.Code, now: MonotonicInstant) -> Int? {
        lines.withLock { lines in
            if let line = lines[code], now < line.next {
                lines[code]?.held += 1
                return nil
            }
            let held = lines[code]?.held ?? 0
            lines[code] = Line(next: now.advanced(by: Self.interval))
            return held
        }
    }
}
