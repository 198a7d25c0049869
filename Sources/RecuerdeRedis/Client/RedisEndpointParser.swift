/// Reads `host[:port]`, and several of them with commas between, as they stand in the authority of a URL.
enum RedisEndpointParser {
    /// Far above any sensible list of seeds.
    static let maximumEndpoints = 256

    /// Reads `host1:port1,host2:port2`. A server that is named twice counts once.
    static func list(_ text: Substring, defaultPort: Int) throws(RedisURLError) -> [RedisURL.Endpoint] {
        var endpoints: [RedisURL.Endpoint] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let endpoint = try single(item, defaultPort: defaultPort)
            if !endpoints.contains(endpoint) { endpoints.append(endpoint) }
            guard endpoints.count <= maximumEndpoints else {
                throw RedisURLError("it names more than \(maximumEndpoints) hosts")
            }
        }
        return endpoints
    }

    /// Reads `host[:port]`.
    static func single(_ text: Substring, defaultPort: Int) throws(RedisURLError) -> RedisURL.Endpoint {
        let host: Substring
        let portText: Substring?
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else {
                throw RedisURLError("an IPv6 address begins with '[' and never ends with ']'")
            }
            host = text[text.index(after: text.startIndex)..<close]
            guard host.contains(":"), host.utf8.allSatisfy(isAddressByte) else {
                throw RedisURLError("what stands in brackets is no IPv6 address")
            }
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.first == ":" else {
                throw RedisURLError("only a port may follow the ']' of an IPv6 address")
            }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            let colon = text.firstIndex(of: ":")
            host = text[..<(colon ?? text.endIndex)]
            portText = colon.map { text[text.index(after: $0)...] }
            guard !host.isEmpty else { throw RedisURLError("the host is missing; write redis://host:6379/0") }
            guard host.utf8.allSatisfy(isHostByte) else {
                throw RedisURLError("the host contains a character that no host name has; percent-encode the password")
            }
        }
        guard let portText else { return RedisURL.Endpoint(host: String(host), port: defaultPort) }
        guard portText.utf8.count <= 5, portText.utf8.allSatisfy(RedisURLParser.isDigit), let port = Int(portText),
            (1...65535).contains(port)
        else {
            throw RedisURLError("the port is not a number from 1 to 65535; IPv6 addresses stand in brackets")
        }
        return RedisURL.Endpoint(host: String(host), port: port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return RedisURLParser.isDigit(byte) || (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z"))
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        RedisURLParser.hexadecimal(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }
}
