import Logging
import NIOCore

/// Looking after a connection that is open: signs of life, and its age.
extension ConnectionCore {
    /// What is said at the end of the handshake.
    func handshakeSteps() -> [HandshakeStep] {
        var steps: [HandshakeStep] = []
        if shared.configuration.protectsFromEviction {
            // A server that does not know it, or a user who may not, is no reason to go without a connection.
            steps.append(
                HandshakeStep(RedisCommand("CLIENT", "NO-EVICT", "ON", key: nil)) { [shared] reply in
                    if let error = reply.serverError { shared.noEvictWasRefused(error) }
                    return nil
                }
            )
        }
        steps += shared.configuration.handshakeSteps
        steps += observer?.handshakeSteps() ?? []
        return steps
    }

    /// Starts the timers of a connection that has just become usable, and tells the observer of it.
    func lookAfter(_ handler: RedisChannelHandler, _ facts: RedisServerFacts) {
        let now = ClientShared.now()
        lastByte = now
        if let age = shared.configuration.maximumAge {
            let random = shared.configuration.random()
            renew(in: ConnectionAge.limit(maximum: age.clampedNanoseconds, random: random))
        }
        observer?.opened(handler, facts: facts)
        // Unless whoever has heard of it has closed it at once.
        if self.handler === handler { watch(from: now) }
    }

    private func watch(from now: Int64) {
        keepAliveTimer?.cancel()
        keepAliveTimer = nil
        let interval = shared.configuration.keepAlive?.clampedNanoseconds
        let pace = observer?.probePace
        guard interval != nil || pace != nil else { return }
        var machine = KeepAliveStateMachine(
            interval: interval,
            pace: pace,
            answerLimit: shared.configuration.pingTimeout
        )
        let first = machine.opened(now: now)
        keepAlive = machine
        lookForLife(at: first)
    }

    /// The connection is gone.
    func lookAwayFromConnection() {
        keepAliveTimer?.cancel()
        keepAliveTimer = nil
        keepAlive = nil
        renewalTimer?.cancel()
        renewalTimer = nil
        observer?.closed()
    }

    // MARK: Signs of life

