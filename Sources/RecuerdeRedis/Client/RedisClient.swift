public import Logging
public import NIOCore
public import NIOPosix
import Synchronization

/// A client of one Redis or Valkey server: many tasks share few connections.
///
/// Commands of all tasks are written together and answered in order, so there is no pool to run out of. A connection
/// is opened by the first command that needs it (or by `connect()`), and reopened by itself, for as long as it takes.
/// Nothing has to be run; `shutdown()` ends the client, and so does letting go of it.
///
/// A command goes over the connection that the hash of its key chooses. While that one is not open, another one takes
/// its place. MGET, DEL, UNLINK, EXISTS and TOUCH with keys of several connections are sent as one command for each, at the
/// same time, and their replies are put together; they are not atomic then. If a part fails, the whole fails with the first
/// failure in the order of the keys, once all parts have ended, and the error says that the command may have been executed if
/// another part of a write was. Over a lane that the caller names, and in a pipeline, they go whole.
///
/// Large and blocking commands have connections of their own; see ``RedisLane``. Every command has a deadline
/// that holds in every phase. Cancelling a task ends its wait at once and harms no other: the reply that comes later is
/// dropped.
public final class RedisClient: Sendable {
    let shared: ClientShared
    private let slots: [ConnectionSlot]
    /// One for each slot, or none.
    let tracking: [TrackingObserver]
    private let bulk: Lane?
    private let blocking: Lane
    private let bulkThreshold: Int
    /// True if there are several connections for keys, and nobody above divides commands.
    private let dividesCommands: Bool
    let subscriptions: SubscriptionRegistry
    /// Nil if nobody listens, or the client that this one belongs to reports.
    let observer: (any RedisClientObserver)?
    private let isShutDown = Atomic<Bool>(false)

    /// Makes a client; opens no connection.
    ///
    /// - Parameters:
    ///   - configuration: the server, and how to speak to it.
    ///   - eventLoopGroup: where connections live; it must outlive the client.
    ///   - logger: receives debug and trace events, and one warning if the server is a cluster node.
    ///   - onStateChange: called once for each change of `state.status`, in order, on any thread; must not block.
    public init(
        configuration: RedisConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger,
        onStateChange: (@Sendable (RedisClientState) -> Void)? = nil
    ) {
        let configuration = configuration.withTrackingHub()
        let shared = ClientShared(configuration: configuration, logger: logger, onStateChange: onStateChange)
        var allLoops = Array(eventLoopGroup.makeIterator())
        if allLoops.isEmpty { allLoops.append(eventLoopGroup.next()) }
        let loops = Array(allLoops.prefix(max(1, configuration.maximumConnections)))
        let laneLoops = LaneLoops.order(allLoops, usual: loops.count)
        var slots: [ConnectionSlot] = []
        var tracking: [TrackingObserver] = []
        for loop in loops {
            let observer = configuration.tracking.map { settings in
                TrackingObserver(connection: slots.count, of: loops.count, configuration: settings, shared: shared)
            }
            if let observer { tracking.append(observer) }
            slots.append(
                ConnectionSlot(
                    shared: shared,
                    eventLoop: loop,
                    fallback: slots.first,
                    role: ConnectionRole(observer: observer)
                )
            )
        }
        self.shared = shared
        self.slots = slots
        self.tracking = tracking
        observer = configuration.recorder == nil ? configuration.observer : nil
        // Connections beside the usual ones are made when they are needed; the places cost nothing.
        let beside = shared.derived()
        bulk =
            configuration.maximumBulkConnections > 0
            ? Lane(.bulk, limit: configuration.maximumBulkConnections, shared: beside, loops: laneLoops) : nil
        blocking = Lane(.blocking, limit: configuration.maximumBlockingConnections, shared: beside, loops: laneLoops)
        bulkThreshold = bulk == nil ? .max : configuration.bulkThreshold
        dividesCommands = slots.count > 1 && configuration.dividesCommands
        subscriptions = SubscriptionRegistry(.server(shared, loops))
    }

    deinit {
        // After a shutdown there is nothing to do, and the event loops may be gone.
        guard !isShutDown.load(ordering: .relaxed) else { return }
        for slot in slots { _ = slot.shutDown() }
        _ = endOthers()
    }

    /// Whether there is a connection, since when, to what, and what went wrong last.
    public var state: RedisClientState { shared.tracker.state }

    /// The configuration as given.
    public var configuration: RedisConfiguration { shared.configuration }

