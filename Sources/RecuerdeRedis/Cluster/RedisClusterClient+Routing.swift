import Synchronization

/// The way of one command: to whom, and what follows from a failure.
extension RedisClusterClient {
    /// Sends a command again and again, as its failures allow.
    ///
    /// - Parameters:
    ///   - lane: the kind of connection; nil: what the command needs.
    ///   - failure: what has become of the first attempt; nil if there was nobody to send to.
    func send(
        _ command: RedisCommand,
        deadline: Int64,
        lane: RedisLane?,
        failure: (RedisError, ClusterNode)?
    ) async throws -> RESPValue {
        var retry = makeRetry(command, lane: lane)
        var decision =
            if let (error, node) = failure { decide(&retry, error, node, deadline) } else { nobody(&retry, deadline) }
        while true {
            let target = try await follow(decision, &retry, deadline: deadline)
            guard let node = resolve(target, command, retry: retry) else {
                decision = nobody(&retry, deadline)
                continue
            }
            let timeout = Duration.nanoseconds(deadline - ClientShared.now())
            retries.count(1)
            do {
                let isAsking = if case .ask = target { true } else { false }
                let reply =
                    isAsking
                    ? try await node.client.sendAsking(command, timeout: timeout, lane: lane)
                    : try await Self.send(command, to: node, timeout: timeout, lane: lane)
                retries.succeeded(retry)
                return reply
            } catch let error as RedisError {
                decision = decide(&retry, error, node, deadline)
            }
        }
    }

    static func send(
        _ command: RedisCommand,
        to node: ClusterNode,
        timeout: Duration,
        lane: RedisLane?
    ) async throws -> RESPValue {
        guard let lane else { return try await node.client.send(command, timeout: timeout) }
        return try await node.client.send(command, timeout: timeout, lane: lane)
    }

    static let asking = RedisCommand("ASKING", key: nil)
    static let unanswered = RedisError(.protocolViolation, phase: .reply, message: "a pipeline came back empty")

    func makeRetry(_ command: RedisCommand, lane: RedisLane? = nil) -> ClusterRetry {
        var retry = ClusterRetry(
            isReadOnly: command.isRepeatable && !command.isBlocking && lane != .blocking,
            usesMaster: options.readsFrom == .master,
            policy: retries.policy
        )
        retry.call = CallSize(command)
        return retry
    }

    /// The decision, if there is room to wait where it says so: a call keeps its place from its first pause to its end.
    private func seated(
        _ decision: ClusterRetry.Decision,
        _ retry: inout ClusterRetry,
        after error: RedisError
    ) -> ClusterRetry.Decision {
        guard decision.pauses, retry.seat == nil, !retry.sharesSeat else { return decision }
        do throws(RedisError) {
            retry.seat = try waiting.seat(for: retry.call, at: configuration.url.address, after: error)
            return decision
        } catch {
            return .fail(retry.refused(error))
        }
    }

    /// The node for a command by the table.
    func route(_ command: RedisCommand, retry: ClusterRetry?) -> ClusterNode? {
        guard let slot = command.slot else { return nodes.anyMaster() }
        let reads =
            options.readsFrom != .master && retry?.usesMaster != true
            && RedisCommandClass.isReadOnly(name: command.name, secondWord: { nil })
        return nodes.route(slot, reads: reads)
    }

    func resolve(_ target: ClusterRetry.Target, _ command: RedisCommand, retry: ClusterRetry?) -> ClusterNode? {
        switch target {
        case .route: route(command, retry: retry)
        case .moved(let slot, let endpoint): nodes.moved(slot: slot, to: endpoint)
        case .ask(let endpoint): nodes.detour(of: command.slot, to: endpoint)
        }
    }

    /// What is to be done about a failure; counts it.
    func decide(
        _ retry: inout ClusterRetry,
        _ error: RedisError,
        _ node: ClusterNode,
        _ deadline: Int64
    ) -> ClusterRetry.Decision {
        if nodes.isShutDown {
            return .fail(.shutDown(address, phase: error.phase, mayHaveExecuted: error.mayHaveExecuted))
        }
        let wish = retry.failed(
            error,
            at: node.endpoint,
            rest: deadline - ClientShared.now(),
            random: configuration.random(),
            take: retries.take
        )
        let decision = seated(wish, &retry, after: error)
        switch decision {
        case .wait: break
        case .again(.route, _, _):
            counters.retries.wrappingAdd(1, ordering: .relaxed)
            nodes.recorder.repeated(.retry, after: error)
        case .again(.moved, _, _):
            counters.moved.wrappingAdd(1, ordering: .relaxed)
            nodes.recorder.repeated(.moved, after: error)
        case .again(.ask, _, _):
            counters.asked.wrappingAdd(1, ordering: .relaxed)
            nodes.recorder.repeated(.ask, after: error)
        case .fail(let end): learn(from: end.code == .overloaded ? error : end, node)
        }
        return decision
    }

