/// Where a node sends a client on to: MOVED (for good) or ASK (this once).
///
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ (MOVED and ASK redirection)
struct ClusterRedirect: Sendable, Equatable {
    /// True for ASK: only this command, and after ASKING; the table of slots stays as it is.
    let isAsk: Bool
    let slot: Int
    let endpoint: RedisURL.Endpoint

    /// Reads `MOVED 3999 127.0.0.1:6381`; nil if the error is no redirect or makes no sense.
    ///
    /// - Parameter asked: the node that answered; an answer without a host means the same host.
    init?(_ error: RedisError, asked: RedisURL.Endpoint) {
        guard error.code == .server else { return nil }
        switch error.serverCode {
        case "MOVED": isAsk = false
        case "ASK": isAsk = true
        default: return nil
        }
        let words = error.message.split(separator: " ")
        guard words.count >= 3, let slot = Int(words[1]), (0..<RedisKeySlot.count).contains(slot) else { return nil }
        // IPv6 addresses stand here without brackets, so that the last colon counts.
        guard let colon = words[2].lastIndex(of: ":"),
            let port = Int(words[2][words[2].index(after: colon)...]), (1...65535).contains(port)
        else { return nil }
        let host = words[2][..<colon]
        guard host != "?", host.utf8.count <= 255 else { return nil }
        self.slot = slot
        endpoint = RedisURL.Endpoint(host: host.isEmpty ? asked.host : String(host), port: port)
    }
}
