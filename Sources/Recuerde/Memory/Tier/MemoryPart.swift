import Synchronization

/// A shard behind its lock, at a place of its own.
///
/// Not an object: each use would count a reference to it, which is two more atomic steps for a hit, at one place for all threads.
/// It lies on lines of its own, so that threads at two shards do not fight over one.
struct MemoryPart: @unchecked Sendable {
    // Sendable: the address never changes, what lies there is a lock, and the tier that made it, through which alone others get at it, ends
    // it in its own `deinit`, when nobody is left.
    private let place: UnsafeMutablePointer<Mutex<MemoryShard>>

    init(_ shard: consuming sending MemoryShard) {
        // Two lines, since the processor fetches them in pairs.
        place = UnsafeMutableRawPointer.allocate(
            byteCount: (MemoryLayout<Mutex<MemoryShard>>.size + 127) & ~127,
            alignment: 128
        ).bindMemory(to: Mutex<MemoryShard>.self, capacity: 1)
        place.initialize(to: Mutex(shard))
    }

    /// Ends the shard. Nobody may use this part after it.
    func end() {
        place.deinitialize(count: 1)
        place.deallocate()
    }

    @inline(__always)
    func withLock<Result: ~Copyable>(_ body: (inout sending MemoryShard) -> sending Result) -> sending Result {
        place.pointee.withLock(body)
    }

    /// Nil where somebody else has the lock.
    func withLockIfAvailable<Result>(_ body: (inout sending MemoryShard) -> sending Result) -> sending Result? {
        place.pointee.withLockIfAvailable(body)
    }
}

extension MemoryPart: Equatable {
    static func == (lhs: MemoryPart, rhs: MemoryPart) -> Bool {
        lhs.place == rhs.place
    }
}
