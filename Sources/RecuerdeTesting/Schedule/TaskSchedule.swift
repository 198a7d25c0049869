#if os(Linux)
    import Glibc
    import Synchronization

    /// Runs tasks one step at a time on the calling thread, in an order that the caller chooses.
    ///
    /// A step is what a task does between two points at which the runtime may let others go first; a suspension is one or two of them. Within ``run(_:)``, every step that becomes ready on this thread goes to
    /// a list instead of the threads of the concurrency runtime, and ``step(_:)`` carries one out: so code that was written for many
    /// threads goes through an interleaving that a test picks, and the same one again whenever it picks the same.
    ///
    /// What it cannot see: steps that other threads make ready (timers of the system, `Task.sleep`, servers). Code under
    /// it takes its time from a `ManualTimeSource`, and blocks on nothing. Actors have their own order of steps and are run as part
    /// of it. Other threads, and the tasks on them, go on as ever.
    ///
    /// It takes the place of the runtime's hook for ready steps, `swift_task_enqueueGlobal_hook`, while at least one runs.
    public final class TaskSchedule {
        /// Steps that are ready, in the order in which they became so.
        private var ready: [UnownedJob] = []
        /// How many steps have been carried out.
        public private(set) var steps = 0

        private init() {}

        /// How many steps are ready.
        public var count: Int { ready.count }

        /// Carries out the step at `index` of those that are ready, the oldest being the first.
        public func step(_ index: Int = 0) {
            guard ready.indices.contains(index) else { return }
            let job = ready.remove(at: index)
            steps += 1
            job.runSynchronously(on: Place.shared.asUnownedTaskExecutor())
        }

        /// Carries out steps until none is ready, or `limit` of them were; true where none is. `choose` is told how many are ready.
        @discardableResult
        public func drain(limit: Int = .max, choose: (Int) -> Int = { _ in 0 }) -> Bool {
            var left = limit
            while !ready.isEmpty {
                guard left > 0 else { return false }
                left -= 1
                step(ready.count == 1 ? 0 : choose(ready.count))
            }
            return true
        }

        /// Calls `body` with a schedule for the tasks that it starts. What is still ready afterwards is carried out, oldest first; a task that
        /// waits for something that never comes is left behind.
        ///
        /// - Throws: What `body` throws; ``TestingError`` where the runtime has no such hook, or a schedule runs on this thread already.
        public static func run<Result>(_ body: (TaskSchedule) throws -> Result) throws -> Result {
            guard let hook = RuntimeHook.shared else {
                throw TestingError("this runtime has no hook for steps that become ready")
            }
            guard hook.current == nil else { throw TestingError("a schedule runs on this thread already") }
            let schedule = TaskSchedule()
            hook.install(schedule)
            defer {
                schedule.drain(limit: 1_000_000)
                hook.remove()
            }
            return try body(schedule)
        }

        fileprivate func add(_ job: UnownedJob) {
            ready.append(job)
        }

        /// What steps are told that they run on. A task that yields comes back by way of it, and not of the hook.
        private final class Place: TaskExecutor {
            static let shared = Place()

            func enqueue(_ job: consuming ExecutorJob) {
                let job = UnownedJob(job)
                if let schedule = RuntimeHook.shared?.current {
                    schedule.add(job)
                } else {
                    // Left over from a schedule that has ended, and resumed by another thread.
                    job.runSynchronously(on: asUnownedTaskExecutor())
                }
            }
        }
    }

    /// The place in the runtime where whoever wants to know of steps that become ready leaves a function.
    private struct RuntimeHook: Sendable {
        typealias Original = @convention(thin) (UnownedJob) -> Void
        typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

        private struct Users {
            var count = 0
            var previous: Hook?
        }

        static let shared = RuntimeHook()
        private static let users = Mutex(Users())

        /// The address of the runtime's variable, which stays where it is.
        private let slot: UInt
        private let key: pthread_key_t

        private init?() {
            guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook") else { return nil }
            var key = pthread_key_t()
            guard pthread_key_create(&key, nil) == 0 else { return nil }
            self.slot = UInt(bitPattern: symbol)
            self.key = key
        }

        /// The schedule of this thread.
        var current: TaskSchedule? {
            pthread_getspecific(key).map { Unmanaged<TaskSchedule>.fromOpaque($0).takeUnretainedValue() }
        }

        private var place: UnsafeMutablePointer<Hook?>? { UnsafeMutablePointer(bitPattern: slot) }

        func install(_ schedule: TaskSchedule) {
            pthread_setspecific(key, Unmanaged.passUnretained(schedule).toOpaque())
            Self.users.withLock { users in
                users.count += 1
                guard users.count == 1 else { return }
                users.previous = place?.pointee
                place?.pointee = { job, original in
                    guard let schedule = RuntimeHook.shared?.current else { return original(job) }
                    schedule.add(job)
                }
            }
        }

        func remove() {
            Self.users.withLock { users in
                users.count -= 1
                if users.count == 0 { place?.pointee = users.previous }
            }
            pthread_setspecific(key, nil)
        }
    }
#endif
