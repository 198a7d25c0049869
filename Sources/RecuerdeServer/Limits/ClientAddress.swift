#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif
import HTTPTypes
import NIOCore

/// Who a client is for the limits.
enum ClientAddress {
    /// The name under which a client is counted.
    ///
    /// An IPv6 client is its /64 network, since one subscriber has at least that many addresses to choose from.
    static func of(_ headers: HTTPFields, peer: SocketAddress?, trustsForwardedFor: Bool) -> String {
        if trustsForwardedFor, let forwarded = lastForwarded(headers) { return normalised(withoutPort(forwarded)) }
        guard let text = peer?.ipAddress else { return "local" }
        return normalised(text)
    }

    /// The last entry: the one that the trusted proxy added. All before it is the client's own word.
    private static func lastForwarded(_ headers: HTTPFields) -> String? {
        guard let name = HTTPField.Name("X-Forwarded-For") else { return nil }
        guard let last = headers[values: name].last?.split(separator: ",").last else { return nil }
        let text = last.trimmingPrefix { $0 == " " }.prefix { $0 != " " }
        return text.isEmpty ? nil : String(text)
    }

    /// Some proxies add the port, which is another for each connection: `192.0.2.1:5000`, `[2001:db8::1]:5000`.
    private static func withoutPort(_ text: String) -> String {
        if text.first == "[" { return String(text.dropFirst().prefix { $0 != "]" }) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? String(parts[0]) : text
    }

    private static func normalised(_ text: String) -> String {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 { return dotted(four[...]) }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return "unknown" }
        // An IPv4 client on a socket that takes both is the same client (RFC 4291, section 2.5.5.2).
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        if bytes.starts(with: mapped) { return dotted(bytes.suffix(4)) }
        let groups = (0..<4).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        return groups.map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
    }

    private static func dotted(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map(String.init).joined(separator: ".")
    }
}