    /// Commands whose place is taken, over the usual connections and those of the lanes: queued, written, or waiting for
    /// another attempt.
    public var commandsInFlight: Int { shared.placesTaken + blocking.placesTaken }

    /// Bytes of the commands in flight that are larger than 4096 bytes, over all connections, and 4096 more for each of them.
    public var bytesInFlight: Int { shared.bytesTaken }

    /// What the client has done and has in hand. Costs a few atomic reads.
    public var figures: RedisClientFigures { shared.recorder.figures(commandsInFlight: commandsInFlight) }

    /// Makes one attempt to connect, or shares the one under way.
    ///
    /// - Throws: `RedisError` that says why not, after `connectTimeout` at the latest. The client goes on trying.
    public func connect() async throws {
        guard !isShutDown.load(ordering: .relaxed) else {
            throw RedisError.shutDown(shared.address, phase: .checking)
        }
        try await firstSlot.connect().get()
        // What is not open cannot be tracked: the first read of a key should not be lost to that.
        if shared.configuration.tracking != nil { for slot in slots.dropFirst() { slot.demandConnection() } }
    }

    /// Begins an attempt to connect without waiting for the end of a pause between attempts. Commands wait for it.
    func dialNow() {
        guard !isShutDown.load(ordering: .relaxed) else { return }
        _ = firstSlot.connect()
    }

    /// Refuses new commands, lets those in flight finish within `shutdownTimeout`, and closes. May be called again.
    public func shutdown() async {
        isShutDown.store(true, ordering: .relaxed)
        let futures = slots.map { $0.shutDown() } + endOthers()
        for future in futures { try? await future.get() }
        shared.tracker.shutDown()
    }

    /// Ends what the client has beside its usual connections.
    private func endOthers() -> [EventLoopFuture<Void>] {
        (bulk?.shutDown() ?? []) + blocking.shutDown() + subscriptions.shutDown()
    }

    // MARK: Commands

    /// Sends a command and returns its reply.
    ///
    /// - Parameters:
    ///   - command: what to send.
    ///   - timeout: until when the reply must be there; `commandTimeout` if nil.
    /// - Throws: `RedisError`, also for an error reply; `CancellationError` if the task is cancelled.
    public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws -> RESPValue {
        if let observer { return try await sendObserved(command, timeout: timeout, by: observer) }
        return try await sendUnobserved(command, timeout: timeout)
    }

    @inline(__always)
    func sendUnobserved(_ command: RedisCommand, timeout: Duration?) async throws -> RESPValue {
        // What touches keys of several connections is divided; see `RedisClient+Division.swift`.
        if dividesCommands, command.mayBeDivided, let split = CommandSplit(command, connections: slots.count) {
            return try await send(split, timeout: timeout)
        }
        return try await sendUndivided(command, timeout: timeout)
    }

    @inline(__always)
    func sendUndivided(_ command: RedisCommand, timeout: Duration?) async throws -> RESPValue {
        if command.isBlocking { return try await sendUnobserved(command, timeout: timeout, lane: .blocking) }
        // Tracking binds a key to its connection.
        if command.encoded.readableBytes > bulkThreshold, command.slot == nil || shared.configuration.tracking == nil {
            return try await sendUnobserved(command, timeout: timeout, lane: .bulk)
        }
        return try await sendByKey(command, timeout: timeout)
    }

    @inline(__always)
    func sendByKey(_ command: RedisCommand, timeout: Duration?) async throws -> RESPValue {
        try await sendRepeatedly(command, timeout: timeout, over: nil)
    }

    /// Sends a command, and again as long as the policy for retries says so.
    ///
    /// - Parameter lane: whose connection carries it; nil: that of the key. Known where this is inlined, so that nothing
    ///   is left of the question.
    @inline(__always)
    func sendRepeatedly(_ command: RedisCommand, timeout: Duration?, over lane: Lane?) async throws -> RESPValue {
        try check(command)
        try command.checkSharing()
        let deadline = deadline(timeout)
        var retry: RetryStateMachine?
        while true {
            do {
                let value: RESPValue
                if let lane {
                    value = try await lane.send(command, deadline: deadline)
                } else {
                    let pending = try pendingReply(
                        command.name,
                        count: 1,
                        bytes: command.encoded.readableBytes,
                        deadline: deadline
                    )
                    value = try await reply(to: command, for: pending)
                }
                if case .error(let error) = value { throw RedisError(reply: error) }
                if retry != nil { shared.retries.succeeded(&retry) }
                return value
            } catch let error as RedisError {
                try await shared.retries.next(
                    after: error,
                    &retry,
                    subject: .init(
                        // A command that blocks takes what it finds: without an answer nobody knows whether it has.
                        isRepeatable: command.isRepeatable && lane?.isExclusive != true,
                        rediscovers: false,
                        deadline: deadline
                    ),
                    pause: { until in
                        try await (lane?.shared ?? shared).pause(
                            until: until,
                            for: CallSize(command),
                            after: error,
                            beside: lane != nil
                        )
                    }
                )
            }
        }
    }

