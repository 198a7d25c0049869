import Logging
import NIOCore
import Synchronization

/// The side of a sentinel client that lives on while searches run: asks the machine what to do, and does it.
///
/// Its tasks are kept in `State.tasks`: one for each search (of which there is one at a time), for opening subscriptions, and
/// for each former master that finishes its commands. Each ends by itself, and all are cancelled and awaited by `shutDown`.
final class SentinelCore: Sendable {
    typealias Endpoint = RedisURL.Endpoint

    /// A server that is, was or may become the master, with the client of it.
    struct Server: Sendable {
        let endpoint: Endpoint
        let client: RedisClient
        /// Tells clients of the same server apart.
        let number: UInt64
    }

    struct State {
        var machine: SentinelStateMachine
        var sentinels: [Endpoint: SentinelLink] = [:]
        var links: UInt64 = 0
        /// What was wrong with sentinels when they were last asked or connected to.
        var faults: [Endpoint: RedisError] = [:]
        /// Listens in the hope that the right has been given.
        var trial: SentinelLink?
        var isListeningAgain = false
        var master: Server?
        /// The server that is being proved.
        var candidate: Server?
        var servers: UInt64 = 0
        var tasks: [UInt64: Task<Void, Never>] = [:]
        var nextTask: UInt64 = 0
        var isShutDown = false

        /// Those that have refused to be listened to.
        var deafLinks: [SentinelLink] { sentinels.values.filter { !$0.listens } }
    }

    let configuration: RedisConfiguration
    let masterName: String
    let retries: RetryGate
    let tracker: ClientStateTracker
    let recorder: ClientRecorder
    /// Changes when a master is found, a round has failed or something was announced.
    let changes: ChangeSignal

    /// The caps for all masters together, and for those who wait for one.
    let inFlight: InFlight
    /// What the log says once about the sentinels.
    let notices = ClientNotices()
    let group: any EventLoopGroup
    let logger: Logger
    private let masterNotices = ClientNotices()
    private let commands: Commands
    let state: Mutex<State>
    /// The owner is to be told of a connection that has not been lost since. Held while that is noted, so that a connection and
    /// its loss, which come from different threads, are told in their order; not while it is told. Taken before `state`, never
    /// within it.
    private let isTold = Mutex(false)

    /// Shares a counter between closures.
    final class Commands: Sendable {
        let count = Atomic<UInt32>(0)
    }

    init(
        configuration: RedisConfiguration,
        masterName: String,
        group: any EventLoopGroup,
        logger: Logger,
        onStateChange: (@Sendable (RedisClientState) -> Void)?
    ) {
        self.configuration = configuration
        self.masterName = masterName
        self.group = group
        self.logger = logger
        tracker = ClientStateTracker(onChange: onStateChange)
        let recorder = ClientRecorder(observer: configuration.observer)
        self.recorder = recorder
        inFlight = InFlight(configuration)
        changes = ChangeSignal(eventLoop: group.next())
        let commands = Commands()
        self.commands = commands
        retries = RetryGate(
            policy: configuration.retry,
            random: configuration.random,
            commands: { commands.count.load(ordering: .relaxed) },
            recorder: recorder
        )
        state = Mutex(
            State(
                machine: SentinelStateMachine(
                    sentinels: configuration.url.endpoints,
                    masterName: masterName,
                    backoff: configuration.backoff
                )
            )
        )
    }

    // MARK: For commands

    func count(_ commands: Int) {
        self.commands.count.wrappingAdd(UInt32(truncatingIfNeeded: commands), ordering: .relaxed)
    }

    /// The present master; nil while none is known.
    var master: Server? { state.withLock { $0.master } }

    /// The sentinels that are asked, the first one first.
    var sentinels: [Endpoint] { state.withLock { $0.machine.sentinels } }

    /// Lets a call wait within the caps; see `InFlight`.
    func seat(for call: CallSize, after error: RedisError?) throws(RedisError) -> InFlight.Seat {
        try inFlight.seat(for: call, at: configuration.url.address, after: error)
    }

