import Logging
import RecuerdeTesting

@testable import RecuerdeRedis

/// A logger that says nothing.
let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// Runs a body with a client that has an observer, and shuts the client down afterwards, also when the body throws.
func withClient(
    _ url: RedisURL,
    _ observer: any RedisClientObserver,
    change: (inout RedisConfiguration) -> Void = { _ in },
    _ body: (any RedisExecutor) async throws -> Void
) async throws {
    var configuration = RedisConfiguration(url: url)
    configuration.commandTimeout = .seconds(20)
    configuration.connectTimeout = .seconds(10)
    configuration.observer = observer
    change(&configuration)
    let client = try configuration.makeExecutor(logger: quiet)
    do {
        try await body(client)
        await client.shutdown()
    } catch {
        await client.shutdown()
        throw error
    }
}

extension RedisOperationEnd {
    /// The end of an operation that a test makes up.
    static func made(
        bytes: Int = 0,
        error: RedisError? = nil,
        isCancelled: Bool = false,
        server: RedisServerAddress? = nil
    ) -> RedisOperationEnd {
        RedisOperationEnd(
            duration: .milliseconds(3),
            replyBytes: bytes,
            error: error,
            isCancelled: isCancelled,
            server: server
        )
    }
}

extension RedisError {
    /// An error reply.
    static func reply(_ text: String) -> RedisError { RedisError(reply: RESPErrorReply(text)) }
}
