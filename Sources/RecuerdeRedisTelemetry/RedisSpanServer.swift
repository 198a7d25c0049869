import RecuerdeRedis

/// What a URL names, as `server.address` and `server.port` want it.
struct RedisSpanServer: Sendable {
    /// Hosts with commas between them, with their ports if those differ; or the path of a unix socket.
    let address: String
    /// The port of all of them, if it is one.
    let port: Int?

    init(_ url: RedisURL) {
        if let path = url.socketPath {
            address = path
            port = nil
            return
        }
        let ports = Set(url.endpoints.map(\.port))
        port = ports.count == 1 ? ports.first : nil
        address =
            port == nil
            ? url.endpoints.map(\.description).joined(separator: ",")
            : url.endpoints.map(\.host).joined(separator: ",")
    }

    /// True if the address of a server says nothing that is not said by this.
    func names(_ server: RedisServerAddress) -> Bool {
        server.address == address && server.port == port
    }
}
