public import Recuerde

/// The records of tags.
extension RedisTier {
    public func tags(
        _ steps: [RemoteTagStep],
        timeout: Duration
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        try await eachByItself(steps) { step in try await self.carryOut(step, timeout: timeout) }
    }

    private func carryOut(_ step: RemoteTagStep, timeout: Duration) async throws -> RemoteTag {
        let words: [String] =
            switch step.operation {
            case .keep(let missing): ["k", missing?.wireText ?? "", "0", ""]
            case .invalidate(let stamp, let removes, let until):
                ["i", stamp.wireText, removes ? "1" : "0", until.wireText]
            case .raise(let stamp, let removes): ["r", stamp.wireText, removes ? "1" : "0", ""]
            }
        let arguments: [any RedisArgument] = words + [Self.milliseconds(step.life)]
        return try await translated {
            let reply = try await client.evaluate(
                scripts.tag,
                keys: [step.name],
                arguments: arguments + announcement(Announcement.entriesHead),
                timeout: timeout
            )
            guard let parts = reply.elements, parts.count == 6, let left = parts[2].int, let changed = parts[3].int,
                let expired = parts[0].bytes.flatMap(Stamp.init(wireBytes:)),
                let removed = parts[1].bytes.flatMap(Stamp.init(wireBytes:)),
                let time = parts[4].bytes.flatMap(Stamp.init(wireBytes:))
            else { throw Self.unexpected("EVALSHA") }
            if changed == 1 { noteAnnouncement(parts[5]) }
            return RemoteTag(
                expired: expired,
                removed: removed,
                remaining: .milliseconds(max(0, left)),
                isChanged: changed == 1,
                time: time,
                isLate: changed == 2
            )
        }
    }
}
