import Synchronization

@testable import RecuerdeRedis

/// Keeps what it is told.
final class RecordingObserver: RedisClientObserver {
    struct Record: Sendable {
        var started = 0
        var ended: [(operation: RedisOperation, end: RedisOperationEnd, number: Int)] = []
        var repetitions: [RedisRepetition] = []
        var changes: [RedisConnectionChange] = []
    }

    private let storage = Mutex(Record())

    var record: Record { storage.withLock { $0 } }

    func operationStarted(_ operation: RedisOperation) -> Int {
        storage.withLock { record in
            record.started += 1
            return record.started
        }
    }

    func operationEnded(_ operation: RedisOperation, _ end: RedisOperationEnd, _ context: Int) {
        storage.withLock { $0.ended.append((operation, end, context)) }
    }

    func repeated(_ repetition: RedisRepetition) {
        storage.withLock { $0.repetitions.append(repetition) }
    }

    func connectionChanged(_ change: RedisConnectionChange) {
        storage.withLock { $0.changes.append(change) }
    }
}
