extension Settings {
    /// Where a service with these settings is reached from this machine.
    var localURL: String {
        let host =
            switch host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            default: host
            }
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
