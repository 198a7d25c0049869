extension RemoteWrite.Operation {
    /// The same write, with the times in its envelope told by the clock that shows `present`.
    ///
    /// They were told when the value was prepared: before the clocks were compared, perhaps, or in an outage. What is
    /// left of the entry's life is known exactly, and the three times move together. One that is encrypted, for they are authenticated, is so anew.
    func aligned(to present: UnixTime, as name: String, by pipeline: PayloadPipeline) -> RemoteWrite.Operation {
        guard case .store(let bytes, let timeToLive) = self, let sealed = Envelope(decoding: bytes[...]) else {
            return self
        }
        let shift = sealed.metadata.physicalExpiry.duration(to: present.advanced(by: timeToLive))
        guard shift > .seconds(1) || shift < .seconds(-1),
            var envelope = try? pipeline.opened(bytes[...], as: name)
        else { return self }
        envelope.metadata.createdAt = envelope.metadata.createdAt.advanced(by: shift)
        envelope.metadata.logicalExpiry = envelope.metadata.logicalExpiry.advanced(by: shift)
        envelope.metadata.physicalExpiry = envelope.metadata.physicalExpiry.advanced(by: shift)
        return pipeline.sealed(envelope, as: name).map { .store(bytes: $0, timeToLive: timeToLive) } ?? self
    }
}
