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
    /// Any key will do: a node that is cut off from its cluster serves none, whereas it answers PING.
    private static let keyed = RedisCommand("EXISTS", "recuerde:probe", key: nil)

    /// Whether the server is a node of a cluster.
    let isOfCluster: Bool

    /// False once the server has refused to say (servers before 6.2, or a user who may not).
    private var asksForInfo = true
    /// True once the user may not even say PING: there will be no proof over this connection.
    private(set) var isRefused = false
    private var identity: UInt64 = 0

    init(isOfCluster: Bool = false) {
        self.isOfCluster = isOfCluster
    }

    /// The questions, in one write; their answers go to `answered`.
    mutating func ask(for identity: UInt64) -> [RedisCommand] {
        self.identity = identity
        return [Self.ping] + (isOfCluster ? [Self.keyed] : []) + (asksForInfo ? [Self.info] : [])
    }

    mutating func answered(
        _ replies: [Result<RESPValue, RedisError>],
        mode: RedisTrackingConfiguration.Mode
    ) -> Outcome {
        if case .failure(let error) = replies.first, error.serverCode == "NOPERM" { isRefused = true }
        guard case .success = replies.first else { return .nothing }
        if isOfCluster {
            // The others may have chosen another master meanwhile, and write there. MOVED and NOPERM come from a node that is not cut off.
            guard replies.count > 1 else { return .nothing }
            if case .failure(let error) = replies[1], !["MOVED", "ASK", "NOPERM"].contains(error.serverCode) {
                return .nothing
            }
        }
        let rest = replies.dropFirst(isOfCluster ? 2 : 1)
        guard let info = rest.first else { return .proved(identity: identity) }
        switch info {
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
