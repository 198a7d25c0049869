/// How entries are written in Redis.
public enum WireFormat: String, Sendable, Hashable, CaseIterable {
    /// A self-describing header before the payload, under `prefix:v2:key`. Keeps every promise of the cache.
    case envelope
    /// Bare JSON, or a bare string, at `prefix:key`: just what the first generation of the service wrote and read.
    ///
    /// Nothing in it carries a stamp, so the last writer wins: a write that was delayed may overwrite a later one of
    /// another node, and a removal leaves no tombstone. Redis drops a plain entry at its logical expiry, so a stale
    /// answer stands in only while Redis is away.
    case plain
}
