/// Many commands at once.
extension RedisClusterClient {
    /// Sends commands to the nodes that serve their keys, as one pipeline for each node, and returns their replies in
    /// order.
    ///
    /// Commands for one node go in order; what goes to several nodes goes at the same time. A command without a key goes
    /// with the one before it (`GET a, TIME` asks one node both). A single failure that may be repeated is repeated as
    /// `send(_:timeout:)` does it, and then comes after those that were answered before. What stands from MULTI to EXEC
    /// goes to one node, and is repeated as a whole or not at all; its keys must be of one slot.
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
        var splits = options.splitsMultiKeyCommands ? commands.map { CommandSplit($0) } : []
        // A transaction cannot be divided; the server says so.
        for span in ClusterTransactions(commands).spans where !splits.isEmpty {
            for position in span.positions { splits[position] = nil }
        }
        guard splits.contains(where: { $0 != nil }) else {
            let results = try await run(commands, byConnection: false, deadline: deadline)
            return try Self.thrownIfNothingWasSent(results)
        }
        var parts: [RedisCommand] = []
        for (command, split) in zip(commands, splits) {
            if let split { parts += split.parts.map(\.command) } else { parts.append(command) }
        }
        var replies = try await run(parts, byConnection: false, deadline: deadline)[...]
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

    /// What goes, and is repeated, together: a command, or a transaction.
    private struct Unit {
        /// In the whole.
        let positions: Range<Int>
        /// Whose slot decides where it goes: its own, or that of a neighbour with a key.
        let guide: RedisCommand
        let transaction: ClusterTransactions.Span?
        var target = ClusterRetry.Target.route
        /// Nil while nothing has failed.
        var retry: ClusterRetry?
        /// Which of its commands has failed the last time.
        var failed = 0
    }

    /// Units for one node.
    private struct Group {
        let node: ClusterNode
        var members: [Int] = []
        var commands: [RedisCommand] = []
        /// True for those replies that belong to ASKING.
        var isAsking: [Bool] = []

        mutating func add(_ unit: Unit, _ number: Int, _ commands: [RedisCommand]) {
            members.append(number)
            if case .ask = unit.target {
                // Before a transaction it holds to the end of it; within one it would be queued.
                self.commands.append(RedisClusterClient.asking)
                isAsking.append(true)
            }
            for position in unit.positions {
                self.commands.append(commands[position])
                isAsking.append(false)
            }
        }
    }

    private typealias Replies = [Result<RESPValue, RedisError>]

    /// What goes over one connection of one node.
    private struct Place: Hashable {
        let node: ClusterRouter.NodeID
        let connection: Int
    }

    /// Sends commands in rounds: all at first, then again those whose failure may be repeated, in order.
    ///
    /// - Parameter byConnection: true if each key goes over the connection that its hash chooses among those of the node; else
    ///   what goes to one node goes together, in order.
    func run(
        _ commands: [RedisCommand],
        byConnection: Bool,
        deadline: Int64
    ) async throws -> [Result<RESPValue, RedisError>] {
        var units = units(of: commands)
        var results = [Result<RESPValue, RedisError>?](repeating: nil, count: commands.count)
        var pending = Array(units.indices)
        // From the first pause to the end.
        var seat: InFlight.Seat?
        defer { withExtendedLifetime(seat) {} }
        while !pending.isEmpty {
            var groups: [Group] = []
            var places: [Place: Int] = [:]
            var decisions: [(Int, ClusterRetry.Decision)] = []
            // Without a key anywhere, all go to one node.
            var keyless: ClusterNode?
            for number in pending {
                let unit = units[number]
                let node: ClusterNode?
                if unit.guide.slot == nil, unit.target == .route {
                    if keyless == nil { keyless = nodes.anyMaster() }
                    node = keyless
                } else {
                    node = resolve(unit.target, unit.guide, retry: unit.retry)
                }
                guard let node else {
                    var retry = unit.retry ?? makeRetry(commands[unit.positions.lowerBound])
                    retry.sharesSeat = true
                    decisions.append((number, nobody(&retry, deadline)))
                    units[number].retry = retry
                    continue
                }
                let connection = byConnection ? Int(unit.guide.slot ?? 0) % node.client.connectionCount : 0
                let key = Place(node: node.id, connection: connection)
                let place = places[key] ?? groups.count
                if place == groups.count {
                    places[key] = place
                    groups.append(Group(node: node))
                }
                groups[place].add(unit, number, commands)
            }
            let timeout = Duration.nanoseconds(deadline - ClientShared.now())
            retries.count(groups.reduce(0) { $0 + $1.commands.count })
            for (group, replies) in try await Self.send(groups, timeout: timeout) {
                var rest = replies[...]
                for number in group.members {
                    let unit = units[number]
                    let own = rest.prefix(unit.positions.count)
                    rest = rest.dropFirst(unit.positions.count)
                    for (position, reply) in zip(unit.positions, own) { results[position] = reply }
                    guard let error = failure(in: Array(own), of: unit, group.node) else {
                        if let retry = unit.retry { retries.succeeded(retry) }
                        continue
                    }
                    var retry = unit.retry ?? makeRetry(commands[unit.positions.lowerBound])
                    retry.sharesSeat = true
                    decisions.append((number, decide(&retry, error.1, group.node, deadline)))
                    units[number].retry = retry
                    // Should it be the end, it comes where the failure was.
                    units[number].failed = error.0
                }
            }
            let seated = take(&seat, for: decisions, units, of: commands)
            pending = try await follow(seated, &units, &results, deadline: deadline)
        }
        return results.map { $0 ?? .failure(Self.unanswered) }
    }

