/// What a tracked connection is asked for proof that it is alive and still tracked, and what its answers mean.
///
/// One for each connection. There is no I/O here.
struct TrackingProbe {
    enum Outcome: Equatable {
        /// Neither proof nor fault: the server is loading, or busy, or does not let itself be asked.
        case nothing
        /// All that the server told before this answer has been heard.
        case proved(identity: UInt64)
        /// Alive, and not tracked as was asked for; says why.
        case lost(String)
    }

    private static let ping = RedisCommand("PING", key: nil)
    private static let info = RedisCommand("CLIENT", "TRACKINGINFO", key: nil)

    /// False once the server has refused to say (servers before 6.2, or a user who may not).
    private var asksForInfo = true
    /// True once the user may not even say PING: there will be no proof over this connection.
    private(set) var isRefused = false
    private var identity: UInt64 = 0

    /// The questions, in one write; their answers go to `answered`.
    mutating func ask(for identity: UInt64) -> [RedisCommand] {
        self.identity = identity
        return asksForInfo ? [Self.ping, Self.info] : [Self.ping]
    }

    mutating func answered(
        _ replies: [Result<RESPValue, RedisError>],
        mode: RedisTrackingConfiguration.Mode
    ) -> Outcome {
        if case .failure(let error) = replies.first, error.serverCode == "NOPERM" { isRefused = true }
        guard case .success = replies.first else { return .nothing }
        guard replies.count > 1 else { return .proved(identity: identity) }
        switch replies[1] {
        case .failure(let error) where error.serverCode == "NOPERM" || error.serverCode == "ERR":
            asksForInfo = false
        case .failure:
            return .nothing
        case .success(let reply):
            guard let flags = Self.flags(in: reply) else {
                // No server that knows the question answers so.
                asksForInfo = false
                break
            }
            if let fault = Self.fault(in: flags, mode: mode) { return .lost(fault) }
        }
        return .proved(identity: identity)
    }

    private static func flags(in reply: RESPValue) -> [String]? {
        reply.pairs?["flags"]?.elements?.compactMap(\.string)
    }

    /// What makes notices not come, or not come here.
    private static func fault(in flags: [String], mode: RedisTrackingConfiguration.Mode) -> String? {
        if !flags.contains("on") { return "tracking was switched off" }
        if flags.contains("broken_redirect") { return "its notices go to a connection that is gone" }
        let isBroadcast = if case .broadcast = mode.kind { true } else { false }
        if flags.contains("bcast") != isBroadcast || flags.contains("optin") || flags.contains("optout") {
            return "tracking was switched to another mode"
        }
        return nil
    }
}
