import Synchronization

/// The client of one sentinel, over whose one connection it is asked and, where it lets itself be, listened to.
struct SentinelLink: Sendable {
    let endpoint: RedisURL.Endpoint
    let client: RedisClient
    /// Nil if its announcements are listened to; else why not, since a connection before this one was refused it.
    let deafness: RedisError?
    /// What was said against listening, on the last connection of this client.
    let refusal: Refusal
    /// Tells links to the same sentinel apart.
    let number: UInt64

    var listens: Bool { deafness == nil }

    /// What the step of the handshake has heard.
    final class Refusal: Sendable {
        private let storage = Mutex<RedisError?>(nil)

        var error: RedisError? { storage.withLock { $0 } }

        func note(_ error: RedisError) { storage.withLock { $0 = error } }
    }

    /// Why it is only asked, as far as the present connection tells; nil if it is listened to.
    var presentDeafness: RedisError? {
        if let deafness { return deafness }
        guard let facts = client.state.server, facts.protocolVersion < 3 else { return nil }
        return SentinelReplies.oldProtocol(endpoint)
    }
}
