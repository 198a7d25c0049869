#if RECUERDE_SANITIZE
    #if canImport(Darwin)
        import Darwin
    #elseif canImport(Musl)
        import Musl
    #else
        import Glibc
    #endif

    /// Whether locks do not lock, so that `scripts/sanitize` sees that the sanitizer is awake.
    private enum SeededRace {
        static let isOn = getenv("RECUERDE_SEEDED_RACE") != nil
    }

    /// Takes the place of `Synchronization.Mutex` in a build for the thread sanitizer (`scripts/sanitize`), and in no other.
    ///
    /// On Linux that one is made of atomics and a futex, which the sanitizer does not see as a lock: it would report each step under it as a
    /// race. It knows the locks of pthreads. A declaration of the module itself goes before an imported one, so nobody has to name this;
    /// `RecuerdeTesting` and the tests each have it too, by a link to this file.
    struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
        // Sendable: both addresses never change; what lies at the one is touched under the lock at the other only, and goes with it
        // when the one owner (`~Copyable`) ends.
        private let value: UnsafeMutablePointer<Value>
        private let lock: UnsafeMutablePointer<pthread_mutex_t>

        init(_ initialValue: consuming sending Value) {
            value = .allocate(capacity: 1)
            value.initialize(to: initialValue)
            lock = .allocate(capacity: 1)
            lock.initialize(to: pthread_mutex_t())
            pthread_mutex_init(lock, nil)
        }

        deinit {
            pthread_mutex_destroy(lock)
            lock.deinitialize(count: 1)
            lock.deallocate()
            value.deinitialize(count: 1)
            value.deallocate()
        }

        borrowing func withLock<Result: ~Copyable, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            if !SeededRace.isOn { pthread_mutex_lock(lock) }
            defer { if !SeededRace.isOn { pthread_mutex_unlock(lock) } }
            nonisolated(unsafe) let value = value
            return try body(&value.pointee)
        }

        borrowing func withLockIfAvailable<Result: ~Copyable, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result? {
            guard SeededRace.isOn || pthread_mutex_trylock(lock) == 0 else { return nil }
            defer { if !SeededRace.isOn { pthread_mutex_unlock(lock) } }
            nonisolated(unsafe) let value = value
            return try body(&value.pointee)
        }
    }
#endif
