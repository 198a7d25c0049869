import Recuerde
import Synchronization

/// The keys whose responses are being made by requests of this middleware.
final class Makers: Sendable {
    private let counts = Mutex<[CacheKey: Int]>([:])

    func contains(_ key: CacheKey) -> Bool {
        counts.withLock { $0[key] != nil }
    }

    func enter(_ key: CacheKey) {
        counts.withLock { $0[key, default: 0] += 1 }
    }

    func leave(_ key: CacheKey) {
        counts.withLock { counts in
            let count = counts[key, default: 1] - 1
            counts[key] = count > 0 ? count : nil
        }
    }
}
