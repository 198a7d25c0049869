extension RedisURL {
    /// One server of those that a URL names.
    public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
        /// The host name or address, without brackets.
        public let host: String
        /// The port.
        public let port: Int

        /// Names a server.
        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// `host:port`; an IPv6 address stands in brackets.
        public var description: String {
            host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
