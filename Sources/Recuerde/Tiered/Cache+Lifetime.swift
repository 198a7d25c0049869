/// How long entries live.
extension Cache {
    /// What a call, the key's kind and the cache say, for values; nil where the entry must not be kept at all.
    func lifetime(of key: CacheKey, _ options: EntryOptions) -> Lifetime? {
        let kind = key.kind
        return Lifetime(
            timeToLive: options.timeToLive ?? kind?.timeToLive ?? configuration.defaultTimeToLive,
            maximumStaleness: options.maximumStaleness ?? kind?.maximumStaleness
                ?? configuration.defaultMaximumStaleness
        )
    }

    /// The same for this value, which may say that there is none.
    func lifetime<Value>(of key: CacheKey, _ options: EntryOptions, for value: Value) -> Lifetime? {
        guard let timeToLive = negativeTimeToLive(of: key, options), isAbsent(value) else {
            return lifetime(of: key, options)
        }
        var options = options
        options.timeToLive = timeToLive
        return lifetime(of: key, options)
    }

    /// The same for what a load has brought, which goes before all others.
    func lifetime<Value: Sendable>(of key: CacheKey, _ options: EntryOptions, _ loaded: Loaded<Value>) -> Lifetime? {
        var options = options
        options.maximumStaleness = loaded.maximumStaleness ?? options.maximumStaleness
        guard let timeToLive = loaded.timeToLive else { return lifetime(of: key, options, for: loaded.value) }
        options.timeToLive = timeToLive
        return lifetime(of: key, options)
    }

    /// The longest that whatever is kept under the key by such a call may live, unless its load says otherwise.
    func longestLife(of key: CacheKey, _ options: EntryOptions) -> Duration {
        let usual = lifetime(of: key, options)?.total ?? .zero
        guard let timeToLive = negativeTimeToLive(of: key, options) else { return usual }
        var options = options
        options.timeToLive = timeToLive
        return max(usual, lifetime(of: key, options)?.total ?? .zero)
    }

    /// What becomes of a lifetime by chance.
    func jittered(_ lifetime: Lifetime, of key: CacheKey, _ options: EntryOptions) -> Lifetime {
        let jitter = options.jitter ?? key.kind?.jitter ?? configuration.defaultJitter
        return jitter.isNone ? lifetime : lifetime.cut(by: jitter, chance: configuration.chance())
    }

    private func negativeTimeToLive(of key: CacheKey, _ options: EntryOptions) -> Duration? {
        options.negativeTimeToLive ?? key.kind?.negativeTimeToLive ?? configuration.defaultNegativeTimeToLive
    }
}
