/// What is said to sentinels and to the servers that they name, and what the answers mean.
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sentinel-api
enum SentinelReplies {
    typealias Endpoint = RedisURL.Endpoint

    static let announcements = "+switch-master"

    static func masterAddress(_ masterName: String) -> RedisCommand {
        RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName, key: nil)
    }

    static func otherSentinels(_ masterName: String) -> RedisCommand {
        RedisCommand("SENTINEL", "SENTINELS", masterName, key: nil)
    }

    /// Subscribes on each new connection to a sentinel. RESP3 answers SUBSCRIBE by a push message, so that the one reply is
    /// that of PING; in RESP2 nothing could be asked over the same connection, so that it is left out there.
    ///
    /// - Parameter refused: hears of a refusal, after which the connection is of no use: two replies come instead of one.
    static func subscription(
        _ sentinel: Endpoint,
        refused: @escaping @Sendable (RedisError) -> Void = { _ in }
    ) -> HandshakeStep {
        let command = RedisCommand("SUBSCRIBE", announcements, key: nil).joined(with: RedisCommand("PING", key: nil))
        return HandshakeStep(command, needsPushes: true) { reply in
            guard let error = reply.serverError else { return nil }
            let refusal = RedisError(
                .connectFailed,
                serverCode: error.code,
                phase: .handshake,
                message:
                    "the sentinel at \(sentinel) does not let its announcements be heard; its user needs +subscribe, "
                    + "+ping and &\(announcements). It says: \(error.text)"
            )
            refused(refusal)
            return refusal
        }
    }

    /// Why a sentinel that speaks the old protocol is asked only.
    static func oldProtocol(_ sentinel: Endpoint) -> RedisError {
        RedisError(
            .connectFailed,
            phase: .handshake,
            message: "the sentinel at \(sentinel) speaks RESP2 only, so that its announcements are not heard; "
                + "they need a sentinel of Redis 6.0 or later"
        )
    }

    /// Why the other sentinels are not learned from one; nil if they are.
    static func unnamedOthers(_ reply: Result<RESPValue, RedisError>, _ sentinel: Endpoint) -> RedisError? {
        guard case .failure(let error) = reply else { return nil }
        return RedisError(
            .server,
            serverCode: error.serverCode,
            phase: .reply,
            message: "the sentinel at \(sentinel) does not name the others; its user needs +sentinel|sentinels. "
                + "It says: \(error.message)"
        )
    }

    /// The reply to the question for the master's address. Where the user may not ask it, the error says what to do.
    static func explained(
        _ reply: Result<RESPValue, RedisError>,
        _ sentinel: Endpoint
    ) -> Result<RESPValue, RedisError> {
        guard case .failure(let error) = reply, error.serverCode == "NOPERM" else { return reply }
        return .failure(
            RedisError(
                .connectFailed,
                serverCode: error.serverCode,
                phase: .reply,
                message: "the sentinel at \(sentinel) may not be asked for the master; its user needs "
                    + "+sentinel|get-master-addr-by-name. It says: \(error.message)"
            )
        )
    }

    /// Makes every connection to a server show that it is a master.
    static func roleCheck(_ server: Endpoint) -> HandshakeStep {
        HandshakeStep(RedisCommand("ROLE", key: nil)) { fault(inRole: $0, of: server) }
    }

    /// What speaks against a server's being a master, by its answer to ROLE.
    static func fault(inRole reply: RESPValue, of server: Endpoint) -> RedisError? {
        if let error = reply.serverError {
            return RedisError(
                .connectFailed,
                serverCode: error.code,
                phase: .handshake,
                message: "\(server) does not tell its role; the user needs +role. It says: \(error.text)"
            )
        }
        let role = reply.elements?.first?.string
        if role == "master" { return nil }
        return RedisError(
            .connectFailed,
            phase: .handshake,
            message: "\(server) was named as the master, and its role is \(known(role))"
        )
    }

    /// A word of the server's is repeated only if it is one of those that may come.
    private static func known(_ role: String?) -> String {
        guard let role, ["slave", "replica", "sentinel"].contains(role) else { return "unknown" }
        return role
    }

    /// The address in a reply to GET-MASTER-ADDR-BY-NAME; nil if it is none.
    static func address(_ reply: RESPValue) -> Endpoint? {
        guard let parts = reply.elements, parts.count == 2 else { return nil }
        return endpoint(host: parts[0].string, port: parts[1].int)
    }

    /// The addresses in a reply to SENTINEL SENTINELS; those without one are passed over.
    static func sentinels(_ reply: RESPValue) -> [Endpoint] {
        (reply.elements ?? []).compactMap { item in
            guard let pairs = item.pairs else { return nil }
            return endpoint(host: pairs["ip"]?.string, port: pairs["port"]?.int)
        }
    }

    enum Announcement: Equatable {
        /// The subscription stands: what was announced before was not heard.
        case subscribed
        case newMaster(Endpoint)
        /// Of no interest: another master's, or none that is known.
        case other
    }

    /// A push message of a sentinel. The words of `+switch-master` are: name, old host, old port, new host, new port.
    static func announcement(_ push: [RESPValue], masterName: String) -> Announcement {
        switch push.first?.string {
        case "subscribe": return .subscribed
        case "message" where push.count == 3 && push[1].string == announcements:
            let words = (push[2].string ?? "").split(separator: " ").map(String.init)
            guard words.count == 5, words[0] == masterName, let endpoint = endpoint(host: words[3], port: Int(words[4]))
            else { return .other }
            return .newMaster(endpoint)
        default: return .other
        }
    }

    private static func endpoint(host: String?, port: Int?) -> Endpoint? {
        guard let host, !host.isEmpty, host.utf8.count <= 255, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
            let port, (1...65535).contains(port)
        else { return nil }
        return Endpoint(host: host, port: port)
    }
}