    /// Submits a command to the connection of its key, and waits.
    @inline(__always)
    func reply(to command: RedisCommand, for pending: PendingReply) async throws -> RESPValue {
        try await withTaskCancellationHandler {
            // Unchecked, because `PendingReply` decides under a lock who resumes it; see there.
            try await withUnsafeThrowingContinuation { (continuation: PendingReply.Single) in
                guard pending.attach(continuation) else {
                    shared.freePlaces(1)
                    continuation.resume(throwing: CancellationError())
                    return
                }
                slot(for: command.slot).submit(.init(caller: pending, first: command.encoded))
            }
        } onCancel: {
            pending.cancel()
        }
    }

    /// Sends commands over one connection, in order and in as few writes as possible, and returns their replies in
    /// order.
    ///
    /// Other tasks' commands may come between them, unless MULTI and EXEC are among them. More than 4096 commands are sent in parts,
    /// so that memory stays bounded. The connection is chosen by the first command that has a key.
    ///
    /// - Parameters:
    ///   - commands: what to send, in order.
    ///   - timeout: for all of them together; `commandTimeout` if nil.
    /// - Returns: one result for each command. When the connection or the deadline is lost half-way, the commands
    ///   without a reply have that failure.
    /// - Throws: `RedisError` if nothing was sent; `CancellationError` if the task is cancelled.
    public func pipeline(
        _ commands: [RedisCommand],
        timeout: Duration? = nil
    ) async throws -> [Result<RESPValue, RedisError>] {
        if let observer { return try await pipelineObserved(commands, timeout: timeout, by: observer) }
        return try await pipelineUnobserved(commands, timeout: timeout)
    }

    func pipelineUnobserved(
        _ commands: [RedisCommand],
        timeout: Duration?
    ) async throws -> [Result<RESPValue, RedisError>] {
        for command in commands { try check(command) }
        try RedisCommand.checkSharing(commands, limit: partSize)
        let deadline = deadline(timeout)
        var retry: RetryStateMachine?
        // What an attempt has brought is not lost with the next one.
        var answered: [Result<RESPValue, RedisError>]?
        while true {
            let failure: RedisError
            do {
                let results = try await sendOnce(commands, deadline: deadline)
                guard let error = PipelineRetry.failure(in: results, of: commands, rediscovers: false) else {
                    shared.retries.succeeded(&retry)
                    return results
                }
                answered = results
                failure = error
            } catch let error as RedisError {
                failure = error
            }
            do {
                try await shared.retries.next(
                    after: failure,
                    &retry,
                    subject: .init(
                        isRepeatable: true,
                        rediscovers: false,
                        deadline: deadline,
                        weight: commands.count
                    ),
                    pause: { until in
                        let call = CallSize(commands, of: shared.configuration)
                        try await shared.pause(until: until, for: call, after: failure)
                    }
                )
            } catch let error as RedisError {
                guard let answered else { throw error }
                return answered
            }
        }
    }

    private func sendOnce(_ commands: [RedisCommand], deadline: Int64) async throws -> [Result<RESPValue, RedisError>] {
        let routing = commands.lazy.compactMap(\.slot).first
        if commands.count <= partSize {
            return try await sendPart(commands[...], routing: routing, deadline: deadline)
        }
        var results: [Result<RESPValue, RedisError>] = []
        results.reserveCapacity(commands.count)
        var rest = commands[...]
        while !rest.isEmpty {
            let part = rest.prefix(partSize)
            rest = rest.dropFirst(partSize)
            do {
                results += try await sendPart(part, routing: routing, deadline: deadline)
            } catch let error as RedisError where !results.isEmpty {
                results += Array(repeating: .failure(error), count: part.count + rest.count)
                return results
            }
        }
        return results
    }

