import NIOCore
import NIOPosix

/// Options of TCP sockets by which the kernel finds out by itself that a peer is gone.
///
/// They cover what PING does not: a connection on which a blocking command waits, and data that nobody acknowledges.
enum SocketTuning {
    static func apply(_ bootstrap: ClientBootstrap, _ configuration: RedisConfiguration) -> ClientBootstrap {
        var bootstrap = bootstrap.channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        for (option, value) in options(configuration) {
            bootstrap = bootstrap.channelOption(.tcpOption(option), value: value)
        }
        return bootstrap
    }

    /// The options with their values, for this system.
    static func options(_ configuration: RedisConfiguration) -> [(NIOBSDSocket.Option, SocketOptionValue)] {
        #if os(Linux)
            let idle = seconds(configuration.keepAlive ?? .seconds(30))
            let unacknowledged = max(5000, configuration.silenceLimit.clampedNanoseconds / 1_000_000 * 2)
            // Numbers of linux/tcp.h: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT (milliseconds).
            return [
                (.init(rawValue: 4), idle), (.init(rawValue: 5), 5), (.init(rawValue: 6), 3),
                (.init(rawValue: 18), SocketOptionValue(min(unacknowledged, 600_000))),
            ]
        #elseif canImport(Darwin)
            // TCP_KEEPALIVE of netinet/tcp.h: idle seconds before the first probe.
            return [(.init(rawValue: 0x10), seconds(configuration.keepAlive ?? .seconds(30)))]
        #else
            return []
        #endif
    }

    /// Whole seconds, as far as the kernel takes them.
    private static func seconds(_ duration: Duration) -> SocketOptionValue {
        SocketOptionValue(min(max(1, duration.clampedNanoseconds / 1_000_000_000), 7200))
    }
}
