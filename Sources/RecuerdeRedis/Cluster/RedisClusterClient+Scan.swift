/// Walking over the keys of all nodes.
extension RedisClusterClient {
    /// One page of the key names of the whole cluster that match a pattern, one master after the other.
    ///
    /// The cursor says which slots are done, so that the walk goes on where they are now when slots move or a replica
    /// takes over: a key that is there during the whole walk is seen at least once. The exception is a key that is being
    /// moved between nodes by a migration of its slot while the walk passes by. Costs one question for the topology at
    /// the end of each master.
    ///
    /// - Throws: as `send(_:timeout:)`; `invalidCommand` for a cursor that is not of this kind of client.
    public func scan(
        pattern: String,
        cursor: String?,
        count: Int,
        timeout: Duration? = nil
    ) async throws -> RedisScanPage {
        if let observer = nodes.recorder.observer {
            let command = RedisCommand("SCAN", cursor ?? "0", "MATCH", pattern, "COUNT", count, key: nil)
            return try await scanObserved(command, by: observer) {
                try await scanUnobserved(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
            }
        }
        return try await scanUnobserved(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
    }

    private func scanUnobserved(
        pattern: String,
        cursor: String?,
        count: Int,
        timeout: Duration?
    ) async throws -> RedisScanPage {
        let deadline = deadline(timeout)
        try await makeReady(deadline)
        var place = ClusterScanCursor(node: "", position: "0", started: .init(), done: .init())
        if let cursor {
            guard let known = ClusterScanCursor(text: cursor) else {
                throw RedisError(
                    .invalidCommand,
                    phase: .checking,
                    message: "the cursor was not made by a scan of a cluster"
                )
            }
            place = known
        }
        var retry = ClusterRetry(isReadOnly: true, usesMaster: true, policy: retries.policy)
        retry.call = CallSize(name: "SCAN")
        while true {
            guard let slot = nodes.servedSlots().subtracting(place.done).first else {
                return RedisScanPage(names: [], cursor: nil)
            }
            guard let node = nodes.route(UInt16(clamping: slot), reads: false) else {
                let decision = nobody(&retry, deadline)
                _ = try await follow(decision, &retry, deadline: deadline)
                continue
            }
            if place.node != "\(node.endpoint)" || place.started.isEmpty {
                // Cursors of nodes mean nothing to others.
                place.node = "\(node.endpoint)"
                place.position = "0"
                place.started = nodes.slots(of: node)
            }
            let command = RedisCommand("SCAN", place.position, "MATCH", pattern, "COUNT", count, key: nil)
            do {
                let timeout = Duration.nanoseconds(deadline - ClientShared.now())
                retries.count(1)
                let page = try RedisScanPage(reply: try await node.client.send(command, timeout: timeout))
                retries.succeeded(retry)
                if let position = page.cursor {
                    place.position = position
                    return RedisScanPage(names: page.names, cursor: place.text)
                }
                // Slots that came or went while it was walked are left for another time. The node itself knows best.
                let topology = try await ClusterRefresher.topology(
                    by: node,
                    tls: configuration.url.tls,
                    deadline: deadline
                )
                nodes.install(topology)
                let seen = place.started.intersection(nodes.slots(of: node))
                place = ClusterScanCursor(node: "", position: "0", started: .init(), done: place.done.union(seen))
                let isOver = nodes.servedSlots().subtracting(place.done).isEmpty
                return RedisScanPage(names: page.names, cursor: isOver ? nil : place.text)
            } catch let error as RedisError {
                let decision = decide(&retry, error, node, deadline)
                _ = try await follow(decision, &retry, deadline: deadline)
            }
        }
    }
}