    private func sendPart(
        _ commands: ArraySlice<RedisCommand>,
        routing: UInt16?,
        deadline: Int64
    ) async throws -> [Result<RESPValue, RedisError>] {
        guard let first = commands.first else { return [] }
        let bytes = commands.reduce(0) { $0 &+ $1.encoded.readableBytes }
        let pending = try pendingReply(first.name, count: commands.count, bytes: bytes, deadline: deadline)
        let (head, rest) = Self.joined(commands, first, bytes: bytes)
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (continuation: PendingReply.Many) in
                guard pending.attach(continuation) else {
                    shared.freePlaces(commands.count)
                    continuation.resume(throwing: CancellationError())
                    return
                }
                slot(for: routing).submit(.init(caller: pending, first: head, rest: rest))
            }
        } onCancel: {
            pending.cancel()
        }
    }

    /// Small commands are put together here, on the caller's thread, so that the event loop has one piece to write.
    private static func joined(
        _ commands: ArraySlice<RedisCommand>,
        _ first: RedisCommand,
        bytes: Int
    ) -> (first: ByteBuffer, rest: [ByteBuffer]) {
        guard commands.count > 1 else { return (first.encoded, []) }
        guard bytes <= 64 * 1024 else { return (first.encoded, commands.dropFirst().map { $0.encoded }) }
        var whole = ByteBufferAllocator().buffer(capacity: bytes)
        for command in commands { whole.writeImmutableBuffer(command.encoded) }
        return (whole, [])
    }

    /// How many commands are sent at once.
    private var partSize: Int { shared.configuration.commandsAtOnce }

    // MARK: Before sending

    func check(_ command: RedisCommand) throws(RedisError) {
        guard let fault = command.fault else { return }
        let what =
            switch fault {
            case .emptyName: "a command has no name"
            case .argumentTooLong: "\(command.name) has more than the 512 MiB of arguments that Redis takes"
            case .argumentMiscounted: "\(command.name) has an argument whose length is not what it says"
            }
        throw RedisError(.invalidCommand, phase: .checking, message: what)
    }

    func deadline(_ timeout: Duration?) -> Int64 {
        let (sum, overflow) = ClientShared.now()
            .addingReportingOverflow(timeout?.clampedNanoseconds ?? shared.commandTimeout)
        return overflow ? .max : sum
    }

    /// Takes places in the queues for a command or a pipeline; they are freed when its last reply has come.
    private func pendingReply(
        _ name: String,
        count: Int,
        bytes: Int,
        deadline: Int64
    ) throws(RedisError) -> PendingReply {
        if isShutDown.load(ordering: .relaxed) { throw RedisError.shutDown(shared.address, phase: .checking) }
        return try shared.admit(name, count: count, bytes: bytes, deadline: deadline)
    }

    /// The same for a command of the client's own.
    func ownReply(_ name: String, deadline: Int64) throws(RedisError) -> PendingReply {
        if isShutDown.load(ordering: .relaxed) { throw RedisError.shutDown(shared.address, phase: .checking) }
        return shared.admitOwn(name, deadline: deadline)
    }

    /// Does something with the tracking of each connection, on its loop.
    func forEachTracked(_ body: @escaping @Sendable (TrackingObserver) -> Void) {
        for (slot, observer) in zip(slots, tracking) { slot.eventLoop.execute { body(observer) } }
    }

    func executor(forSlot keySlot: UInt16) -> LoopExecutor { slots[Int(keySlot) % slots.count].executor }

    private var firstSlot: ConnectionSlot { slots[0] }

    var connectionCount: Int { slots.count }

    /// Commands that have got to their connection, written or not; for tests.
    func commandsWithConnections() async -> Int {
        var count = 0
        for slot in slots {
            count += (try? await slot.eventLoop.submit { slot.onLoop.queue.count }.get()) ?? 0
        }
        return count
    }

    /// The connections of a lane; nil for those that keys choose.
    func lane(_ lane: RedisLane) -> Lane? {
        switch lane {
        case .bulk: bulk
        case .blocking: blocking
        default: nil
        }
    }

    /// The connection of a key; while it is not open, one that is.
    func slot(for keySlot: UInt16?) -> ConnectionSlot {
        let preferred = slots[Int(keySlot ?? 0) % slots.count]
        if preferred.isConnected || slots.count == 1 { return preferred }
        guard let open = slots.first(where: \.isConnected) else { return firstSlot }
        preferred.demandConnection()
        return open
    }
}
