public import Logging
public import NIOCore
public import NIOPosix

/// A client of the master that sentinels name, whichever server that is at the moment.
///
/// It asks the sentinels of its URL (and others that those name) in turn, connects to the master, and uses it only once the
/// server says by ROLE that it is one. It listens to `+switch-master` on all sentinels that it knows, and searches anew when the
/// connection is lost or a write is answered by READONLY. Commands that were not executed on the former master are repeated on the
/// new one, within their deadline and as ``RedisConfiguration/retry`` says; so are reads that were written and not answered.
///
/// ```swift
/// let url = try RedisURL("redis+sentinel://sentinel1,sentinel2,sentinel3/mymaster")
/// let client = try RedisSentinelClient(configuration: RedisConfiguration(url: url), logger: logger)
/// ```
///
/// A search begins with the first command that needs it, or with ``connect()``. Nothing has to be run; ``shutdown()`` ends the
/// client, and so does letting go of it. Sentinels that speak RESP2 only are asked and not listened to. Whoever the client
/// logs in as on the servers needs `+role` beside the commands that are sent.
/// Source: https://redis.io/docs/latest/develop/reference/sentinel-clients/
public final class RedisSentinelClient: Sendable {
    let core: SentinelCore
    package let trackingHub: RedisTrackingHub?
    let subscriptions: SubscriptionRegistry

    /// Makes a client; opens no connection.
    ///
    /// - Parameters:
    ///   - configuration: its URL names the sentinels; all else holds for the connections to the master.
    ///   - eventLoopGroup: where connections live; it must outlive the client.
    ///   - logger: receives debug and trace events.
    ///   - onStateChange: called once for each change of `state.status`, in order, on any thread; must not block.
    /// - Throws: ``RedisURLError`` if the URL names no sentinels.
    public init(
        configuration: RedisConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger,
        onStateChange: (@Sendable (RedisClientState) -> Void)? = nil
    ) throws {
        guard let masterName = configuration.url.masterName, !configuration.url.endpoints.isEmpty else {
            throw RedisURLError("it names no sentinels; write redis+sentinel://host:26379/mymaster/0")
        }
        let configuration = configuration.withTrackingHub()
        trackingHub = configuration.trackingHub
        core = SentinelCore(
            configuration: configuration,
            masterName: masterName,
            group: eventLoopGroup,
            logger: logger,
            onStateChange: onStateChange
        )
        subscriptions = SubscriptionRegistry(
            .route(SentinelSubscriptionRoute(core: core), address: configuration.url.masked)
        )
    }

    deinit {
        _ = subscriptions.shutDown()
        core.close()
    }

    /// Whether there is a connection to a master, since when, and what went wrong last.
    public var state: RedisClientState { core.tracker.state }

    /// What the client has done and has in hand, with all masters together; the sentinels do not count.
    public var figures: RedisClientFigures {
        core.recorder.figures(
            commandsInFlight: core.master?.client.commandsInFlight ?? core.inFlight.places.taken
        )
    }

    /// The configuration as given.
    public var configuration: RedisConfiguration { core.configuration }

    /// The server that is the master as far as is known; nil while none is known.
    public var master: RedisURL.Endpoint? { core.master?.endpoint }

    /// The sentinels that are known, those of the URL and those that they named.
    public var sentinels: [RedisURL.Endpoint] { core.sentinels }

    /// What was wrong with sentinels when they were last asked or connected to, by their addresses: one that is away, refuses the credentials, does not let
    /// itself be asked or listened to, or does not name the others. Empty if nothing is.
    ///
    /// Any sentinel that answers suffices to find the master. Where none can be listened to, a failover is noticed by the loss
    /// of the connection to the master, or by READONLY. What people mend is found out within about `keepAlive`.
    public var sentinelFaults: [RedisURL.Endpoint: RedisClientState.LastError] {
        core.sentinelFaults.mapValues { RedisClientState.LastError($0) }
    }

    /// Finds the master and connects to it.
    ///
    /// - Throws: `RedisError` that says why not, after `connectTimeout` at the latest. The client goes on trying.
    public func connect() async throws {
        let deadline = Self.deadline(configuration.connectTimeout)
        // The server that was the master last is known as that while its connection is away.
        try await onMaster(isRepeatable: true, call: CallSize(name: "ROLE"), deadline: deadline) { server, left in
            guard !server.client.state.isConnected else { return .answer(()) }
            server.client.dialNow()
            core.count(1)
            _ = try await server.client.send(RedisCommand("ROLE", key: nil), timeout: left)
            return .answer(())
        }
    }

    static func deadline(_ timeout: Duration) -> Int64 {
        let (sum, overflow) = ClientShared.now().addingReportingOverflow(timeout.clampedNanoseconds)
        return overflow ? .max : sum
    }