    /// The present master, or the first one to be found before the deadline.
    ///
    /// - Throws: `RedisError` that says why there is none, or that too many wait already; `CancellationError` if the task is
    ///   cancelled.
    func master(by deadline: Int64, for call: @autoclosure () -> CallSize) async throws -> Server {
        var seat: InFlight.Seat?
        defer { withExtendedLifetime(seat) {} }
        while true {
            let number = changes.number
            let (master, reason, isLasting, isShutDown) = state.withLock { state in
                let lasting = state.machine.lastingReason
                return (state.master, lasting ?? state.machine.reason, lasting != nil, state.isShutDown)
            }
            guard !isShutDown else { throw RedisError.shutDown(configuration.url.address, phase: .checking) }
            if let master { return master }
            if isLasting || ClientShared.now() >= deadline { throw noMaster(reason) }
            demand()
            if seat == nil { seat = try self.seat(for: call(), after: reason) }
            await changes.wait(after: number, until: deadline)
            try Task.checkCancellation()
        }
    }

    private func noMaster(_ reason: RedisError?) -> RedisError {
        let what = "the sentinels \(configuration.url.address) have led to no master '\(masterName)'"
        return RedisError(
            reason?.code ?? .connectFailed,
            serverCode: reason?.serverCode,
            phase: reason?.phase ?? .connecting,
            message: reason.map { "\(what): \($0.message)" } ?? "\(what) within the deadline: none has answered"
        )
    }

    /// A command has failed on a server: does that speak against its being the master?
    func failed(_ error: RedisError, on server: Server) {
        let isDemoted = error.code == .server && error.serverCode == "READONLY"
        guard isDemoted || [.connectionLost, .connectFailed].contains(error.code) else { return }
        doubt(server, unlessConnected: !isDemoted)
    }

    /// The client of a former master ends, which to the caller, whose own client lives on, is the loss of a connection.
    func explained(_ error: RedisError, of server: Server) -> RedisError {
        guard error.code == .shutDown, !state.withLock({ $0.isShutDown }) else { return error }
        return RedisError(
            .connectionLost,
            phase: error.phase,
            mayHaveExecuted: error.mayHaveExecuted,
            message: "\(server.endpoint) is no longer the master, and the connection to it was closed"
        )
    }

    private func doubt(_ server: Server, unlessConnected: Bool) {
        // One of several connections says little about a server that answers on the others.
        if unlessConnected, server.client.state.isConnected { return }
        let searches = state.withLock { state in
            guard state.master?.number == server.number else { return false }
            return state.machine.masterDoubted(server.endpoint)
        }
        if searches { demand() }
    }

    // MARK: Searching

    /// Begins a search unless one is under way.
    func demand() {
        begin { machine in machine.demanded(now: ClientShared.now()) }
    }

    private func begin(_ event: (inout SentinelStateMachine) -> SentinelStateMachine.Action) {
        state.withLock { state in
            guard !state.isShutDown else { return }
            switch event(&state.machine) {
            case .none, .settled: return
            case let action: start(&state) { core in await core.search(action) }
            }
        }
    }

    /// Runs something in a task of its own, which is forgotten when it ends.
    func start(_ state: inout State, _ body: @escaping @Sendable (SentinelCore) async -> Void) {
        state.nextTask &+= 1
        let id = state.nextTask
        state.tasks[id] = Task {
            await body(self)
            self.state.withLock { _ = $0.tasks.removeValue(forKey: id) }
        }
    }

    private func search(_ first: SentinelStateMachine.Action) async {
        var action = first
        // A task that was cancelled before it began opens nothing.
        while !Task.isCancelled {
            switch action {
            case .ask(let sentinel):
                action = await ask(sentinel)
            case .prove(let endpoint):
                action = await prove(endpoint)
            case .pause(let until):
                let number = changes.number
                let (reason, hasMaster) = state.withLock { ($0.machine.reason, $0.master != nil) }
                if !hasMaster { tracker.dialFailed(noMaster(reason)) }
                // Those who wait look whether the round has failed for good.
                changes.change()
                if !state.withLock({ $0.machine.hasAnnouncement }) {
                    await pause(after: number &+ 1, until: until)
                }
                action = state.withLock { $0.machine.pauseEnded(now: ClientShared.now()) }
            case .settled:
                changes.change()
                await openSubscriptions()
                return
            case .none:
                return
            }
        }
    }

    /// Waits until a moment or an announcement; other changes do not end it.
    private func pause(after number: UInt64, until moment: Int64) async {
        var number = number
        while ClientShared.now() < moment, !Task.isCancelled, !state.withLock({ $0.machine.hasAnnouncement }) {
            await changes.wait(after: number, until: moment)
            number = changes.number
        }
    }

