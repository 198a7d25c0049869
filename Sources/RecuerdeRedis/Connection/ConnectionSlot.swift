import NIOCore
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension PendingReply: QueuedCaller {}

/// A place for one connection: the side that any thread may call.
///
/// Callers put commands into a queue under a lock; the first one since the last drain asks the event loop to drain it.
/// While the loop is busy with that, more gather, and go out in one write.
final class ConnectionSlot: Sendable {
    typealias Item = CommandQueue<PendingReply>.Waiting

    private struct Inbox {
        var items: [Item] = []
        var isScheduled = false
    }

    let eventLoop: any EventLoop
    /// For tasks that want to run where their connection lives.
    let executor: LoopExecutor
    private let inbox = Mutex(Inbox())
    private let core: NIOLoopBoundBox<ConnectionCore>
    private let flags: ConnectionFlags

    /// - Parameter fallback: where commands go that this slot holds and cannot send; nil for the first slot, which
    ///   alone keeps dialing while the server is away.
    init(
        shared: ClientShared,
        eventLoop: any EventLoop,
        fallback: ConnectionSlot?,
        role: ConnectionRole = ConnectionRole()
    ) {
        var role = role
        if fallback != nil { role.keepsDialing = false }
        self.eventLoop = eventLoop
        executor = LoopExecutor(eventLoop: eventLoop)
        let flags = ConnectionFlags()
        self.flags = flags
        core = NIOLoopBoundBox.makeBoxSendingValue(
            ConnectionCore(shared: shared, eventLoop: eventLoop, flags: flags, fallback: fallback, role: role),
            eventLoop: eventLoop
        )
    }

    /// A hint: it may change at any moment. Whoever finds it false finds all done that was done before the end of the
    /// connection: that it is no longer tracked.
    var isConnected: Bool { flags.isConnected.load(ordering: .acquiring) }

    func submit(_ item: Item) {
        let schedules = inbox.withLock { inbox in
            inbox.items.append(item)
            if inbox.isScheduled { return false }
            inbox.isScheduled = true
            return true
        }
        if schedules { schedule() }
    }

    func submit(_ items: [Item]) {
        guard !items.isEmpty else { return }
        let schedules = inbox.withLock { inbox in
            inbox.items.append(contentsOf: items)
            if inbox.isScheduled { return false }
            inbox.isScheduled = true
            return true
        }
        if schedules { schedule() }
    }

    private func schedule() {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.drain() } }
        // Other tasks may be about to send on this very loop: they share the write.
        if !executor.afterJobs({ self.drain() }) { drain() }
    }

    private func drain() {
        if core.value.expectsMany { gather() }
        core.value.drain { spare in
            inbox.withLock { inbox in
                // The two arrays take turns, so that none is allocated for a drain.
                swap(&inbox.items, &spare)
                inbox.isScheduled = false
            }
        }
    }

    /// Many callers have just got their answers, and whoever goes on at once has something to send: the first of them has
    /// brought this loop here while the others wait for a processor. Letting them have this one makes one write of what would
    /// be several, for the server too. Once only: where other programs want the processor as well, each time costs the loop its
    /// turn. Where there are processors to spare, it returns at once.
    private func gather() {
        if inbox.withLock({ $0.items.count }) < Self.enough { sched_yield() }
    }

    /// So many commands are worth a write of their own.
    private static let enough = 32

    /// Asks for a connection if none was asked for since the last one ended.
    func demandConnection() {
        guard !flags.isDemanded.exchange(true, ordering: .relaxed) else { return }
        eventLoop.execute { self.core.value.demand() }
    }

    /// One attempt now; the future fails with its `RedisError`.
    func connect() -> EventLoopFuture<Void> {
        eventLoop.flatSubmit { self.core.value.connectNow() }
    }

    /// Lets commands in flight finish within the limit, and closes.
    func shutDown() -> EventLoopFuture<Void> {
        eventLoop.flatSubmit { self.core.value.shutDown() }
    }

    /// Ends the present connection; see `ConnectionCore.reset()`.
    ///
    /// - Parameter body: runs on the loop just before. What is submitted from then on goes over the next connection, because
    ///   it is drained after the end of this one.
    func reset(_ body: @escaping @Sendable () -> Void) {
        eventLoop.execute {
            body()
            self.core.value.reset()
        }
    }

    /// The loop-confined side; to be called on the loop only.
    var onLoop: ConnectionCore { core.value }
}

/// What a place for a connection is for.
struct ConnectionRole: Sendable {
    /// Keeps dialing while the server is away. A place with a fallback never does.
    var keepsDialing = true
    /// Closes its connection when nobody has used it for the time of `keepAlive`.
    var closesWhenIdle = false
    /// How many reads, of at most 64 KiB each, are made before the other connections of the loop have their turn.
    var readsPerTurn: UInt = 16
    /// Hears of the connections.
    var observer: (any ConnectionObserver)?
}

/// What the two sides of a slot tell each other without a lock.
final class ConnectionFlags: Sendable {
    let isConnected = Atomic<Bool>(false)
    let isDemanded = Atomic<Bool>(false)
}
