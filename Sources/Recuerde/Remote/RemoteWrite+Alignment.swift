extension RemoteWrite.Operation {
    /// The same write, with the times in its envelope told by the clock that shows `present`.
    ///
    /// They were told when the value was prepared: before the clocks were compared, perhaps, or in an outage. What is
    /// left of the entry's life is known exactly, and the three times move together.
    func aligned(to present: UnixTime) -> RemoteWrite.Operation {
        guard case .store(let bytes, let timeToLive) = self, var envelope = Envelope(decoding: bytes[...]) else {
            return self
        }
        let shift = envelope.metadata.physicalExpiry.duration(to: present.advanced(by: timeToLive))
        guard shift > .seconds(1) || shift < .seconds(-1) else { return self }
        envelope.metadata.createdAt = envelope.metadata.createdAt.advanced(by: shift)
        envelope.metadata.logicalExpiry = envelope.metadata.logicalExpiry.advanced(by: shift)
        envelope.metadata.physicalExpiry = envelope.metadata.physicalExpiry.advanced(by: shift)
        return envelope.encoded().map { .store(bytes: $0, timeToLive: timeToLive) } ?? self
    }
}