    private func ask(_ sentinel: Endpoint) async -> SentinelStateMachine.Action {
        let timeout = min(configuration.connectTimeout, .seconds(1))
        let questions = [
            SentinelReplies.masterAddress(masterName), SentinelReplies.otherSentinels(masterName),
        ]
        var failure: RedisError
        do {
            // One attempt: a sentinel that refuses is passed over at once.
            guard let link = try await reach(sentinel) else { return .none }
            let replies = try await link.client.pipeline(questions, timeout: timeout)
            let reply = try SentinelReplies.explained(replies.first ?? .success(.null), sentinel).get()
            let others = replies.count == 2 ? replies[1] : .success(.null)
            if case .success(let others) = others {
                _ = state.withLock { $0.machine.learned(SentinelReplies.sentinels(others)) }
            }
            noteAnswer(of: sentinel, others: SentinelReplies.unnamedOthers(others, sentinel))
            let random = configuration.random()
            let now = ClientShared.now()
            if reply.isNull {
                return state.withLock { $0.machine.unknown(by: sentinel, now: now, random: random) }
            }
            if let endpoint = SentinelReplies.address(reply) {
                return state.withLock { $0.machine.named(endpoint, by: sentinel, now: now, random: random) }
            }
            failure = RedisError(
                .protocolViolation,
                phase: .reply,
                message: "the sentinel at \(sentinel) answered with something that is no address"
            )
        } catch {
            failure =
                error as? RedisError
                ?? RedisError(.connectFailed, phase: .connecting, message: "the question to \(sentinel) was cancelled")
        }
        note(failure: failure, of: sentinel)
        let random = configuration.random()
        return state.withLock {
            $0.machine.unreachable(sentinel, failure, now: ClientShared.now(), random: random)
        }
    }

