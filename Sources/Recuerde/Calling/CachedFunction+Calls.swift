// One block for each number of arguments.

/// Functions without arguments.
extension CachedFunction {
    /// The key of the result.
    public func key() -> CacheKey where Arguments == Void { name }

    /// The result: what is kept, or what the function returns.
    ///
    /// - Throws: What the function throws, and what `Cache.value(for:options:load:)` does.
    @inlinable
    public func callAsFunction() async throws -> Value where Arguments == Void {
        try await value(key(), ())
    }

    /// The same, and where it came from.
    public func result() async throws -> CacheResult<Value> where Arguments == Void {
        try await result(key(), ())
    }

    /// The result of running the function now, which takes the place of what is kept.
    @discardableResult
    public func refresh() async throws -> Value where Arguments == Void {
        try await refresh(key(), ())
    }

    /// Removes the result that is kept, here and on other nodes.
    ///
    /// - Throws: ``CacheError``, as `Cache.delete(_:)`.
    public func invalidate() async throws where Arguments == Void {
        _ = try await cache.delete(key())
    }
}

/// Loads that are bound once, for keys that are made elsewhere.
extension CachedFunction where Arguments == CacheKey {
    /// The result: what is kept under the key, or what the function returns.
    ///
    /// - Throws: What the function throws, and what `Cache.value(for:options:load:)` does.
    @inlinable
    public func callAsFunction(_ key: CacheKey) async throws -> Value {
        try await value(key, key)
    }

    /// The same, and where it came from.
    public func result(for key: CacheKey) async throws -> CacheResult<Value> {
        try await result(key, key)
    }

    /// The result of running the function now, which takes the place of what is kept.
    @discardableResult
    public func refresh(_ key: CacheKey) async throws -> Value {
        try await refresh(key, key)
    }

    /// Removes the result that is kept, here and on other nodes.
    ///
    /// - Throws: ``CacheError``, as `Cache.delete(_:)`.
    public func invalidate(_ key: CacheKey) async throws {
        _ = try await cache.delete(key)
    }
}

/// Functions of one argument.
extension CachedFunction where Arguments: CacheKeyPart {
    /// The key of the result for these arguments.
    public func key(
        for first: Arguments
    ) -> CacheKey {
        var builder = builder
        builder.append(first)
        return builder.key(like: name)
    }

    /// The result: what is kept, or what the function returns.
    ///
    /// - Throws: What the function throws, and what `Cache.value(for:options:load:)` does.
    @inlinable
    public func callAsFunction(
        _ first: Arguments
    ) async throws -> Value {
        try await value(key(for: first), first)
    }

    /// The same, and where it came from.
    public func result(
        for first: Arguments
    ) async throws -> CacheResult<Value> {
        try await result(key(for: first), first)
    }

    /// The result of running the function now, which takes the place of what is kept.
    @discardableResult
    public func refresh(
        _ first: Arguments
    ) async throws -> Value {
        try await refresh(key(for: first), first)
    }

    /// Removes the result that is kept, here and on other nodes.
    ///
    /// - Throws: ``CacheError``, as `Cache.delete(_:)`.
    public func invalidate(
        _ first: Arguments
    ) async throws {
        _ = try await cache.delete(key(for: first))
    }
}

/// Functions of two arguments.
extension CachedFunction {
    /// The key of the result for these arguments.
    public func key<First: CacheKeyPart & Sendable, Second: CacheKeyPart & Sendable>(
        for first: First,
        _ second: Second
    ) -> CacheKey where Arguments == (First, Second) {
        var builder = builder
        builder.append(first)
        builder.append(second)
        return builder.key(like: name)
    }

    /// The result: what is kept, or what the function returns.
    ///
    /// - Throws: What the function throws, and what `Cache.value(for:options:load:)` does.
    @inlinable
    public func callAsFunction<First: CacheKeyPart & Sendable, Second: CacheKeyPart & Sendable>(
        _ first: First,
        _ second: Second
    ) async throws -> Value where Arguments == (First, Second) {
        try await value(key(for: first, second), (first, second))
    }

    /// The same, and where it came from.
    public func result<First: CacheKeyPart & Sendable, Second: CacheKeyPart & Sendable>(
        for first: First,
        _ second: Second
    ) async throws -> CacheResult<Value> where Arguments == (First, Second) {
        try await result(key(for: first, second), (first, second))
    }

    /// The result of running the function now, which takes the place of what is kept.
    @discardableResult
    public func refresh<First: CacheKeyPart & Sendable, Second: CacheKeyPart & Sendable>(
        _ first: First,
        _ second: Second
    ) async throws -> Value where Arguments == (First, Second) {
        try await refresh(key(for: first, second), (first, second))
    }

    /// Removes the result that is kept, here and on other nodes.
    ///
    /// - Throws: ``CacheError``, as `Cache.delete(_:)`.
    public func invalidate<First: CacheKeyPart & Sendable, Second: CacheKeyPart & Sendable>(
        _ first: First,
        _ second: Second
    ) async throws where Arguments == (First, Second) {
        _ = try await cache.delete(key(for: first, second))
    }
}

