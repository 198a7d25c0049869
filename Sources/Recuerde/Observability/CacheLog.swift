import Logging

/// The words that a cache logs, and the events that it tells those who listen at the same moment, so that the two agree. Messages are fixed, data stands in metadata, and never a key's text: keys hold what
/// learners wrote, so a key appears as its kind and a piece of its hash.
struct CacheLog: Sendable {
    private let logger: Logger?
    private let failures = LogThrottle(interval: .seconds(10))
    private let oversizes = LogThrottle(interval: .seconds(10))
    private let lines = LogThrottle(interval: .seconds(10))
    /// Events carry keys, and are for those who use the cache.
    let events: EventHub

    init(_ logger: Logger?, timeSource: any TimeSource) {
        self.logger = logger
        // Looked up once, since every hit in memory asks.
        self.events = EventHub(timeSource: timeSource, logsOperations: logger.map { $0.logLevel <= .debug } ?? false)
    }

    @inline(__always)
    func hit(_ key: CacheKey, backend: String) {
        guard events.isWatched else { return }
        toldHit(key, backend)
    }

    @inline(__always)
    func miss(_ key: CacheKey, backend: String) {
        told(.miss, "cache_miss", key, backend)
    }

    func set(_ key: CacheKey, backend: String) {
        told(.set, "cache_set", key, backend)
    }

    func delete(_ key: CacheKey, backend: String) {
        told(.removed, "cache_delete", key, backend)
    }

    func expire(_ key: CacheKey, backend: String) {
        told(.expired, "cache_expire", key, backend)
    }

    func cleared(count: Int, keepingStale: Bool, backend: String) {
        events.emit(.cleared) { $0.count = count }
        logger?.info(
            "cache_cleared",
            metadata: ["count": "\(count)", "keeping_stale": "\(keepingStale)", "backend": "\(backend)"]
        )
    }

    func invalidated(_ tags: [TagMark], backend: String) {
        events.emit(.tagsInvalidated) { $0.tags = tags.map(\.text) }
        logger?.info("cache_tags_invalidated", metadata: ["count": "\(tags.count)", "backend": "\(backend)"])
    }

    func problem(_ problem: ConfigurationProblem) {
        var metadata: Logger.Metadata = [
            "id": "\(problem.id)", "problem": "\(problem.message)", "advice": "\(problem.advice)",
        ]
        if let kind = problem.kind { metadata["kind"] = "\(kind)" }
        logger?.log(
            level: problem.severity == .error ? .error : .warning,
            "cache_configuration_problem",
            metadata: metadata
        )
    }

    func notConfigured() {
        logger?.info("redis_not_configured", metadata: ["backend": "memory"])
    }

    func initialized(address: String, pending: Int) {
        events.emit(.remoteAvailable) { $0.count = pending }
        logger?.info("redis_cache_initialized", metadata: ["url": "\(address)", "backend": "redis"])
    }

    func initializationFailed(address: String, error: RemoteTierError) {
        events.emit(.remoteUnavailable) { $0.error = error }
        logger?.warning(
            "redis_initialization_failed",
            metadata: ["url": "\(address)", "backend": "memory", "error": "\(error.description)"]
        )
    }

    func fallbackActive(address: String, error: RemoteTierError) {
        events.emit(.remoteUnavailable) { $0.error = error }
        logger?.warning(
            "cache_fallback_active",
            metadata: ["url": "\(address)", "backend": "memory", "error": "\(error.description)"]
        )
    }

    func recovered(address: String, pending: Int) {
        events.emit(.remoteAvailable) { $0.count = pending }
        logger?.info(
            "cache_recovered",
            metadata: ["url": "\(address)", "backend": "redis", "journal_depth": "\(pending)"]
        )
    }

    /// At most one line in a while, for an outage must not fill the disk.
    func failed(_ operation: StaticString, error: String, now: MonotonicInstant) {
        guard let logger, let held = failures.admit(now: now) else { return }
        logger.warning("redis_\(operation)_failed", metadata: ["error": "\(error)", "suppressed": "\(held)"])
    }

    /// A value larger than what may be kept is handed out and not kept. At most one line in a while.
    func tooLarge(_ key: CacheKey, bytes: Int, limit: Int, now: MonotonicInstant) {
        guard let logger, let held = oversizes.admit(now: now) else { return }
        logger.warning(
            "cache_value_too_large",
            metadata: [
                "cache_key": "\(Self.name(of: key))", "bytes": "\(bytes)", "limit": "\(limit)", "suppressed": "\(held)",
            ]
        )
    }

    /// A line of notices has no number, so that Redis is asked for all that was read over it. At most one line of the log in a while.
    func tooManyLines(limit: Int, now: MonotonicInstant) {
        guard let logger, let held = lines.admit(now: now) else { return }
        logger.warning(
            "cache_invalidation_lines_full",
            metadata: [
                "limit": "\(limit)", "suppressed": "\(held)",
                "advice": "use fewer connections; what is read over the others is not served from memory",
            ]
        )
    }

    @inline(__always)
    private func told(_ kind: CacheEvent.Kind, _ message: StaticString, _ key: CacheKey, _ backend: String) {
        guard events.isWatched else { return }
        events.emit(kind, key)
        log(message, key, backend)
    }

    @inline(never)
    private func toldHit(_ key: CacheKey, _ backend: String) {
        events.emit(.hit, key) { $0.tier = Provenance.Source(rawValue: backend) }
        log("cache_hit", key, backend)
    }

    private func log(_ message: StaticString, _ key: CacheKey, _ backend: String) {
        guard events.logsOperations else { return }
        logger?.debug(
            "\(message)",
            metadata: ["cache_key": "\(Self.name(of: key))", "backend": "\(backend)"]
        )
    }

    private static func name(of key: CacheKey) -> String {
        "\(key.kind?.name ?? "key")~\(SHA256Hex.digest(of: key.text.utf8).prefix(12))"
    }
}
