/// What a cluster client knows of its cluster, and how often it has been sent on.
public struct RedisClusterState: Sendable, Hashable {
    /// One node.
    public struct Node: Sendable, Hashable {
        /// Its address.
        public var endpoint: RedisURL.Endpoint
        /// True if it serves slots.
        public var isMaster: Bool
        /// True if there is a connection to it.
        public var isConnected: Bool
    }

    /// All nodes that are known, in the order of their addresses.
    public var nodes: [Node]
    /// The number of the 16384 slots that somebody serves.
    public var servedSlots: Int
    /// How often the topology has been asked for.
    public var refreshes: Int
    /// Replies MOVED that have been followed.
    public var movedRedirects: Int
    /// Replies ASK that have been followed.
    public var askRedirects: Int
    /// Attempts after a failure that was no redirect.
    public var retries: Int

    /// Nodes with a connection.
    public var connectedNodes: Int { nodes.count { $0.isConnected } }
    /// Nodes that serve slots.
    public var masters: Int { nodes.count { $0.isMaster } }
}
