/// A value that a tier holds, with what is known of it.
struct Found<Value: Sendable>: Sendable {
    var value: Value
    var entry: MemoryMetadata
    var source: Provenance.Source
    /// The stamp of a fresh entry of a newer schema that stands in the remote tier, and is not to give way to what is loaded here.
    var yields: Stamp?
    /// Whether the remote tier said that somebody has expired it.
    var isExpired = false

    /// Whether it may be served as fresh, to a caller who accepts at most this age.
    func isFresh(at now: MonotonicInstant, maximumAge: Duration?) -> Bool {
        guard now < entry.logicalExpiry else { return false }
        guard let maximumAge else { return true }
        return entry.createdAt.duration(to: now) <= maximumAge
    }

    func result(at now: MonotonicInstant) -> CacheResult<Value> {
        CacheResult(
            value: value,
            provenance: Provenance(
                source: source,
                age: max(.zero, entry.createdAt.duration(to: now)),
                remaining: now.duration(to: entry.logicalExpiry),
                stamp: entry.stamp,
                stored: true,
                cost: entry.cost
            )
        )
    }

    /// The same as an answer that stands in for a load.
    func staleResult(at now: MonotonicInstant, reason: Provenance.StaleReason) -> CacheResult<Value> {
        var result = result(at: now)
        result.provenance.source = .stale
        result.provenance.staleReason = reason
        return result
    }
}

/// What the bytes of an entry stand for.
struct Decoded<Value: Sendable>: Sendable {
    /// Nil for nothing that may be served.
    var found: Found<Value>?
    /// A fresh entry in a newer schema than this process knows; what is found is then what this process makes of it, or has in its stead.
    var newer: (stamp: Stamp, tags: TagSet?)?

    /// The tags by which either is judged.
    var marks: [TagMark] {
        let (own, others) = (found?.entry.marks, newer?.tags)
        return (own?.marks ?? []) + (others === own ? [] : others?.marks ?? [])
    }
}

/// What came of asking the remote tier.
enum RemoteAnswer<Value: Sendable>: Sendable {
    /// It holds the key: fresh or stale. `time` is its clock, where it was asked for.
    case found(Found<Value>, time: Stamp?)
    /// It does not; or what it still holds is dead or stands for nothing (`hasBytes`); or it holds the key in a newer schema, fresh, which is not to give
    /// way to what is loaded here (`yields`).
    case absent(time: Stamp?, yields: Stamp? = nil, hasBytes: Bool = false)
    /// It did not answer, or must not be believed about this key: memory decides.
    case unusable
}
