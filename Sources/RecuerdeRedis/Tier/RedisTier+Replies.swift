import Recuerde

extension RedisTier {
    func evaluate(
        _ script: RedisScript,
        _ write: RemoteWrite,
        _ arguments: [any RedisArgument],
        _ timeout: Duration
    ) async throws -> RESPValue {
        let decision: [any RedisArgument] =
            switch write.condition {
            case .always(let floor, let validUntil): ["a", floor.wireText, validUntil.wireText]
            case .ifNewer(let stamp): ["n", stamp.wireText, ""]
            case .ifToken(let stamp, let token): ["t", stamp.wireText, token]
            }
        return try await client.evaluate(
            script,
            keys: [write.name, KeySpace.companion(ofEntry: write.name)],
            arguments: decision + arguments + announcement(Announcement.entriesHead),
            timeout: timeout
        )
    }

    /// What scripts that announce need besides: the channel, and how the message begins.
    func announcement(_ head: (_ sender: String) -> String) -> [any RedisArgument] {
        guard let channel = invalidation.announcingChannel else { return [] }
        return [channel, head(sender)]
    }

    func outcome(_ reply: RESPValue) throws -> RemoteOutcome {
        guard let parts = reply.elements, parts.count >= 3, let status = parts[0].int, let existed = parts[1].int,
            let stamp = parts[2].bytes.flatMap(Stamp.init(wireBytes:))
        else { throw Self.unexpected("EVALSHA") }
        // What was not done needs no announcement, and comes without an answer to that.
        if parts.count > 3 { noteAnnouncement(parts[3]) }
        return RemoteOutcome(
            applied: status == 1,
            existed: existed > 0,
            stamp: stamp,
            isLate: status == 2,
            isUnchanged: existed == 2
        )
    }

    static func entries(_ reply: RESPValue, of names: [String]) throws -> [[UInt8]?] {
        if names.count == 1 { return [try entry(reply)] }
        guard let elements = reply.elements, elements.count == names.count else { throw unexpected("MGET") }
        return try elements.map(entry)
    }

    private static func entry(_ reply: RESPValue) throws -> [UInt8]? {
        if reply.isNull { return nil }
        guard let bytes = reply.bytes else { throw unexpected("GET") }
        return bytes
    }

    /// TIME answers seconds and microseconds.
    static func stamp(ofTime reply: RESPValue) throws -> Stamp {
        guard let parts = reply.elements, parts.count == 2, let seconds = parts[0].int, let micros = parts[1].int,
            (0..<1_000_000).contains(micros), (0...(Int.max / 1_000_000 - 1)).contains(seconds)
        else { throw unexpected("TIME") }
        return Stamp(microseconds: Int64(seconds * 1_000_000 + micros))
    }

    /// PTTL answers milliseconds; -1 for a key without an end, -2 for none.
    static func timeToLive(_ reply: RESPValue) throws -> Duration? {
        guard let milliseconds = reply.int else { throw unexpected("PTTL") }
        return milliseconds == -1 ? nil : .milliseconds(max(0, milliseconds))
    }

    /// Whole milliseconds, at least one: Redis takes no less.
    static func milliseconds(_ duration: Duration) -> Int {
        Int(clamping: max(1, duration.saturatedMilliseconds))
    }

    static func unexpected(_ command: String) -> RemoteTierError {
        RemoteTierError(.unavailable, "the server answered \(command) with a reply of an unexpected type")
    }

    /// Runs an exchange, and says what its failure means for the cache.
    func translated<Answer>(_ exchange: () async throws -> Answer) async throws -> Answer {
        watch?.start()
        do {
            return try await exchange()
        } catch let error as RedisError {
            throw RemoteTierError(error)
        }
    }
}

extension RemoteTierError {
    /// What an error of the client means for the cache.
    init(_ error: RedisError) {
        let code: Code
        switch error.code {
        case .deadlineExceeded: code = .timedOut
        case .overloaded: code = .overloaded
        // One of several connections, perhaps; dialing again tells whether the server is gone.
        case .connectionLost: code = .interrupted
        case .authenticationFailed: code = .authenticationFailed
        case .server:
            switch error.serverCode {
            // It is there, and will not be of any use for a while.
            case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "BUSY": code = .unavailable
            case "NOAUTH", "WRONGPASS": code = .authenticationFailed
            default: code = .refused
            }
        case .invalidCommand: code = .refused
        default: code = error.isClosedPort ? .absent : .unavailable
        }
        self.init(code, error.description, lacksRoom: error.serverCode == "OOM")
    }
}
