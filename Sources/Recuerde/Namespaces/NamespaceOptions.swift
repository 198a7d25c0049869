/// What holds for the calls of a namespace that do not say otherwise.
///
/// Each option is taken from the first that says it: the call, ``chooses``, the first of ``rules`` that matches, ``defaults``, the configuration of the
/// cache. Tags are those of all of them together; stale values are accepted where any of them does; and a ``EntryOptions/readPolicy`` of `normal` says
/// nothing, so that the next one counts.
public struct NamespaceOptions: Sendable {
    /// Options for the keys that a pattern means.
    public struct Rule: Sendable {
        /// Which keys, as they are called within the namespace.
        public var pattern: KeyPattern
        /// What holds for them.
        public var options: EntryOptions

        /// Makes a rule.
        public init(_ pattern: KeyPattern, _ options: EntryOptions) {
            self.pattern = pattern
            self.options = options
        }
    }

    /// What holds for all keys.
    public var defaults: EntryOptions
    /// What holds for some. The first that matches counts.
    public var rules: [Rule]
    /// What holds for a key, as it is called within the namespace; nil for nothing of its own. Asked once for each key of a call that writes or may
    /// load; of several values loaded at once, for those that the load has brought.
    public var chooses: (@Sendable (CacheKey) -> EntryOptions?)?

    /// Makes options.
    public init(
        defaults: EntryOptions = EntryOptions(),
        rules: [Rule] = [],
        chooses: (@Sendable (CacheKey) -> EntryOptions?)? = nil
    ) {
        self.defaults = defaults
        self.rules = rules
        self.chooses = chooses
    }

    /// What a call's options become for a key.
    func completed(_ options: EntryOptions, for key: CacheKey) -> EntryOptions {
        var options = options
        if let chosen = chooses?(key) { options = options.completed(by: chosen) }
        if let rule = rules.first(where: { $0.pattern.matches(key) }) { options = options.completed(by: rule.options) }
        return options.completed(by: defaults)
    }
}

extension EntryOptions {
    /// These, and of others what these leave open. What has no state of its own for that counts as left open where it is as if nothing had been said.
    func completed(by others: EntryOptions) -> EntryOptions {
        var options = self
        options.timeToLive = timeToLive ?? others.timeToLive
        options.maximumStaleness = maximumStaleness ?? others.maximumStaleness
        options.negativeTimeToLive = negativeTimeToLive ?? others.negativeTimeToLive
        options.jitter = jitter ?? others.jitter
        options.tags += others.tags.filter { !tags.contains($0) }
        options.loadTimeout = loadTimeout ?? others.loadTimeout
        options.softTimeout = softTimeout ?? others.softTimeout
        options.hardTimeout = hardTimeout ?? others.hardTimeout
        options.failureThrottle = failureThrottle ?? others.failureThrottle
        options.earlyRefresh = earlyRefresh ?? others.earlyRefresh
        options.loadsOncePerCluster = loadsOncePerCluster ?? others.loadsOncePerCluster
        options.acceptsStale = acceptsStale || others.acceptsStale
        options.readPolicy = readPolicy == .normal ? others.readPolicy : readPolicy
        options.maximumAge = maximumAge ?? others.maximumAge
        return options
    }
}
