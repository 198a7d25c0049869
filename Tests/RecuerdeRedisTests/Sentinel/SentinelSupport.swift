import Logging
import RecuerdeTesting

@testable import RecuerdeRedis

/// Runs a body with a client behind sentinels and shuts it down afterwards, also when the body throws.
func withSentinelClient<Result>(
    _ url: String,
    change: (inout RedisConfiguration) -> Void = { _ in },
    logger: Logger = quiet,
    onStateChange: (@Sendable (RedisClientState) -> Void)? = nil,
    _ body: (RedisSentinelClient) async throws -> Result
) async throws -> Result {
    var configuration = RedisConfiguration(url: try RedisURL(url))
    // Other tests share the machine; where a deadline is the point, the test sets its own.
    configuration.commandTimeout = .seconds(30)
    configuration.connectTimeout = .seconds(10)
    change(&configuration)
    let client = try RedisSentinelClient(configuration: configuration, logger: logger, onStateChange: onStateChange)
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

extension FakeServer {
    /// A sentinel that names whatever server `port` holds at the moment; none if that is nil.
    static func sentinel(_ port: Shared<Int?>) -> Script {
        greeted { _, words in
            switch words.first {
            case "SUBSCRIBE": return .bytes(">3\r\n+subscribe\r\n+\(SentinelReplies.announcements)\r\n:1\r\n")
            case "PING": return .bytes("+PONG\r\n")
            case "SENTINEL" where words.count > 1 && words[1] == "SENTINELS": return .bytes("*0\r\n")
            case "SENTINEL":
                guard let port = port.value else { return .bytes("_\r\n") }
                return .bytes("*2\r\n$9\r\n127.0.0.1\r\n$\(String(port).utf8.count)\r\n\(port)\r\n")
            default: return .bytes("-ERR unknown command\r\n")
            }
        }
    }

    /// `host:port`, for a list of sentinels.
    var hostAndPort: String { url.replacing("redis://", with: "") }
}

/// What the tests look for under load: a value that carries the key it belongs to.
func loadValue(_ key: String, _ round: Int) -> String { "\(key)=\(round)" }
