/// Many commands at once.
extension RedisClusterClient {
    /// Sends commands to the nodes that serve their keys, as one pipeline for each node, and returns their replies in
    /// order.
    ///
    /// Commands for one node go in order; what goes to several nodes goes at the same time. A command without a key goes
    /// with the one before it (`GET a, TIME` asks one node both). A single failure that may be repeated is repeated as
    /// `send(_:timeout:)` does it, and then comes after those that were answered before.
    ///
    /// - Parameters:
    ///   - commands: what to send, in order.
    ///   - timeout: for all of them together; `commandTimeout` if nil.
    /// - Returns: one result for each command.
    /// - Throws: `RedisError` if nothing was sent; `CancellationError` if the task is cancelled.
    public func pipeline(
        _ commands: [RedisCommand],
        timeout: Duration? = nil
    ) async throws -> [Result<RESPValue, RedisError>] {
        if let observer = nodes.recorder.observer {
            return try await pipelineObserved(commands, timeout: timeout, by: observer)
        }
        return try await pipelineUnobserved(commands, timeout: timeout)
    }

    func pipelineUnobserved(
        _ commands: [RedisCommand],
        timeout: Duration?
    ) async throws -> [Result<RESPValue, RedisError>] {
        let deadline = deadline(timeout)
        let splits = options.splitsMultiKeyCommands ? commands.map { ClusterSplit($0) } : []
        guard splits.contains(where: { $0 != nil }) else {
            return try Self.thrownIfNothingWasSent(try await run(commands, deadline: deadline))
        }
        var parts: [RedisCommand] = []
        for (command, split) in zip(commands, splits) {
            if let split { parts += split.parts.map(\.command) } else { parts.append(command) }
        }
        var replies = try await run(parts, deadline: deadline)[...]
        let results = splits.map { split -> Result<RESPValue, RedisError> in
            guard let split else { return replies.popFirst() ?? .failure(Self.unanswered) }
            let own = Array(replies.prefix(split.parts.count))
            replies = replies.dropFirst(split.parts.count)
            return split.assemble(own)
        }
        return try Self.thrownIfNothingWasSent(results)
    }

    private static func thrownIfNothingWasSent(
        _ results: [Result<RESPValue, RedisError>]
    ) throws -> [Result<RESPValue, RedisError>] {
        var first: RedisError?
        for result in results {
            guard case .failure(let error) = result, error.code != .server, !error.mayHaveExecuted else {
                return results
            }
            first = first ?? error
        }
        if let first { throw first }
        return results
    }

    // MARK: Rounds

    /// A command on its way.
    private struct Item {
        /// Whose slot decides where it goes: its own, or that of a neighbour with a key.
        let guide: RedisCommand
        var target = ClusterRetry.Target.route
        /// Nil while nothing has failed.
        var retry: ClusterRetry?
        var result: Result<RESPValue, RedisError>?
    }

    /// Commands for one node.
    private struct Group {
        let node: ClusterNode
        /// Positions in the whole.
        var members: [Int] = []
        var commands: [RedisCommand] = []
        /// True for those replies that belong to ASKING.
        var isAsking: [Bool] = []
    }

    /// Sends commands in rounds: all at first, then again those whose failure may be repeated, in order.
    func run(_ commands: [RedisCommand], deadline: Int64) async throws -> [Result<RESPValue, RedisError>] {
        let guides = Self.guides(of: commands)
        var items = commands.indices.map { Item(guide: guides[$0]) }
        var pending = Array(commands.indices)
        // Without a key anywhere, all go to one node.
        var keyless: ClusterNode?
        while !pending.isEmpty {
            var groups: [Group] = []
            var places: [ClusterRouter.NodeID: Int] = [:]
            var decisions: [(Int, ClusterRetry.Decision)] = []
            for position in pending {
                let item = items[position]
                let node: ClusterNode?
                if item.guide.slot == nil, item.target == .route {
                    if keyless == nil { keyless = nodes.anyMaster() }
                    node = keyless
                } else {
                    node = resolve(item.target, item.guide, retry: item.retry)
                }
                guard let node else {
                    var retry = item.retry ?? makeRetry(commands[position])
                    decisions.append((position, nobody(&retry, deadline)))
                    items[position].retry = retry
                    continue
                }
                let place = places[node.id] ?? groups.count
                if place == groups.count {
                    places[node.id] = place
                    groups.append(Group(node: node))
                }
                if case .ask = item.target {
                    groups[place].commands.append(Self.asking)
                    groups[place].isAsking.append(true)
                }
                groups[place].members.append(position)
                groups[place].commands.append(commands[position])
                groups[place].isAsking.append(false)
            }
            keyless = nil
            let timeout = Duration.nanoseconds(deadline - ClientShared.now())
            for (group, replies) in try await Self.send(groups, timeout: timeout) {
                for (position, reply) in zip(group.members, replies) {
                    switch reply {
                    case .success: items[position].result = reply
                    case .failure(let error):
                        var retry = items[position].retry ?? makeRetry(commands[position])
                        decisions.append((position, decide(&retry, error, group.node, deadline)))
                        items[position].retry = retry
                    }
                }
            }
            pending = try await follow(decisions, &items, deadline: deadline)
        }
        return items.map { $0.result ?? .failure(Self.unanswered) }
    }

    /// Waits for the longest pause, so that those with the same slot stay in order. Returns what is to be sent again.
    private func follow(
        _ decisions: [(Int, ClusterRetry.Decision)],
        _ items: inout [Item],
        deadline: Int64
    ) async throws -> [Int] {
        var pending: [Int] = []
        var pause: Int64 = 0
        var wantsTopology = false
        for (position, decision) in decisions {
            switch decision {
            case .fail(let error):
                items[position].result = .failure(error)
            case .again(let target, let after, let wants):
                items[position].target = target
                pending.append(position)
                pause = max(pause, after)
                wantsTopology = wantsTopology || wants
            }
        }
        guard !pending.isEmpty else { return [] }
        _ = try await follow(.again(.route, after: pause, wantsTopology: wantsTopology), deadline: deadline)
        return pending.sorted()
    }

    private static func send(
        _ groups: [Group],
        timeout: Duration
    ) async throws -> [(Group, [Result<RESPValue, RedisError>])] {
        if groups.count == 1, let group = groups.first { return [(group, try await send(group, timeout: timeout))] }
        return try await withThrowingTaskGroup(of: (Group, [Result<RESPValue, RedisError>]).self) { tasks in
            for group in groups {
                tasks.addTask { (group, try await send(group, timeout: timeout)) }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
    }

    private static func send(_ group: Group, timeout: Duration) async throws -> [Result<RESPValue, RedisError>] {
        do {
            let replies = try await group.node.client.pipeline(group.commands, timeout: timeout)
            return zip(replies, group.isAsking).filter { !$0.1 }.map(\.0)
        } catch let error as RedisError {
            return group.members.map { _ in .failure(error) }
        }
    }

    /// For each command the one whose key decides where it goes.
    private static func guides(of commands: [RedisCommand]) -> [RedisCommand] {
        guard var last = commands.first(where: { $0.slot != nil }) else { return commands }
        return commands.map { command in
            if command.slot != nil { last = command }
            return last
        }
    }
}