/// Functions of three arguments.
extension CachedFunction {
    /// The key of the result for these arguments.
    public func key<First: CacheKeyPart & Sendable, Second: CacheKeyPart & Sendable, Third: CacheKeyPart & Sendable>(
        for first: First,
        _ second: Second,
        _ third: Third
    ) -> CacheKey where Arguments == (First, Second, Third) {
        var builder = builder
        builder.append(first)
        builder.append(second)
        builder.append(third)
        return builder.key(like: name)
    }

    /// The result: what is kept, or what the function returns.
    ///
    /// - Throws: What the function throws, and what `Cache.value(for:options:load:)` does.
    @inlinable
    public func callAsFunction<
        First: CacheKeyPart & Sendable,
        Second: CacheKeyPart & Sendable,
        Third: CacheKeyPart & Sendable
    >(
        _ first: First,
        _ second: Second,
        _ third: Third
    ) async throws -> Value where Arguments == (First, Second, Third) {
        try await value(key(for: first, second, third), (first, second, third))
    }

    /// The same, and where it came from.
    public func result<First: CacheKeyPart & Sendable, Second: CacheKeyPart & Sendable, Third: CacheKeyPart & Sendable>(
        for first: First,
        _ second: Second,
        _ third: Third
    ) async throws -> CacheResult<Value> where Arguments == (First, Second, Third) {
        try await result(key(for: first, second, third), (first, second, third))
    }

    /// The result of running the function now, which takes the place of what is kept.
    @discardableResult
    public func refresh<
        First: CacheKeyPart & Sendable,
        Second: CacheKeyPart & Sendable,
        Third: CacheKeyPart & Sendable
    >(
        _ first: First,
        _ second: Second,
        _ third: Third
    ) async throws -> Value where Arguments == (First, Second, Third) {
        try await refresh(key(for: first, second, third), (first, second, third))
    }

    /// Removes the result that is kept, here and on other nodes.
    ///
    /// - Throws: ``CacheError``, as `Cache.delete(_:)`.
    public func invalidate<
        First: CacheKeyPart & Sendable,
        Second: CacheKeyPart & Sendable,
        Third: CacheKeyPart & Sendable
    >(
        _ first: First,
        _ second: Second,
        _ third: Third
    ) async throws where Arguments == (First, Second, Third) {
        _ = try await cache.delete(key(for: first, second, third))
    }
}

/// Functions of four arguments.
extension CachedFunction {
    /// The key of the result for these arguments.
    public func key<
        First: CacheKeyPart & Sendable,
        Second: CacheKeyPart & Sendable,
        Third: CacheKeyPart & Sendable,
        Fourth: CacheKeyPart & Sendable
    >(
        for first: First,
        _ second: Second,
        _ third: Third,
        _ fourth: Fourth
    ) -> CacheKey where Arguments == (First, Second, Third, Fourth) {
        var builder = builder
        builder.append(first)
        builder.append(second)
        builder.append(third)
        builder.append(fourth)
        return builder.key(like: name)
    }

    /// The result: what is kept, or what the function returns.
    ///
    /// - Throws: What the function throws, and what `Cache.value(for:options:load:)` does.
    @inlinable
    public func callAsFunction<
        First: CacheKeyPart & Sendable,
        Second: CacheKeyPart & Sendable,
        Third: CacheKeyPart & Sendable,
        Fourth: CacheKeyPart & Sendable
    >(
        _ first: First,
        _ second: Second,
        _ third: Third,
        _ fourth: Fourth
    ) async throws -> Value where Arguments == (First, Second, Third, Fourth) {
        try await value(key(for: first, second, third, fourth), (first, second, third, fourth))
    }

    /// The same, and where it came from.
    public func result<
        First: CacheKeyPart & Sendable,
        Second: CacheKeyPart & Sendable,
        Third: CacheKeyPart & Sendable,
        Fourth: CacheKeyPart & Sendable
    >(
        for first: First,
        _ second: Second,
        _ third: Third,
        _ fourth: Fourth
    ) async throws -> CacheResult<Value> where Arguments == (First, Second, Third, Fourth) {
        try await result(key(for: first, second, third, fourth), (first, second, third, fourth))
    }

    /// The result of running the function now, which takes the place of what is kept.
    @discardableResult
    public func refresh<
        First: CacheKeyPart & Sendable,
        Second: CacheKeyPart & Sendable,
        Third: CacheKeyPart & Sendable,
        Fourth: CacheKeyPart & Sendable
    >(
        _ first: First,
        _ second: Second,
        _ third: Third,
        _ fourth: Fourth
    ) async throws -> Value where Arguments == (First, Second, Third, Fourth) {
        try await refresh(key(for: first, second, third, fourth), (first, second, third, fourth))
    }

    /// Removes the result that is kept, here and on other nodes.
    ///
    /// - Throws: ``CacheError``, as `Cache.delete(_:)`.
    public func invalidate<
        First: CacheKeyPart & Sendable,
        Second: CacheKeyPart & Sendable,
        Third: CacheKeyPart & Sendable,
        Fourth: CacheKeyPart & Sendable
    >(
        _ first: First,
        _ second: Second,
        _ third: Third,
        _ fourth: Fourth
    ) async throws where Arguments == (First, Second, Third, Fourth) {
        _ = try await cache.delete(key(for: first, second, third, fourth))
    }
}
