extension Cache {
    /// A record of the application has changed: entries that carry its tag (``CacheRecord/tag``) are void, and so is what
    /// ``CacheConfiguration/dependencies`` declares to depend on it.
    ///
    /// Call it after the change has been committed, for what is loaded from then on is kept. Tags cost one exchange in all, as
    /// ``invalidate(tags:by:)``; keys are removed one after the other, as ``delete(_:)``, after the tags. One that fails holds back no other.
    ///
    /// - Parameters:
    ///   - type: The record's type.
    ///   - id: Which one of them.
    ///   - invalidation: Whether entries with the tags may stand in for a load that fails. What stands under the keys is removed either way.
    /// - Throws: As ``invalidate(tags:by:)`` and ``delete(_:)``, the first failure, once everything was tried; ``CacheError/Code/unsupported`` where the
    ///   declared dependents lead on and on, to more than 10 000 records: then nothing is done.
    public func recordChanged(_ type: String, id: String, by invalidation: TagInvalidation = .expire) async throws {
        try await recordsChanged([CacheRecord(type, id: id)], by: invalidation)
    }

    /// As ``recordChanged(_:id:by:)``, for several at once: the tags of all of them cost one exchange. No records: nothing is done.
    ///
    /// - Parameters:
    ///   - records: The records that have changed.
    ///   - invalidation: Whether entries with the tags may stand in for a load that fails. What stands under the keys is removed either way.
    /// - Throws: As ``recordChanged(_:id:by:)``.
    public func recordsChanged(_ records: [CacheRecord], by invalidation: TagInvalidation = .expire) async throws {
        guard let (tags, keys) = configuration.dependencies.dependents(of: records) else {
            throw CacheError(
                .unsupported,
                "more than \(CacheDependencies.limit) records depend on these; declare a tag that they share instead"
            )
        }
        try admit(tags: tags)
        for key in keys { try admit(key) }
        var failure: (any Error)?
        do { try await invalidate(tags: tags, by: invalidation) } catch { failure = error }
        for key in keys {
            do { _ = try await delete(key) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }
}