    /// What `attempt` answers, on as many masters as it takes within the deadline.
    func onMaster<Answer>(
        isRepeatable: @autoclosure () -> Bool,
        call: @autoclosure () -> CallSize,
        weight: Int = 1,
        deadline: Int64,
        _ attempt: (SentinelCore.Server, _ left: Duration) async throws -> SentinelAttempt<Answer>
    ) async throws -> Answer {
        var retry: RetryStateMachine?
        // What an attempt has brought is not lost with the next one.
        var last: Answer?
        while true {
            var number = core.changes.number
            let failure: RedisError
            let server: SentinelCore.Server
            do {
                server = try await master(by: deadline, retry, for: call())
            } catch let error as RedisError {
                guard let last else { throw error }
                return last
            }
            do {
                let left = Duration.nanoseconds(deadline &- ClientShared.now())
                switch try await attempt(server, left) {
                case .answer(let answer):
                    core.retries.succeeded(&retry)
                    return answer
                case .failed(let error, let answer):
                    last = answer
                    failure = error
                }
            } catch let error as RedisError {
                failure = core.explained(error, of: server)
            }
            core.failed(failure, on: server)
            do {
                try await core.retries.next(
                    after: failure,
                    &retry,
                    subject: .init(
                        isRepeatable: isRepeatable(),
                        rediscovers: true,
                        deadline: deadline,
                        weight: weight
                    ),
                    pause: { until in
                        let seat = try core.seat(for: call(), after: failure)
                        defer { withExtendedLifetime(seat) {} }
                        await core.changes.wait(after: number, until: until)
                        // A second pause is not ended by the change that ended the first one.
                        number = core.changes.number
                    }
                )
            } catch let error as RedisError {
                guard let last else { throw error }
                return last
            }
        }
    }

    /// As `SentinelCore.master(by:)`. For a command that was tried before, that is what failed.
    private func master(
        by deadline: Int64,
        _ retry: RetryStateMachine?,
        for call: @autoclosure () -> CallSize
    ) async throws -> SentinelCore.Server {
        do {
            return try await core.master(by: deadline, for: call())
        } catch let error as RedisError where error.code == .overloaded {
            throw retry.map { error.with(mayHaveExecuted: $0.finalError(error).mayHaveExecuted) } ?? error
        } catch let error as RedisError {
            throw retry?.finalError(error) ?? error
        }
    }
}

/// What one attempt has brought.
enum SentinelAttempt<Answer> {
    case answer(Answer)
    /// The answer is worth another attempt, for the sake of this error.
    case failed(RedisError, Answer)
}

extension RedisSentinelClient: RedisExecutor {
    /// The masked URL.
    public var address: String { configuration.url.masked }

    /// As configured.
    public var commandTimeout: Duration { configuration.commandTimeout }

    /// Sends a command to the master and returns its reply.
    ///
    /// - Parameters:
    ///   - command: what to send.
    ///   - timeout: until when the reply must be there, search and repetitions included; `commandTimeout` if nil.
    /// - Throws: `RedisError`, also for an error reply; `CancellationError` if the task is cancelled.
    public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws -> RESPValue {
        if let observer = core.recorder.observer {
            return try await sendObserved(command, timeout: timeout, by: observer)
        }
        return try await sendUnobserved(command, timeout: timeout)
    }

    @inline(__always)
    func sendUnobserved(_ command: RedisCommand, timeout: Duration?) async throws -> RESPValue {
        let deadline = Self.deadline(timeout ?? commandTimeout)
        return try await onMaster(
            isRepeatable: command.isRepeatable && !command.isBlocking,
            call: CallSize(command),
            deadline: deadline
        ) { server, left in
            core.count(1)
            return .answer(try await server.client.send(command, timeout: left))
        }
    }

    /// Sends commands to the master over one connection, in order, and returns their replies in order.
    ///
    /// They are repeated all together or not at all; see `RedisClient.pipeline(_:timeout:)` for the rest.
    ///
    /// - Throws: `RedisError` if nothing was sent; `CancellationError` if the task is cancelled.
    public func pipeline(
        _ commands: [RedisCommand],
        timeout: Duration? = nil
    ) async throws -> [Result<RESPValue, RedisError>] {
        if let observer = core.recorder.observer {
            return try await pipelineObserved(commands, timeout: timeout, by: observer)
        }
        return try await pipelineUnobserved(commands, timeout: timeout)
    }

    func pipelineUnobserved(
        _ commands: [RedisCommand],
        timeout: Duration?
    ) async throws -> [Result<RESPValue, RedisError>] {
        let deadline = Self.deadline(timeout ?? commandTimeout)
        return try await onMaster(
            isRepeatable: true,
            call: CallSize(commands, of: configuration),
            weight: commands.count,
            deadline: deadline
        ) { server, left in
            core.count(commands.count)
            let results = try await server.client.pipeline(commands, timeout: left)
            guard let error = PipelineRetry.failure(in: results, of: commands, rediscovers: true) else {
                // Not to be repeated, and still a sign that there may be another master.
                for case .failure(let error) in results { core.failed(error, on: server) }
                return .answer(results)
            }
            return .failed(error, results)
        }
    }

    /// Refuses new commands, lets those in flight finish within `shutdownTimeout`, and closes. May be called again.
    public func shutdown() async {
        await subscriptions.shutDownAndWait()
        await core.shutDown()
    }
}
