/// Which nodes of a cluster answer commands that only read.
public struct RedisReadPreference: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String, Sendable { case master, replicas, any }

    private let kind: Kind

    /// The master only: what was written is read.
    public static let master = RedisReadPreference(kind: .master)
    /// Replicas in turn, which may lag behind; the master where none answers.
    public static let replicas = RedisReadPreference(kind: .replicas)
    /// Replicas and master in turn.
    public static let any = RedisReadPreference(kind: .any)

    /// The name of the preference.
    public var description: String { kind.rawValue }
}

/// How a `RedisClusterClient` goes about its cluster.
public struct RedisClusterOptions: Sendable, Hashable {
    /// MGET, MSET, DEL, UNLINK, EXISTS and TOUCH with keys of several slots are sent as one command for each slot, and
    /// their replies are put together. They are not atomic then: if a part fails, the whole fails with the first failure in
    /// the order of the keys, once all parts have ended, and the error says that the command may have been executed if
    /// another part of a write was. If false, the server refuses them with `CROSSSLOT`.
    public var splitsMultiKeyCommands = true

    /// Who answers commands that only read. With other than `master`, `RedisConfiguration.tracksKeys` counts as false, and the log says so.
    public var readsFrom = RedisReadPreference.master

    /// Makes the default options.
    public init() {}
}
