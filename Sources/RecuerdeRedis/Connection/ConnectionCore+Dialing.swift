import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Connecting: credentials, certificates, socket, handshake; and what follows from success and failure.
extension ConnectionCore {
    /// Somebody wants to send.
    func demand() {
        perform(lifecycle.demanded(now: ClientShared.now()))
    }

    /// One attempt now, shared by all who ask while it runs.
    func connectNow() -> EventLoopFuture<Void> {
        if lifecycle.isConnected { return eventLoop.makeSucceededVoidFuture() }
        if lifecycle.isShutDown || closed != nil {
            return eventLoop.makeFailedFuture(RedisError.shutDown(shared.address, phase: .checking))
        }
        let promise = eventLoop.makePromise(of: Void.self)
        connectWaiters.append(promise)
        perform(lifecycle.demandedNow())
        return promise.futureResult
    }

    func perform(_ action: ConnectionLifecycle.DemandAction) {
        if case .retry(let moment) = action { retry(at: moment) }
        guard case .dial(let attempt) = action else { return }
        retryTimer?.cancel()
        retryTimer = nil
        let dial = Dial(attempt: attempt)
        self.dial = dial
        let limit = shared.configuration.connectTimeout.clampedNanoseconds
        dial.timer = eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(limit)) { self.timedOut(dial) }
        shared.logger.trace("redis_dial", metadata: ["recuerde.redis.address": "\(shared.address)"])
        askForCredentials(dial)
    }

    private func isCurrent(_ dial: Dial) -> Bool { self.dial === dial }

    private func askForCredentials(_ dial: Dial) {
        guard let provider = shared.configuration.credentials else {
            dial.credentials = shared.configuration.url.credentials
            loadCertificates(dial)
            return
        }
        dial.phase = .credentials
        let promise = eventLoop.makePromise(of: RedisCredentials.self)
        // Owned by the attempt, which awaits its answer here, and cancels it when the attempt is over.
        dial.credentialsTask = promise.completeWithTask { try await provider() }
        promise.futureResult.assumeIsolated().whenComplete { result in
            guard self.isCurrent(dial) else { return }
            switch result {
            case .success(let credentials):
                dial.credentials = credentials
                self.loadCertificates(dial)
            case .failure(let error):
                // The type only: what a provider writes into its errors is not known to be free of secrets.
                self.failed(
                    dial,
                    RedisError(
                        .authenticationFailed,
                        phase: .credentials,
                        message: "the credentials provider for \(self.shared.address) failed with \(type(of: error))"
                    )
                )
            }
        }
    }

    private func loadCertificates(_ dial: Dial) {
        guard shared.configuration.url.tls else {
            openSocket(dial, tls: nil)
            return
        }
        dial.phase = .tls
        let settings = shared.configuration.tls
        // Reading files blocks; and reading them each time makes renewed certificates count.
        let future = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            try TLSContext.checkName(settings)
            return try TLSContext.make(settings)
        }
        future.assumeIsolated().whenComplete { result in
            guard self.isCurrent(dial) else { return }
            switch result {
            case .success(let context):
                self.openSocket(dial, tls: context)
            case .failure(let error):
                self.failed(dial, error as? RedisError ?? TLSContext.unusable("the TLS settings are unusable"))
            }
        }
    }

    private func openSocket(_ dial: Dial, tls: NIOSSLContext?) {
        dial.phase = .connecting
        let url = shared.configuration.url
        let serverName = TLSContext.serverName(shared.configuration)
        let attempt = dial.attempt
        let core = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.nanoseconds(shared.configuration.connectTimeout.clampedNanoseconds))
            .channelOption(.writeBufferWaterMark, value: .init(low: 256 * 1024, high: 512 * 1024))
            .channelOption(.maxMessagesPerRead, value: readsPerTurn)
            .resolver(shared.configuration.resolver?(eventLoop))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: serverName)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    let handler = RedisChannelHandler(core: core.value, attempt: attempt)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        let future: EventLoopFuture<any Channel>
        if let path = url.socketPath {
            future = bootstrap.connect(unixDomainSocketPath: path)
        } else {
            // The name is looked up by each attempt anew: a server that has moved is found.
            future = SocketTuning.apply(bootstrap, shared.configuration).connect(host: url.host, port: url.port)
        }
        future.assumeIsolated().whenComplete { result in
            guard self.isCurrent(dial) else { return }
            switch result {
            case .success(let channel):
                dial.channel = channel
                if tls != nil, dial.phase == .connecting { dial.phase = .tls }
            case .failure(let error):
                self.closed(attempt: attempt, error: error)
            }
        }
    }

    // MARK: Events of the socket

    /// The socket is open. Returns what is to be written first, or nil if nobody waits for it any more.
    func opened(attempt: Int, channel: any Channel) -> [RedisCommand]? {
        guard let dial, dial.attempt == attempt else { return nil }
        dial.channel = channel
        dial.phase = shared.configuration.url.tls ? .tls : .handshake
        let url = shared.configuration.url
        var handshake = Handshake(
            .init(
                credentials: dial.credentials,
                database: url.database,
                clientName: shared.configuration.clientName,
                address: shared.address,
                steps: handshakeSteps()
            )
        )
        let commands = handshake.start()
        dial.handshake = handshake
        return commands
    }

    func secured(attempt: Int) {
        guard let dial, dial.attempt == attempt else { return }
        dial.phase = .handshake
    }

    /// A reply to the handshake. Returns what is to be written next.
    func receivedInHandshake(_ reply: RESPValue, from handler: RedisChannelHandler) -> [RedisCommand] {
        guard let dial, dial.attempt == handler.attempt, let action = dial.handshake?.received(reply) else {
            handler.close()
            return []
        }
        switch action {
        case .send(let commands):
            return commands
        case .wait:
            return []
        case .fail(let error):
            failed(dial, error)
            return []
        case .done(let facts):
            succeeded(dial, facts, handler)
            return []
        }
    }

    private func succeeded(_ dial: Dial, _ facts: RedisServerFacts, _ handler: RedisChannelHandler) {
        if lifecycle.isRenewal(dial.attempt) {
            prepareSuccession(handler, facts)
            return
        }
        guard lifecycle.dialSucceeded(dial.attempt, now: ClientShared.now()) else {
            handler.close()
            return
        }
        dial.timer?.cancel()
        self.dial = nil
        self.handler = handler
        handler.isReady = true
        flags.isConnected.store(true, ordering: .releasing)
        if facts.protocolVersion < 3 { shared.sayOldProtocol(facts) }
        if facts.isClusterNode, !shared.configuration.url.scheme.isCluster { shared.warnOfCluster() }
        shared.logger.debug(
            "redis_connection_open",
            metadata: ["recuerde.redis.address": "\(shared.address)"]
        )
        // After the flag, so that whoever hears of it here finds the connection open; see `RedisTrackingEvent`.
        lookAfter(handler, facts)
        shared.tracker.connected(facts)
        countOpened()
        resumeConnectWaiters(.success(()))
        writeWaiting()
    }

    /// The socket is closed, or could not be opened.
    func closed(attempt: Int, error: (any Error)?) {
        if let dial, dial.attempt == attempt {
            let reason = DialFailure(address: shared.address, phase: dial.phase, usesTLS: shared.configuration.url.tls)
                .describe(error)
            if dial.phase == .tls, reason.code == .tls, DialFailure.isAboutCertificate(error) {
                explainCertificate(dial, otherwise: reason)
            } else {
                failed(dial, reason)
            }
        } else if handler?.attempt == attempt {
            lost(attempt: attempt, error: error)
        } else if successor?.handler.attempt == attempt {
            abandonSuccession()
        }
    }

    private func lost(attempt: Int, error: (any Error)?) {
        // Before the flag, so that no command goes another way while this connection counts as open.
        lookAwayFromConnection()
        handler = nil
        flags.isConnected.store(false, ordering: .releasing)
        let reason =
            error as? RedisError
            ?? RedisError(
                .connectionLost,
                phase: .reply,
                message: "the connection to \(shared.address) is gone: "
                    + (error.map(DialFailure.words) ?? "the server closed it")
            )
        shared.logger.debug(
            "redis_connection_closed",
            metadata: ["recuerde.redis.address": "\(shared.address)", "recuerde.redis.reason": "\(reason.message)"]
        )
        // Closed by this side, for a reason of its own or at its end, it is not lost.
        let isByUs = closedByUs == attempt || (closed != nil && error == nil)
        closedByUs = nil
        countClosed(isByUs ? nil : reason)
        if successor != nil, closed == nil {
            failWritten(reason)
            flags.isConnected.store(true, ordering: .releasing)
            takeOver()
            return
        }
        let now = ClientShared.now()
        let random = shared.configuration.random()
        var action = ConnectionLifecycle.EndAction.ignore
        if isByUs {
            lifecycle.closedByUs(attempt, now: now)
        } else {
            action = lifecycle.connectionLost(attempt, reason: reason, now: now, random: random)
        }
        if closed != nil {
            endOfLife()
            return
        }
        shared.tracker.connectionLost(reason)
        failWritten(reason)
        if isByUs { goOnAfterOwnEnd() } else { follow(action) }
    }

    /// There is nothing to wait for: whoever came meanwhile gets the next connection at once.
    private func goOnAfterOwnEnd() {
        if queue.hasWaiting { demand() } else { flags.isDemanded.store(false, ordering: .relaxed) }
    }

    private func timedOut(_ dial: Dial) {
        guard isCurrent(dial) else { return }
        let what = DialFailure.silence(in: dial.phase, of: shared.configuration.url)
        failed(
            dial,
            RedisError(
                dial.phase == .tls ? .tls : .connectFailed,
                phase: dial.phase,
                message: "connecting to \(shared.address) timed out: \(what)"
            )
        )
    }

    private func failed(_ dial: Dial, _ error: RedisError) {
        guard isCurrent(dial) else { return }
        shared.logger.debug(
            "redis_dial_failed",
            metadata: ["recuerde.redis.address": "\(shared.address)", "recuerde.redis.reason": "\(error.message)"]
        )
        if lifecycle.renewalFailed(dial.attempt) {
            abandonDial(error)
            renewLater()
            return
        }
        let now = ClientShared.now()
        let random = shared.configuration.random()
        let action = lifecycle.dialFailed(dial.attempt, reason: error, now: now, random: random)
        shared.tracker.dialFailed(error)
        abandonDial(error)
        follow(action)
    }

    /// Forgets the attempt under way.
    func abandonDial(_ error: RedisError) {
        let dial = self.dial
        self.dial = nil
        dial?.timer?.cancel()
        dial?.credentialsTask?.cancel()
        dial?.channel?.close(promise: nil)
        resumeConnectWaiters(.failure(error))
    }

    private func resumeConnectWaiters(_ result: Result<Void, any Error>) {
        let waiters = connectWaiters
        connectWaiters = []
        for waiter in waiters { waiter.completeWith(result) }
    }

    private func follow(_ action: ConnectionLifecycle.EndAction) {
        guard case .retry(let moment) = action else {
            if let fallback { fallback.submit(queue.takeAllWaiting()) }
            return
        }
        // What another connection can still carry is not hopeless.
        if let fallback { fallback.submit(queue.takeAllWaiting()) } else { failHopeless() }
        retry(at: moment)
    }

    private func retry(at moment: Int64) {
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(clamping: moment))
        retryTimer?.cancel()
        retryTimer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.retryIsDue() }
    }

    private func retryIsDue() {
        retryTimer = nil
        guard closed == nil else { return }
        // The first connection keeps trying for all; the others only while there is a server to talk to.
        let isNeeded = keepsDialing || queue.hasWaiting || (fallback != nil && shared.tracker.isConnected)
        let action = lifecycle.retryIsDue(
            now: max(ClientShared.now(), lifecycle.nextAttempt?.at ?? 0),
            isNeeded: isNeeded
        )
        if !isNeeded { flags.isDemanded.store(false, ordering: .relaxed) }
        perform(action)
    }

    // MARK: Certificates

    /// BoringSSL only says that the certificate does not verify. To say why, the server is asked for it once more on a
    /// connection that accepts nothing and sends nothing.
    private func explainCertificate(_ dial: Dial, otherwise: RedisError) {
        let configuration = shared.configuration
        CertificateProbe.reason(configuration, eventLoop: eventLoop).assumeIsolated().whenComplete { result in
            guard self.isCurrent(dial) else { return }
            guard case .success(let reason?) = result else { return self.failed(dial, otherwise) }
            self.failed(dial, RedisError(.tls, phase: .tls, message: "\(otherwise.message): \(reason)"))
        }
    }
}
