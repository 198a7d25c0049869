public import Recuerde

/// A remote tier that passes on to another one whatever it does not change itself: for tests that watch, delay or spoil a part of what a cache asks of
/// its tier.
///
/// Its operations cost and throw what those of ``base`` do.
public protocol ForwardingTier: RemoteTier {
    /// The tier to which all is passed on.
    var base: any RemoteTier { get }
}

extension ForwardingTier {
    public var address: String { base.address }

    public var leases: (any LeaseStore)? { base.leases }

    public func listen(_ listener: any InvalidationListener) { base.listen(listener) }

    public func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness? {
        base.witness(of: name, for: listener)
    }

    public func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        try await base.read(names, with: details, timeout: timeout)
    }

    public func write(_ writes: [RemoteWrite], timeout: Duration) async throws -> [Result<
        RemoteOutcome, RemoteTierError
    >] {
        try await base.write(writes, timeout: timeout)
    }

    public func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
        try await base.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
    }

    public func plant(
        _ names: [String],
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> [Result<RemoteToken, RemoteTierError>] {
        try await base.plant(names, timeToLive: timeToLive, timeout: timeout)
    }

    public func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
        try await base.marks(name, noting: clear, timeout: timeout)
    }

    public func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
        try await base.sweep(names, stamp: stamp, format: format, timeout: timeout)
    }

    public func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int {
        try await base.expire(names, stamp: stamp, timeout: timeout)
    }

    public func tags(
        _ steps: [RemoteTagStep],
        timeout: Duration
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        try await base.tags(steps, timeout: timeout)
    }

    public func time(timeout: Duration) async throws -> Stamp { try await base.time(timeout: timeout) }
}