    /// This command is lost, but the others need not be: a node that says nothing may have been replaced.
    func learn(from error: RedisError, _ node: ClusterNode) {
        if let redirect = ClusterRedirect(error, asked: node.endpoint), !redirect.isAsk {
            _ = nodes.moved(slot: redirect.slot, to: redirect.endpoint)
            refresher.want()
        }
        if [.deadlineExceeded, .connectionLost, .connectFailed].contains(error.code) { refresher.want() }
    }

    /// What is to be done when the table names nobody.
    func nobody(_ retry: inout ClusterRetry, _ deadline: Int64) -> ClusterRetry.Decision {
        if nodes.isShutDown { return .fail(.shutDown(address, phase: .checking)) }
        let error =
            refresher.lastError
            ?? RedisError(
                .deadlineExceeded,
                phase: .waiting,
                message: nodes.isReady
                    ? "no node of \(address) serves the slot of the key"
                    : "the topology of \(address) was not known within the deadline"
            )
        let wish = retry.nobody(
            because: error,
            rest: deadline - ClientShared.now(),
            random: configuration.random()
        )
        let decision = seated(wish, &retry, after: error)
        if case .again = decision, nodes.isReady {
            counters.retries.wrappingAdd(1, ordering: .relaxed)
            nodes.recorder.repeated(.retry, after: error)
        }
        return decision
    }

    /// Waits as decided. Returns where to send, or throws the end of it.
    func follow(
        _ decision: ClusterRetry.Decision,
        _ retry: inout ClusterRetry,
        deadline: Int64
    ) async throws -> ClusterRetry.Target {
        var decision = decision
        while true {
            switch decision {
            case .fail(let error):
                throw error
            case .again(let target, let pause, let wantsTopology):
                try await wait(pause, wantsTopology: wantsTopology, deadline: deadline)
                return target
            case .wait(let pause, let wantsTopology):
                try await wait(pause, wantsTopology: wantsTopology, deadline: deadline)
                decision = waited(&retry, deadline)
            }
        }
    }

    /// What follows from a pause without a token; each is a hundredth of a second at least, but for the last ones.
    func waited(_ retry: inout ClusterRetry, _ deadline: Int64) -> ClusterRetry.Decision {
        let wish = retry.waited(
            rest: deadline - ClientShared.now(),
            random: configuration.random(),
            take: retries.take
        )
        let decision = seated(wish, &retry, after: retry.cause ?? Self.unanswered)
        if case .again = decision {
            counters.retries.wrappingAdd(1, ordering: .relaxed)
            nodes.recorder.repeated(.retry, after: retry.cause ?? Self.unanswered)
        }
        return decision
    }

    func wait(_ pause: Int64, wantsTopology: Bool, deadline: Int64) async throws {
        let seen = refresher.gate.generation
        if wantsTopology { refresher.want() }
        if pause > 0 {
            let moment = min(deadline, ClientShared.now() + pause)
            if wantsTopology {
                await refresher.gate.wait(after: seen, until: moment, on: nodes.eventLoop)
            } else {
                try await Task.sleep(for: .nanoseconds(pause))
            }
        }
        try Task.checkCancellation()
    }

    /// Waits until a topology is known.
    func makeReady(_ deadline: Int64) async throws {
        var retry = ClusterRetry(isReadOnly: true, usesMaster: true, policy: retries.policy)
        retry.call = CallSize(name: "the question for the topology")
        while !nodes.isReady {
            let decision = nobody(&retry, deadline)
            _ = try await follow(decision, &retry, deadline: deadline)
        }
        if nodes.isShutDown { throw RedisError.shutDown(address, phase: .checking) }
    }

    func deadline(_ timeout: Duration?) -> Int64 {
        let (sum, overflow) = ClientShared.now()
            .addingReportingOverflow((timeout ?? commandTimeout).clampedNanoseconds)
        return overflow ? .max : sum
    }
}