    private func prove(_ endpoint: Endpoint) async -> SentinelStateMachine.Action {
        let found: Server? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            if let master = state.master, master.endpoint == endpoint {
                state.candidate = master
                return master
            }
            state.servers &+= 1
            let server = makeServer(endpoint, number: state.servers)
            state.candidate = server
            return server
        }
        guard let server = found else { return .none }
        do {
            try await server.client.connect()
            // A connection that has stood for a while showed its role long ago.
            let role = try await server.client.sendOwn(
                RedisCommand("ROLE", key: nil),
                timeout: configuration.connectTimeout
            )
            if let fault = SentinelReplies.fault(inRole: role, of: endpoint) { throw fault }
        } catch {
            let failure =
                error as? RedisError
                ?? RedisError(.connectFailed, phase: .connecting, message: "proving \(endpoint) was cancelled")
            return await refute(server, failure)
        }
        let (former, action): (Server?, SentinelStateMachine.Action) = state.withLock { state in
            state.candidate = nil
            guard !state.isShutDown else { return (server, .none) }
            let action = state.machine.proved(endpoint)
            guard state.master?.number != server.number else { return (nil, action) }
            defer { state.master = server }
            return (state.master, action)
        }
        logger.debug("redis_master_proved", metadata: ["recuerde.redis.address": "\(endpoint)"])
        changes.change()
        tell(server)
        if let former { retire(former) }
        return action
    }

    private func refute(_ server: Server, _ failure: RedisError) async -> SentinelStateMachine.Action {
        logger.debug(
            "redis_master_refuted",
            metadata: ["recuerde.redis.address": "\(server.endpoint)", "recuerde.redis.reason": "\(failure.message)"]
        )
        let random = configuration.random()
        let (isMaster, action) = state.withLock { state in
            state.candidate = nil
            let action = state.machine.refuted(server.endpoint, failure, now: ClientShared.now(), random: random)
            return (state.master?.number == server.number, action)
        }
        // The present master keeps its client until there is another; it may come back.
        if !isMaster { await server.client.shutdown() }
        return action
    }

    /// Lets a client finish what it has, in a task that its shutdown timeout ends.
    private func retire(_ server: Server) {
        let isStarted = state.withLock { state in
            guard !state.isShutDown else { return false }
            start(&state) { _ in await server.client.shutdown() }
            return true
        }
        // Else letting go of it closes it.
        if !isStarted { logger.trace("redis_master_let_go") }
    }

    // MARK: What becomes known otherwise

    func heard(_ push: [RESPValue]) {
        switch SentinelReplies.announcement(push, masterName: masterName) {
        case .other: return
        case .subscribed: demand()
        case .newMaster(let endpoint):
            begin { machine in machine.announced(endpoint, now: ClientShared.now()) }
            changes.change()
            let abandoned: Server? = state.withLock { state in
                guard let candidate = state.candidate, candidate.endpoint != endpoint,
                    !candidate.client.state.isConnected
                else { return nil }
                if state.master?.number == candidate.number { state.master = nil }
                return candidate
            }
            // An attempt to connect to what is no longer the master would hold the search up.
            if let abandoned { retire(abandoned) }
        }
    }

    private func stateChanged(_ change: RedisClientState, of endpoint: Endpoint, number: UInt64) {
        let server: Server? = state.withLock { state in
            guard let master = state.master, master.number == number else { return nil }
            if change.isConnected { state.machine.masterConnected(endpoint) }
            return master
        }
        guard let server else { return }
        if change.isConnected {
            changes.change()
            tell(server)
        } else if change.status == .lost {
            doubt(server, unlessConnected: false)
            untell(change.lastError)
        }
    }

    private func tell(_ server: Server) {
        let tells = isTold.withLock { isTold in
            guard !isTold, master?.number == server.number else { return false }
            let facts = server.client.state.server ?? RedisServerFacts(protocolVersion: 3)
            let tellsConnected = tracker.noteConnected(facts)
            let now = server.client.state
            isTold = now.isConnected
            // Lost before it was told of: nobody else will say so.
            let tellsLost = !isTold && tracker.noteConnectionLost(Self.loss(now.lastError))
            return tellsConnected || tellsLost
        }
        if tells { tracker.tellUntold() }
    }

    /// The connection to the master is gone.
    func untell(_ error: RedisClientState.LastError?) {
        let tells = isTold.withLock { isTold in
            guard isTold else { return false }
            isTold = false
            return tracker.noteConnectionLost(Self.loss(error))
        }
        if tells { tracker.tellUntold() }
    }

    private static func loss(_ error: RedisClientState.LastError?) -> RedisError {
        RedisError(
            error?.code ?? .connectionLost,
            serverCode: error?.serverCode,
            phase: .reply,
            message: error?.message ?? "the connection to the master is gone"
        )
    }

    // MARK: Clients

    private func makeServer(_ endpoint: Endpoint, number: UInt64) -> Server {
        var settings = configuration
        let url = configuration.url
        settings.url = RedisURL(
            scheme: url.tls ? .rediss : .redis,
            endpoints: [endpoint],
            database: url.database,
            username: url.username,
            password: url.password,
            socketPath: nil
        )
        // Repeating is done here, where the next master is known.
        settings.retry = .never
        settings.recorder = recorder
        settings.notices = masterNotices
        settings.inFlight = inFlight
        settings.handshakeSteps.append(SentinelReplies.roleCheck(endpoint))
        let client = RedisClient(
            configuration: settings,
            eventLoopGroup: group,
            logger: logger,
            onStateChange: { [weak self] in self?.stateChanged($0, of: endpoint, number: number) }
        )
        return Server(endpoint: endpoint, client: client, number: number)
    }

    // MARK: The end

    /// Refuses new commands, lets those in flight finish within the limit, and ends everything that runs here.
    func shutDown() async {
        let (tasks, clients) = close()
        await withTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { await client.shutdown() } }
        }
        for task in tasks { await task.value }
        tracker.shutDown()
    }

    /// Cancels what runs and lets go of all clients, which closes those that nobody else shuts down.
    @discardableResult
    func close() -> (tasks: [Task<Void, Never>], clients: [RedisClient]) {
        let result = state.withLock { state in
            state.isShutDown = true
            state.machine.shutDown()
            let clients =
                (Array(state.sentinels.values) + [state.trial].compactMap { $0 }).map(\.client)
                + [state.master, state.candidate].compactMap { $0?.client }
            state.sentinels = [:]
            state.trial = nil
            let tasks = Array(state.tasks.values)
            for task in tasks { task.cancel() }
            return (tasks, clients)
        }
        changes.change()
        return result
    }
}
