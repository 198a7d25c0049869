import Logging
import NIOCore
import Synchronization

/// The sentinels: their clients, what is wrong with them, and how those that were not listened to come to be.
extension SentinelCore {
    /// The clients of sentinels that are there.
    var sentinelClients: Int { state.withLock { $0.sentinels.count } }

    /// What was wrong with sentinels when they were last asked or connected to.
    var sentinelFaults: [Endpoint: RedisError] { state.withLock { $0.faults } }

    /// Notes that a sentinel does not answer.
    func note(failure: RedisError, of sentinel: Endpoint) {
        // One that was listened to anew while it was asked over its former connection has done nothing wrong.
        guard failure.code != .shutDown else { return }
        state.withLock { $0.faults[sentinel] = failure }
    }

    /// Notes that a sentinel answers.
    ///
    /// - Parameter others: what it has to say against naming the others, if it does not.
    func noteAnswer(of sentinel: Endpoint, others: RedisError? = nil) {
        state.withLock { state in
            // Of the link that is there now: another one may have taken the place of the one that was asked.
            state.faults[sentinel] = state.sentinels[sentinel]?.presentDeafness ?? others
        }
    }

    /// Connects to a sentinel, over whose one connection it is asked and listened to. One that does not let itself be listened
    /// to is only asked: it names the master as well as any, and what it would announce is found out by the loss of the
    /// connection to the master, or by READONLY.
    ///
    /// - Returns: nil after the end.
    /// - Throws: `RedisError` that says why there is no connection.
    func reach(_ sentinel: Endpoint) async throws -> SentinelLink? {
        guard let link = link(to: sentinel) else { return nil }
        do {
            try await link.client.connect()
            return link
        } catch {
            guard link.listens, let refusal = link.refusal.error else { throw error }
            guard let deaf = install(sentinel, deafness: refusal, insteadOf: link) else { return nil }
            await link.client.shutdown()
            sayDeaf(refusal)
            try await deaf.client.connect()
            return deaf
        }
    }

    private func sayDeaf(_ refusal: RedisError) {
        guard notices.deafToSentinels.isFirst() else { return }
        logger.notice(
            "redis_sentinel_deaf",
            metadata: [
                "recuerde.redis.reason": "\(refusal.message)",
                "recuerde.redis.advice":
                    "a failover is noticed by the loss of the master only, until the right is given",
            ]
        )
    }

    // MARK: Clients

    private func link(to sentinel: Endpoint) -> SentinelLink? {
        state.withLock { state in
            guard !state.isShutDown else { return nil }
            if let link = state.sentinels[sentinel] { return link }
            let link = makeLink(sentinel, deafness: nil, &state)
            state.sentinels[sentinel] = link
            return link
        }
    }

    /// Puts another link in the place of one. Nil if that is no longer there.
    private func install(
        _ sentinel: Endpoint,
        deafness: RedisError?,
        insteadOf former: SentinelLink
    ) -> SentinelLink? {
        state.withLock { state in
            guard !state.isShutDown, state.sentinels[sentinel]?.number == former.number else { return nil }
            let link = makeLink(sentinel, deafness: deafness, &state)
            state.sentinels[sentinel] = link
            return link
        }
    }

    private func makeLink(_ sentinel: Endpoint, deafness: RedisError?, _ state: inout State) -> SentinelLink {
        var settings = RedisConfiguration(
            url: RedisURL(
                scheme: configuration.url.tls ? .rediss : .redis,
                endpoints: [sentinel],
                database: 0,
                username: configuration.url.sentinelCredentials?.username,
                password: configuration.url.sentinelCredentials?.password,
                socketPath: nil
            )
        )
        settings.maximumConnections = 1
        settings.credentials = configuration.sentinelCredentials
        // One that does not answer must not keep the others from being asked.
        settings.connectTimeout = min(configuration.connectTimeout, .seconds(1))
        settings.silenceLimit = configuration.silenceLimit
        // A connection that is only listened to falls silent for good without anybody's noticing.
        settings.keepAlive = configuration.keepAlive
        // Sentinels throw out nobody for the memory that a client takes.
        settings.protectsFromEviction = false
        settings.shutdownTimeout = .milliseconds(100)
        settings.maximumReplyBytes = 1024 * 1024
        settings.clientName = configuration.clientName
        settings.tls = configuration.tls
        settings.backoff = configuration.backoff
        settings.random = configuration.random
        settings.resolver = configuration.resolver
        settings.retry = .never
        settings.notices = notices
        let refusal = SentinelLink.Refusal()
        if deafness == nil {
            settings.handshakeSteps = [SentinelReplies.subscription(sentinel) { refusal.note($0) }]
        }
        settings.onPush = { [weak self] in self?.heard($0) }
        state.links &+= 1
        return SentinelLink(
            endpoint: sentinel,
            client: RedisClient(configuration: settings, eventLoopGroup: group, logger: logger),
            deafness: deafness,
            refusal: refusal,
            number: state.links
        )
    }

    // MARK: Listening

    /// Connects to all sentinels that are known, for the sake of what they announce. Those that are away are tried again by
    /// their clients, those that do not let themselves be listened to from time to time.
    func openSubscriptions() async {
        let missing = state.withLock { state in state.machine.sentinels.filter { state.sentinels[$0] == nil } }
        await withTaskGroup(of: Void.self) { group in
            for sentinel in missing {
                group.addTask {
                    do {
                        if try await self.reach(sentinel) != nil { self.noteAnswer(of: sentinel) }
                    } catch let error as RedisError {
                        self.note(failure: error, of: sentinel)
                    } catch {
                        // Cancelled: the client is being shut down.
                    }
                }
            }
        }
        state.withLock { state in
            guard !state.isShutDown, !state.isListeningAgain, !state.deafLinks.isEmpty else { return }
            state.isListeningAgain = true
            start(&state) { core in await core.listenAgain() }
        }
    }

    /// Tries from time to time to listen to those that have refused it: the right may have been given meanwhile. Ends when there
    /// are none any more.
    private func listenAgain() async {
        let pause = min(max(configuration.keepAlive ?? .seconds(30), .milliseconds(100)), .seconds(30))
        while true {
            try? await Task.sleep(for: pause)
            let deaf = state.withLock { state in
                let deaf = state.isShutDown || Task.isCancelled ? [] : state.deafLinks
                state.isListeningAgain = !deaf.isEmpty
                return deaf
            }
            guard !deaf.isEmpty else { return }
            for link in deaf { await listenAgain(insteadOf: link) }
        }
    }

    private func listenAgain(insteadOf link: SentinelLink) async {
        let attempt: SentinelLink? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            let attempt = makeLink(link.endpoint, deafness: nil, &state)
            state.trial = attempt
            return attempt
        }
        guard let attempt else { return }
        let isHeard = (try? await attempt.client.connect()) != nil
        let unused = state.withLock { state in
            state.trial = nil
            guard isHeard, !state.isShutDown, state.sentinels[link.endpoint]?.number == link.number else {
                return attempt
            }
            state.sentinels[link.endpoint] = attempt
            state.faults[link.endpoint] = nil
            return link
        }
        await unused.client.shutdown()
    }
}
