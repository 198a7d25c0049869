extension MemoryTier {
    /// What is known of a live entry that has tags; nil for one without. Marks nothing as used.
    func taggedEntry(_ key: CacheKey, now: MonotonicInstant) -> MemoryMetadata? {
        part(of: key).withLock { shard in
            guard let slot = shard.find(key), shard.slots.hot(slot).pointee.isTagged, shard.isLive(slot, now: now)
            else {
                return nil
            }
            return shard.metadata(slot)
        }
    }
}
