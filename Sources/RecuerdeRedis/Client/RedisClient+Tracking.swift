package import NIOCore

extension RedisClient {
    /// The number of the connection to which a key belongs, from zero.
    package func connection(forKey key: ByteBuffer) -> Int {
        RedisKeySlot.connection(of: key, count: connectionCount)
    }

    /// The number of the connection to which a key belongs, from zero.
    package func connection(forKey key: String) -> Int {
        connection(forKey: ByteBuffer(string: key))
    }

    /// Keys that one command may touch together: with tracking, those of one connection; else all.
    public func groups(of keys: [String]) -> [[String]] {
        guard !keys.isEmpty else { return [] }
        guard configuration.tracking != nil, connectionCount > 1 else { return [keys] }
        return Dictionary(grouping: keys) { connection(forKey: $0) }.sorted { $0.key < $1.key }.map(\.value)
    }
}
