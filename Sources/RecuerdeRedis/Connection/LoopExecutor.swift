import NIOCore
import Synchronization

/// Runs tasks on the event loop of one connection.
///
/// Jobs gather under a lock as commands do in a ``ConnectionSlot``, and one closure runs all that have gathered. What they
/// submit meanwhile is written when the last of them has run, so that tasks which go on together share a write.
final class LoopExecutor: TaskExecutor {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var isScheduled = false
    }

    private let eventLoop: any EventLoop
    private let inbox = Mutex(Inbox())
    private let run: NIOLoopBoundBox<Run>

    /// Belongs to the loop.
    private struct Run {
        var isRunning = false
        /// Called once, when the jobs have run.
        var whenOver: (() -> Void)?
        var spare: [UnownedJob] = []
    }

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        run = NIOLoopBoundBox.makeBoxSendingValue(Run(), eventLoop: eventLoop)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let schedules = inbox.withLock { inbox in
            inbox.jobs.append(job)
            if inbox.isScheduled { return false }
            inbox.isScheduled = true
            return true
        }
        if schedules { eventLoop.execute { self.runJobs() } }
    }

    /// To be called on the loop. If jobs are running, does something when they have run, and returns true.
    func afterJobs(_ action: @escaping () -> Void) -> Bool {
        guard run.value.isRunning else { return false }
        run.value.whenOver = action
        return true
    }

    private func runJobs() {
        var jobs: [UnownedJob] = []
        swap(&jobs, &run.value.spare)
        inbox.withLock { inbox in
            // The two arrays take turns, so that none is allocated.
            swap(&inbox.jobs, &jobs)
            inbox.isScheduled = false
        }
        run.value.isRunning = true
        let executor = asUnownedTaskExecutor()
        for job in jobs { job.runSynchronously(on: executor) }
        run.value.isRunning = false
        jobs.removeAll(keepingCapacity: true)
        swap(&jobs, &run.value.spare)
        if let action = run.value.whenOver.take() { action() }
    }
}
