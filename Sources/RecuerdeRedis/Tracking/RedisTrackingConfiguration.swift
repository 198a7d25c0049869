/// How the server is to tell which keys have changed (CLIENT TRACKING), and who hears of it.
///
/// Source: https://redis.io/docs/latest/commands/client-tracking/
package struct RedisTrackingConfiguration: Sendable {
    /// What the server remembers.
    package struct Mode: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case standard(noLoop: Bool)
            case broadcast(prefixes: [String])
        }

        let kind: Kind

        /// The server remembers which connection has read which key, and tells that connection once.
        ///
        /// With `noLoop` it says nothing of what the same connection writes, and forgets silently that the connection
        /// had read the key: a read after the write makes it remember again.
        package static func `default`(noLoop: Bool) -> Mode { Mode(kind: .standard(noLoop: noLoop)) }

        /// The server remembers nothing and tells every change of keys with these prefixes; of all keys if there are
        /// none. It reveals names of keys that the ACL does not let the user read.
        ///
        /// - Throws: `RedisError` (`invalidCommand`) if one prefix begins with another: the server refuses that, on each
        ///   connect, so it is said here.
        package static func broadcast(prefixes: [String]) throws(RedisError) -> Mode {
            for (index, prefix) in prefixes.enumerated() {
                for other in prefixes[..<index] where Self.overlap(prefix, other) {
                    throw RedisError(
                        .invalidCommand,
                        phase: .checking,
                        message: "two of the prefixes for client tracking overlap: one begins with the other; "
                            + "name only the shorter one"
                    )
                }
            }
            return Mode(kind: .broadcast(prefixes: prefixes))
        }

        private static func overlap(_ one: String, _ other: String) -> Bool {
            one.utf8.starts(with: other.utf8) || other.utf8.starts(with: one.utf8)
        }
    }

    /// What the server remembers.
    package var mode: Mode

    /// Called for each event, on the event loop of its connection, and before the reply to any command that the
    /// server executed after it; must not block.
    package var handler: @Sendable (RedisTrackingEvent) -> Void

    /// How often each tracked connection is asked for proof that it is alive and still tracked (PING and CLIENT TRACKINGINFO);
    /// nil: never. Without an answer within the time that a PING may take the connection is replaced.
    package var probePace: Duration? = .seconds(1)

    /// Whether the servers are nodes of a cluster, which prove by serving keys that they are not cut off from it.
    var isOfCluster = false

    /// At what pace they are asked now, in nanoseconds, where somebody may want it to be faster later.
    var presentPace: (@Sendable () -> Int64)?

    /// At what pace they are asked now, in nanoseconds; nil: never.
    var pace: Int64? {
        guard let probePace = probePace?.clampedNanoseconds else { return nil }
        return min(probePace, presentPace?() ?? probePace)
    }

    /// Makes a configuration.
    package init(mode: Mode, handler: @escaping @Sendable (RedisTrackingEvent) -> Void) {
        self.mode = mode
        self.handler = handler
    }

    /// What is said in the handshake. NOLOOP also in broadcast mode: there each connection hears of all keys, and only
    /// what concerns its own keys is handed on, so that nobody's own write comes back.
    var command: RedisCommand {
        var arguments: [any RedisArgument] = ["TRACKING", "ON"]
        switch mode.kind {
        case .standard(let noLoop):
            if noLoop { arguments.append("NOLOOP") }
        case .broadcast(let prefixes):
            arguments.append("BCAST")
            for prefix in prefixes { arguments += ["PREFIX", prefix] as [any RedisArgument] }
            arguments.append("NOLOOP")
        }
        return RedisCommand("CLIENT", arguments: arguments, key: nil)
    }
}
