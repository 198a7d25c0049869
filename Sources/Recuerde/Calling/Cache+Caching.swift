// Written out for up to four arguments: given a closure for a function type with a parameter pack, the compiler of Swift 6.3 crashes.

extension Cache {
    /// A function whose results this cache keeps by its arguments.
    ///
    /// ```swift
    /// let forecast = cache.caching("forecast", options: .timeToLive(.seconds(600))) { (city: City, day: Int) in
    ///     try await weather.forecast(for: city, on: day)
    /// }
    /// let tomorrow = try await forecast(madrid, 1)
    /// try await forecast.invalidate(madrid, 1)
    /// ```
    ///
    /// The key is the name and the arguments, each escaped, so that no two lists of arguments share one. Whatever the function depends on
    /// besides belongs into the name. Up to four arguments; more go into one type.
    ///
    /// - Parameters:
    ///   - name: The first part of its keys: no two functions with the same cache, or the same prefix in Redis, may share it.
    ///   - kind: The kind that its results are counted and kept as.
    ///   - options: What they are kept with, and how they are read.
    ///   - function: What makes a result. Runs in a task that the cache owns, as any load does.
    public func caching<First: CacheKeyPart & Sendable, Value: Codable & Sendable>(
        _ name: String,
        kind: CacheKind? = nil,
        options: EntryOptions = EntryOptions(),
        _ function: @escaping @Sendable (First) async throws -> Value
    ) -> CachedFunction<First, Value> {
        CachedFunction(name, kind, options, self) { argument in try await function(argument) }
    }

    /// A load that is bound once, for keys that are made elsewhere: what it brings for a key, this cache keeps under that key.
    ///
    /// ```swift
    /// let profile = cache.caching { (key: CacheKey) in try await database.profile(named: key.text) }
    /// let answer = try await profile("learner:42")
    /// ```
    ///
    /// A hit in memory allocates nothing.
    ///
    /// - Parameters:
    ///   - options: What its results are kept with, and how they are read.
    ///   - function: What makes a result. Runs in a task that the cache owns, as any load does.
    public func caching<Value: Codable & Sendable>(
        options: EntryOptions = EntryOptions(),
        _ function: @escaping @Sendable (CacheKey) async throws -> Value
    ) -> CachedFunction<CacheKey, Value> {
        CachedFunction("", nil, options, self) { key in try await function(key) }
    }

    /// As `caching(_:kind:options:_:)`, of no argument.
    public func caching<Value: Codable & Sendable>(
        _ name: String,
        kind: CacheKind? = nil,
        options: EntryOptions = EntryOptions(),
        _ function: @escaping @Sendable () async throws -> Value
    ) -> CachedFunction<Void, Value> {
        CachedFunction(name, kind, options, self) { _ in try await function() }
    }

    /// As `caching(_:kind:options:_:)`, of two arguments.
    public func caching<First: CacheKeyPart & Sendable, Second: CacheKeyPart & Sendable, Value: Codable & Sendable>(
        _ name: String,
        kind: CacheKind? = nil,
        options: EntryOptions = EntryOptions(),
        _ function: @escaping @Sendable (First, Second) async throws -> Value
    ) -> CachedFunction<(First, Second), Value> {
        CachedFunction(name, kind, options, self) { arguments in try await function(arguments.0, arguments.1) }
    }

    /// As `caching(_:kind:options:_:)`, of three arguments.
    public func caching<
        First: CacheKeyPart & Sendable,
        Second: CacheKeyPart & Sendable,
        Third: CacheKeyPart & Sendable,
        Value: Codable & Sendable
    >(
        _ name: String,
        kind: CacheKind? = nil,
        options: EntryOptions = EntryOptions(),
        _ function: @escaping @Sendable (First, Second, Third) async throws -> Value
    ) -> CachedFunction<(First, Second, Third), Value> {
        CachedFunction(name, kind, options, self) { arguments in
            try await function(arguments.0, arguments.1, arguments.2)
        }
    }

    /// As `caching(_:kind:options:_:)`, of four arguments.
    public func caching<
        First: CacheKeyPart & Sendable,
        Second: CacheKeyPart & Sendable,
        Third: CacheKeyPart & Sendable,
        Fourth: CacheKeyPart & Sendable,
        Value: Codable & Sendable
    >(
        _ name: String,
        kind: CacheKind? = nil,
        options: EntryOptions = EntryOptions(),
        _ function: @escaping @Sendable (First, Second, Third, Fourth) async throws -> Value
    ) -> CachedFunction<(First, Second, Third, Fourth), Value> {
        CachedFunction(name, kind, options, self) { arguments in
            try await function(arguments.0, arguments.1, arguments.2, arguments.3)
        }
    }
}
