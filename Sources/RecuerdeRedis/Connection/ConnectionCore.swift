import Logging
import NIOCore

/// A place for one connection: the side that lives on the event loop.
///
/// Brings the lifecycle, the queue and the socket together: asks the two machines what to do, and does it.
final class ConnectionCore {
    typealias Item = CommandQueue<PendingReply>.Waiting

    let shared: ClientShared
    let eventLoop: any EventLoop
    let flags: ConnectionFlags
    let fallback: ConnectionSlot?
    /// True for the place that keeps dialing while the server is away, for all or for itself.
    let keepsDialing: Bool
    /// True for a place whose connection is not worth a PING: it is opened again when it is needed.
    let closesWhenIdle: Bool
    /// How many reads, of at most 64 KiB each, are made before the other connections of the loop have their turn.
    let readsPerTurn: UInt
    /// Hears of this place's connections until the end of its life.
    var observer: (any ConnectionObserver)?
    var lifecycle: ConnectionLifecycle
    var queue: CommandQueue<PendingReply>

    /// The usable connection.
    var handler: RedisChannelHandler?
    /// The attempt under way.
    var dial: Dial?
    var retryTimer: Scheduled<Void>?
    /// Those who wait for the outcome of the attempt under way.
    var connectWaiters: [EventLoopPromise<Void>] = []
    /// Set once shutdown has begun.
    var closed: EventLoopPromise<Void>?
    /// The attempt whose connection this side has closed because it had no use for it.
    var closedByUs: Int?
    /// The connection that takes over when the present one has brought all that it owes.
    var successor: (handler: RedisChannelHandler, facts: RedisServerFacts)?
    /// True if something is to be done when no more replies are owed: the end, or the change of connections.
    var isDraining = false
    /// True while writing, and while nothing may be written.
    var isWriting = false
    /// When the peer last sent something.
    var lastByte: Int64 = 0
    var keepAlive: KeepAliveStateMachine?
    var keepAliveTimer: Scheduled<Void>?
    var renewalTimer: Scheduled<Void>?

    /// True once there has been a usable connection.
    var hasBeenOpen = false

    private var lookTimer: Scheduled<Void>?
    private var lookAt = Int64.max
    private var spare: [Item] = []
    private var output = ByteBuffer()
    /// Callers to be resumed when the present read is over.
    private var completions: [PendingReply.Completion] = []
    /// True if one of them holds a reply that takes long to be freed.
    var hasHeavyCompletions = false
    private var freedPlaces = 0
    /// True if so many callers have been resumed since the last drain that more commands than one are to be expected at once.
    private(set) var expectsMany = false

    init(
        shared: ClientShared,
        eventLoop: any EventLoop,
        flags: ConnectionFlags,
        fallback: ConnectionSlot?,
        role: ConnectionRole
    ) {
        self.shared = shared
        self.eventLoop = eventLoop
        self.flags = flags
        self.fallback = fallback
        keepsDialing = role.keepsDialing
        closesWhenIdle = role.closesWhenIdle
        readsPerTurn = role.readsPerTurn
        observer = role.observer
        lifecycle = ConnectionLifecycle(backoff: shared.configuration.backoff)
        queue = CommandQueue(silenceLimit: shared.configuration.silenceLimit.clampedNanoseconds)
    }

    // MARK: Sending

    /// Takes what has been submitted and sends it, or lets it wait for a connection.
    func drain(_ take: (inout [Item]) -> Void) {
        var items: [Item] = []
        swap(&items, &spare)
        expectsMany = false
        take(&items)
        accept(&items)
        items.removeAll(keepingCapacity: true)
        // Unless whoever was resumed on this very loop has come back in here and left one already.
        if spare.isEmpty { swap(&items, &spare) }
    }

    private func accept(_ items: inout [Item]) {
        if lifecycle.isShutDown {
            fail(items, RedisError.shutDown(shared.address, phase: .checking))
            return
        }
        if let fallback, !lifecycle.isConnected {
            fallback.submit(items)
            return
        }
        let earliest = queue.enqueue(contentsOf: &items)
        if lifecycle.isConnected {
            writeWaiting()
        } else {
            demand()
            failHopeless()
        }
        if !queue.isEmpty { look(at: earliest) }
    }

    /// Writes as much as the socket takes; the rest stays here, where it can still be withdrawn.
    func writeWaiting() {
        guard !isWriting, queue.hasWaiting else { return }
        isWriting = true
        defer { isWriting = false }
        let now = ClientShared.now()
        while let handler, handler.isWritable, queue.hasWaiting {
            output.clear()
            let large = queue.takeForWriting(now: now, into: &output, limit: Self.writeChunk, freed: &freedPlaces)
            if let large {
                append(large.first, handler)
                for bytes in large.rest { append(bytes, handler) }
            }
            // May close the connection before it returns; `handler` is looked at again after it.
            handler.writeAndFlush(output)
        }
        if queue.hasWaiting { queue.writingPauses() }
        freePlaces()
    }

    /// A write of this size costs one system call and leaves enough behind to be withdrawn.
    private static let writeChunk = 128 * 1024

    /// Fewer callers are resumed before the first of them can have sent anything.
    private static let many = 64

    /// Above this size, handing a piece on as it is costs less than copying it.
    private static let copied = 16 * 1024

    private func append(_ bytes: ByteBuffer, _ handler: RedisChannelHandler) {
        if bytes.readableBytes <= Self.copied, output.readableBytes < Self.writeChunk {
            output.writeImmutableBuffer(bytes)
            return
        }
        handler.write(output)
        // What has been handed on keeps its memory; clearing would ask for as much again.
        output = ByteBuffer()
        if bytes.readableBytes <= Self.copied { output.writeImmutableBuffer(bytes) } else { handler.write(bytes) }
    }

