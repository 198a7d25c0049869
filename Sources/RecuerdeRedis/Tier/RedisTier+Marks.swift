public import Recuerde

/// What guards the remote tier against values that come too late.
extension RedisTier {
    public func plant(
        _ names: [String],
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> [Result<RemoteToken, RemoteTierError>] {
        try await eachByItself(names) { name in
            try await self.translated {
                let reply = try await self.client.evaluate(
                    self.scripts.plant,
                    keys: [name, KeySpace.companion(ofEntry: name)],
                    arguments: [String(UInt64.random(in: .min ... .max), radix: 16), Self.milliseconds(timeToLive)],
                    timeout: timeout
                )
                guard let parts = reply.elements, parts.count == 3, let text = parts[0].string,
                    let stamp = parts[1].bytes.flatMap(Stamp.init(wireBytes:)),
                    let time = parts[2].bytes.flatMap(Stamp.init(wireBytes:))
                else { throw Self.unexpected("EVALSHA") }
                return RemoteToken(text: text, stamp: stamp, time: time)
            }
        }
    }

    public func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
        try await translated {
            let reply = try await client.evaluate(
                scripts.marks,
                keys: [name],
                arguments: [clear?.wireText ?? ""] + announcement(Announcement.clearText),
                timeout: timeout
            )
            guard let parts = reply.elements, parts.count >= 3, let isNew = parts[2].int,
                let epoch = parts[0].bytes.flatMap(Stamp.init(wireBytes:)),
                let cleared = parts[1].bytes.flatMap(Stamp.init(wireBytes:))
            else { throw Self.unexpected("EVALSHA") }
            if parts.count > 3 { noteAnnouncement(parts[3]) }
            return RemoteMarks(epoch: epoch, cleared: cleared, isNew: isNew == 1)
        }
    }
}