    private func lookForLife(at moment: Int64) {
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(clamping: moment))
        keepAliveTimer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.lookForLife() }
    }

    private func lookForLife() {
        keepAliveTimer = nil
        guard let handler, closed == nil else { return }
        let now = ClientShared.now()
        // Who listens may want it faster than when the connection was opened.
        if let pace = observer?.probePace { keepAlive?.follow(pace, now: now) }
        let action = keepAlive?.looked(
            now: now,
            lastByte: lastByte,
            isOwed: queue.owes(now: now),
            isPaused: observer?.isPaused ?? false
        )
        switch action {
        case .look(let moment):
            lookForLife(at: moment)
        case .ping(let moment):
            if closesWhenIdle, queue.isEmpty {
                endByChoice(handler, idleEnd)
                return
            }
            lookForLife(at: moment)
            ask(handler, now: now)
        case .replace:
            let seconds = Double(shared.configuration.pingTimeout) / 1e9
            handler.abort(
                RedisError(
                    .connectionLost,
                    phase: .reply,
                    message: "\(shared.address) has not answered PING within \(seconds) s; the connection is replaced"
                )
            )
        case nil:
            break
        }
    }

    private var idleEnd: RedisError {
        RedisError(
            .connectionLost,
            phase: .waiting,
            message: "a connection to \(shared.address) that nobody used was closed"
        )
    }

    /// Asks for a sign of life: by PING, for whose reply nobody waits (that it comes, or any other byte, is what counts), or by
    /// what the observer wants to know.
    private func ask(_ handler: RedisChannelHandler, now: Int64) {
        let ping = RedisCommand("PING", key: nil)
        if observer?.ownsReplies == true {
            handler.writeAndFlush(ping.encoded)
            return
        }
        let questions = observer?.probe() ?? []
        var bytes = questions.first?.encoded ?? ping.encoded
        for question in questions.dropFirst() { bytes.writeImmutableBuffer(question.encoded) }
        let deadline = now &+ shared.configuration.pingTimeout
        let caller = PendingReply(name: ping.name, replyCount: max(1, questions.count), deadline: deadline)
        if !questions.isEmpty {
            let core = NIOLoopBound(self, eventLoop: eventLoop)
            let attempt = handler.attempt
            caller.attach { core.value.answered($0, to: attempt, askedAt: now) }
        }
        for _ in 0..<caller.replyCount { shared.addPlace() }
        queue.enqueue(.init(caller: caller, first: bytes))
        writeWaiting()
        look(at: deadline)
    }

    /// The replies to what the observer wanted to know, or why there are none.
    private func answered(_ replies: [Result<RESPValue, RedisError>], to attempt: Int, askedAt: Int64) {
        let isAnswered = replies.allSatisfy { reply in
            if case .failure(let error) = reply { error.code == .server } else { true }
        }
        guard isAnswered, let handler, handler.attempt == attempt else { return }
        keepAlive?.answered()
        if let fault = observer?.answered(replies, sentBefore: max(0, ClientShared.now() &- askedAt)) {
            handler.abort(fault)
        } else if observer?.probePace == nil {
            keepAlive?.stopPace()
        }
    }

    /// Ends the connection because a command on it is of no use any more and cannot be taken back.
    func reset() {
        guard let handler else { return }
        endByChoice(
            handler,
            RedisError(
                .connectionLost,
                phase: .reply,
                message: "the connection to \(shared.address) was closed to end a blocking command nobody waits for"
            )
        )
    }

    /// Closes a connection that this side has no use for, which says nothing against the server.
    private func endByChoice(_ handler: RedisChannelHandler, _ reason: RedisError) {
        closedByUs = handler.attempt
        handler.abort(reason)
    }

    // MARK: Age

    private func renew(in nanoseconds: Int64) {
        renewalTimer?.cancel()
        renewalTimer = eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(nanoseconds)) { self.renewalIsDue() }
    }

    private func renewalIsDue() {
        renewalTimer = nil
        guard closed == nil, let handler else { return }
        perform(lifecycle.renewalIsDue(handler.attempt))
    }

    /// The next connection is usable. It takes over when the present one has brought all that it owes; until then
    /// nothing new is written, so that the order of replies stays one.
    func prepareSuccession(_ handler: RedisChannelHandler, _ facts: RedisServerFacts) {
        dial?.timer?.cancel()
        dial = nil
        guard closed == nil, self.handler != nil else {
            handler.close()
            return
        }
        successor = (handler, facts)
        isDraining = true
        isWriting = true
        if queue.writtenCount == 0 {
            takeOver()
            return
        }
        // One that does not drain in time stays: commands must not wait for a change of which they know nothing.
        let limit = TimeAmount.nanoseconds(shared.configuration.pingTimeout)
        renewalTimer = eventLoop.assumeIsolated().scheduleTask(in: limit) { self.abandonSuccession() }
    }

    func takeOver() {
        guard let (next, facts) = successor else { return }
        successor = nil
        isDraining = closed != nil
        isWriting = false
        guard lifecycle.renewed(next.attempt, now: ClientShared.now()) else {
            next.close()
            return
        }
        let old = handler
        lookAwayFromConnection()
        handler = next
        next.isReady = true
        shared.tracker.renewed(facts)
        if old != nil { countClosed(nil) }
        countOpened()
        shared.logger.debug("redis_connection_renewed", metadata: ["recuerde.redis.address": "\(shared.address)"])
        lookAfter(next, facts)
        old?.retire()
        writeWaiting()
    }

    /// The present connection stays; another attempt is made later.
    func abandonSuccession() {
        guard let (next, _) = successor else { return }
        successor = nil
        isDraining = closed != nil
        isWriting = false
        _ = lifecycle.renewalFailed(next.attempt)
        next.close()
        renewLater()
        writeWaiting()
    }

    func renewLater() {
        guard closed == nil, handler != nil else { return }
        renew(in: max(1, shared.configuration.backoff.cap.clampedNanoseconds))
    }
}
