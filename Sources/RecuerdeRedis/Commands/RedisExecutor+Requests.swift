/// Carrying out requests: typed commands and typed pipelines.
extension RedisExecutor {
    /// Carries out a request and returns its reply in the type of the request.
    ///
    /// ```swift
    /// let value = try await client.execute(Redis.Get("key"))  // ByteBuffer?
    /// ```
    ///
    /// - Parameters:
    ///   - request: what to do.
    ///   - timeout: until when the reply must be there; `commandTimeout` if nil.
    /// - Throws: as `send(_:timeout:)`; a reply of another type than promised is a protocol violation.
    public func execute<R: RedisRequest>(_ request: R, timeout: Duration? = nil) async throws -> R.Reply {
        try await execute(request, timeout, nil)
    }

    /// Carries out a request over a kind of connection that the caller chooses, and returns its reply in the type of the request.
    ///
    /// - Parameters:
    ///   - request: what to do.
    ///   - timeout: until when the reply must be there; `commandTimeout` if nil.
    ///   - lane: the kind of connection.
    /// - Throws: as `send(_:timeout:lane:)`; a reply of another type than promised is a protocol violation.
    public func execute<R: RedisRequest>(
        _ request: R,
        timeout: Duration? = nil,
        lane: RedisLane
    ) async throws -> R.Reply {
        try await execute(request, timeout, lane)
    }

    private func execute<R: RedisRequest>(_ request: R, _ timeout: Duration?, _ lane: RedisLane?) async throws
        -> R.Reply
    {
        let start = ContinuousClock.now
        do {
            return try request.reply(try await send(request.command, timeout, lane))
        } catch let error as RedisError {
            guard !error.mayHaveExecuted, let command = request.commandInstead(of: error) else { throw error }
            let rest = (timeout ?? commandTimeout) - (ContinuousClock.now - start)
            return try request.reply(try await send(command, rest, lane))
        }
    }

    private func send(_ command: RedisCommand, _ timeout: Duration?, _ lane: RedisLane?) async throws -> RESPValue {
        guard let lane else { return try await send(command, timeout: timeout) }
        return try await send(command, timeout: timeout, lane: lane)
    }

    /// Carries out several requests together and returns a result for each, in the type of each.
    ///
    /// ```swift
    /// let (value, left) = try await client.execute(Redis.Get("key"), Redis.PTTL("key"))
    /// ```
    ///
    /// They are sent as `pipeline(_:timeout:)` sends commands: in order and together, and not as a transaction.
    ///
    /// - Parameters:
    ///   - requests: what to do, in order.
    ///   - timeout: for all of them together; `commandTimeout` if nil.
    /// - Throws: `RedisError` if nothing was sent; `CancellationError` if the task is cancelled.
    public func execute<each R: RedisRequest>(
        _ requests: repeat each R,
        timeout: Duration? = nil
    ) async throws -> (repeat Result<(each R).Reply, RedisError>) {
        var commands: [RedisCommand] = []
        for request in repeat each requests { commands.append(request.command) }
        var results = TypedResults(try await pipeline(commands, timeout: timeout))
        return (repeat results.next(for: each requests))
    }

    /// Carries out any number of requests of one kind together and returns a result for each, in order.
    ///
    /// - Parameters:
    ///   - requests: what to do, in order.
    ///   - timeout: for all of them together; `commandTimeout` if nil.
    /// - Throws: `RedisError` if nothing was sent; `CancellationError` if the task is cancelled.
    public func execute<R: RedisRequest>(
        all requests: [R],
        timeout: Duration? = nil
    ) async throws -> [Result<R.Reply, RedisError>] {
        var results = TypedResults(try await pipeline(requests.map(\.command), timeout: timeout))
        return requests.map { results.next(for: $0) }
    }
}

/// Hands out the results of a pipeline one after the other, each in the type of its request.
struct TypedResults {
    private var rest: ArraySlice<Result<RESPValue, RedisError>>

    init(_ results: [Result<RESPValue, RedisError>]) {
        rest = results[...]
    }

    mutating func next<R: RedisRequest>(for request: R) -> Result<R.Reply, RedisError> {
        switch rest.popFirst() {
        case .success(let value):
            do {
                return .success(try request.reply(value))
            } catch {
                return .failure(error)
            }
        case .failure(let error):
            return .failure(error)
        case nil:
            let what = "a pipeline brought fewer replies than it has commands"
            return .failure(RedisError(.protocolViolation, phase: .reply, mayHaveExecuted: true, message: what))
        }
    }
}