    private func units(of commands: [RedisCommand]) -> [Unit] {
        var spans = ClusterTransactions(commands).spans[...]
        let first = commands.first { $0.slot != nil }
        var last = first
        var units: [Unit] = []
        units.reserveCapacity(commands.count)
        var position = 0
        while position < commands.count {
            if let span = spans.first, span.positions.lowerBound == position {
                spans = spans.dropFirst()
                // All of it goes to one node, also what stands before its first key.
                last = commands[span.positions].first { $0.slot != nil } ?? last
                var unit = Unit(positions: span.positions, guide: last ?? commands[position], transaction: span)
                var retry = ClusterRetry(isReadOnly: false, usesMaster: true, policy: retries.policy)
                retry.sharesSeat = true
                unit.retry = retry
                units.append(unit)
                position = span.positions.upperBound
            } else {
                if commands[position].slot != nil { last = commands[position] }
                let guide = last ?? commands[position]
                units.append(Unit(positions: position..<position + 1, guide: guide, transaction: nil))
                position += 1
            }
        }
        return units
    }

    /// The failure to decide about, with its place in the unit.
    private func failure(in replies: Replies, of unit: Unit, _ node: ClusterNode) -> (Int, RedisError)? {
        guard let transaction = unit.transaction else {
            if case .failure(let error) = replies.first { return (0, error) }
            return nil
        }
        if transaction.isRepeatable, let (offset, error) = ClusterTransactions.failure(in: replies) {
            return (offset, error)
        }
        for case .failure(let error) in replies { learn(from: error, node) }
        return nil
    }

    /// Takes a place for all that waits, unless there is one already. Without any to be had, nothing of it waits.
    private func take(
        _ seat: inout InFlight.Seat?,
        for decisions: [(Int, ClusterRetry.Decision)],
        _ units: [Unit],
        of commands: [RedisCommand]
    ) -> [(Int, ClusterRetry.Decision)] {
        let pausing = decisions.filter { $0.1.pauses }
        guard seat == nil, let first = pausing.first else { return decisions }
        let held = pausing.flatMap { commands[units[$0.0].positions] }
        do throws(RedisError) {
            // Whether it may have been executed is another question for each of them.
            let cause = units[first.0].retry?.cause?.with(mayHaveExecuted: false)
            let call = CallSize(held, of: configuration)
            seat = try waiting.seat(for: call, at: configuration.url.address, after: cause)
            return decisions
        } catch {
            return decisions.map { number, decision in
                decision.pauses ? (number, .fail(units[number].retry?.refused(error) ?? error)) : (number, decision)
            }
        }
    }

    /// Waits for the longest pause, so that those with the same slot stay in order. Returns what is to be sent again.
    private func follow(
        _ decisions: [(Int, ClusterRetry.Decision)],
        _ units: inout [Unit],
        _ results: inout [Result<RESPValue, RedisError>?],
        deadline: Int64
    ) async throws -> [Int] {
        var decisions = decisions
        var pending: [Int] = []
        while !decisions.isEmpty {
            var waiting: [Int] = []
            var pause: Int64 = 0
            var wantsTopology = false
            for (number, decision) in decisions {
                switch decision {
                case .fail(let error):
                    let unit = units[number]
                    let whole = unit.positions
                    let nothingCame = results[whole.lowerBound] == nil
                    for position in whole where nothingCame || position == whole.lowerBound + unit.failed {
                        results[position] = .failure(error)
                    }
                case .again(let target, let after, let wants):
                    units[number].target = target
                    pending.append(number)
                    pause = max(pause, after)
                    wantsTopology = wantsTopology || wants
                case .wait(let after, let wants):
                    waiting.append(number)
                    pause = max(pause, after)
                    wantsTopology = wantsTopology || wants
                }
            }
            guard !pending.isEmpty || !waiting.isEmpty else { return [] }
            try await wait(pause, wantsTopology: wantsTopology, deadline: deadline)
            decisions = waiting.map { number in
                guard var retry = units[number].retry else { return (number, .fail(Self.unanswered)) }
                defer { units[number].retry = retry }
                return (number, waited(&retry, deadline))
            }
        }
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
            guard group.isAsking.contains(true) else { return replies }
            var results: [Result<RESPValue, RedisError>] = []
            var asking: Result<RESPValue, RedisError>?
            for (reply, isAsking) in zip(replies, group.isAsking) {
                if isAsking {
                    asking = reply
                } else {
                    results.append(asking.map { RedisClient.reply(reply, after: $0) } ?? reply)
                    asking = nil
                }
            }
            return results
        } catch let error as RedisError {
            return group.isAsking.filter { !$0 }.map { _ in .failure(error) }
        }
    }
}