    // MARK: Receiving

    /// Takes replies. False if nobody asked for one of them.
    func receive(_ values: ArraySlice<RESPValue>) -> Bool {
        var rest = values
        while true {
            rest = rest.dropFirst(queue.deliver(rest, completions: &completions, freed: &freedPlaces))
            guard let unasked = rest.first else { return true }
            guard let observer, let handler, observer.received(reply: unasked, from: handler) else { return false }
            rest = rest.dropFirst()
        }
    }

    /// Takes a push message; those of a connection that is not in use yet, or no longer, tell nobody anything.
    func receive(push elements: [RESPValue], from sender: RedisChannelHandler) {
        shared.configuration.onPush?(elements)
        if let observer, sender === handler { observer.received(push: elements, from: sender) }
    }

    func receivedBytes() {
        lastByte = ClientShared.now()
        queue.receivedBytes(now: lastByte)
    }

    /// The read is over: the callers that have their answers go on, all at once.
    func readComplete() {
        freePlaces()
        resumeCompletions()
        if isDraining { drained() }
    }

    private func drained() {
        if successor != nil {
            if queue.writtenCount == 0 { takeOver() }
        } else if closed != nil, queue.isEmpty {
            handler?.close()
        }
    }

    private func freePlaces() {
        shared.freePlaces(freedPlaces)
        freedPlaces = 0
    }

    private func resumeCompletions() {
        guard !completions.isEmpty else { return }
        // Taken out first: whoever is resumed on this very loop may come back in here.
        var ready: [PendingReply.Completion] = []
        swap(&ready, &completions)
        if ready.count >= Self.many { expectsMany = true }
        for completion in ready { completion.resume() }
        if hasHeavyCompletions {
            hasHeavyCompletions = false
            HeavyReplies.letGo(&ready)
        }
        if completions.isEmpty {
            ready.removeAll(keepingCapacity: true)
            swap(&ready, &completions)
        }
    }

    // MARK: Failing

    func fail(_ items: [Item], _ error: RedisError) {
        for item in items {
            freedPlaces += item.caller.replyCount
            if let completion = item.caller.fail(error) { completions.append(completion) }
        }
        freePlaces()
        resumeCompletions()
    }

    /// Everyone whose command was written and not answered.
    func failWritten(_ error: RedisError) {
        let (callers, places) = queue.failWritten()
        freedPlaces += places
        let error = error.with(mayHaveExecuted: true)
        for caller in callers {
            if let completion = caller.fail(error) { completions.append(completion) }
        }
        freePlaces()
        resumeCompletions()
    }

    /// Those who cannot live to see the next attempt get the reason of the last one now.
    func failHopeless() {
        guard queue.hasWaiting, let (until, reason) = lifecycle.nextAttempt else { return }
        // What has a fallback is sent by that.
        let failsAll = shared.configuration.failsWhileDisconnected && fallback == nil
        fail(failsAll ? queue.takeAllWaiting() : queue.takeWaiting(before: until), reason)
    }

    // MARK: Deadlines

    /// Keeps one timer, for the earliest deadline that is known.
    func look(at moment: Int64) {
        guard moment < lookAt else { return }
        lookTimer?.cancel()
        lookAt = moment
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(clamping: moment))
        lookTimer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.lookIsDue() }
    }

    private func lookIsDue() {
        lookTimer = nil
        lookAt = .max
        let now = ClientShared.now()
        let expiry = queue.expire(now: now)
        freedPlaces += expiry.freedPlaces
        let address = shared.address
        for caller in expiry.written {
            let completion = caller.fail(
                .deadline(caller.name, address: address, phase: .reply, mayHaveExecuted: true)
            )
            if let completion { completions.append(completion) }
        }
        for caller in expiry.waiting {
            // The reason why there is no connection says more than that time is over.
            let completion = caller.fail(
                lifecycle.reason
                    ?? .deadline(
                        caller.name,
                        address: address,
                        phase: lifecycle.isConnected ? .queued : dial?.phase ?? .waiting,
                        mayHaveExecuted: false,
                        missing: dial.map { DialFailure.silence(in: $0.phase, of: shared.configuration.url) }
                    )
            )
            if let completion { completions.append(completion) }
        }
        freePlaces()
        resumeCompletions()
        if expiry.isSilent {
            handler?.abort(
                RedisError(
                    .connectionLost,
                    phase: .reply,
                    message: "\(address) owes replies and has not sent a byte for too long; the connection is replaced"
                )
            )
        }
        // Deadlines that differ by less than a millisecond share a look.
        if let next = expiry.nextLook { look(at: max(next, now + 1_000_000)) }
    }

    // MARK: Shutdown

    func shutDown() -> EventLoopFuture<Void> {
        if let closed { return closed.futureResult }
        let promise = eventLoop.makePromise(of: Void.self)
        closed = promise
        isDraining = true
        retryTimer?.cancel()
        abandonSuccession()
        observer?.willClose()
        if lifecycle.isConnected, !queue.isEmpty {
            let limit = shared.configuration.shutdownTimeout.clampedNanoseconds
            eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(limit)) { self.handler?.close() }
        } else if let handler {
            handler.close()
        } else {
            endOfLife()
        }
        return promise.futureResult
    }

    /// The socket is closed, or there was none; whoever is left here gets to know.
    func endOfLife() {
        lifecycle.shutDown()
        lookAwayFromConnection()
        observer = nil
        lookTimer?.cancel()
        retryTimer?.cancel()
        let error = RedisError.shutDown(shared.address, phase: .waiting)
        failWritten(error)
        fail(queue.takeAllWaiting(), error)
        abandonDial(error)
        closed?.succeed(())
    }
}
