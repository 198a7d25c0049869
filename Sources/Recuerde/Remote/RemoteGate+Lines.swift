/// Which lines tell this node of changes, and of its own writes among them.
extension RemoteGate {
    /// What would tell of the next change of an entry, before it is read or written.
    func witness(of name: String) -> RemoteWitness? {
        invalidation.flatMap { tier.witness(of: name, for: $0) }
    }

    /// The same before this node writes the entry, so that the notice of it is known for its own. To be followed by ``endWrite(_:_:_:_:)``.
    func beginWrite(_ key: CacheKey, _ name: String) -> RemoteWitness? {
        let witness = witness(of: name)
        // A plain entry that is written is not looked at before, so that nobody knows whether a notice of it will come.
        if let witness, format == .envelope {
            invalidation?.begin(key, on: witness.line)
            // Until it is answered, another's notice may be taken for that of this write, so nothing vouches for a copy meanwhile.
            memory.vouchForNothing(key)
        }
        return witness
    }

    /// The number of the line over which a write went; 0 where that is not certain, and under `plain`.
    func endWrite(
        _ key: CacheKey,
        _ name: String,
        _ witness: RemoteWitness?,
        _ outcome: OwnWrites.Outcome
    ) -> UInt32 {
        guard let witness, format == .envelope else { return 0 }
        let line = line(witness, of: name)
        invalidation?.end(key, on: witness.line, line == 0 ? .unknown : outcome)
        return outcome == .unknown || invalidation?.isWriting(key, on: witness.line) == true ? 0 : line
    }

    /// The number of the line over which an exchange went that has been answered; 0 where that is not certain.
    func line(_ before: RemoteWitness?, of name: String) -> UInt32 {
        guard let before, witness(of: name) == before else { return 0 }
        return before.line.number
    }
}
