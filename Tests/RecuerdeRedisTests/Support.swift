import Logging
import NIOCore
import NIOPosix
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeRedis

/// A logger that says nothing.
let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// Runs a body with a client and shuts the client down afterwards, also when the body throws.
func withClient<Result>(
    _ url: String,
    change: (inout RedisConfiguration) -> Void = { _ in },
    onStateChange: (@Sendable (RedisClientState) -> Void)? = nil,
    _ body: (RedisClient) async throws -> Result
) async throws -> Result {
    var configuration = RedisConfiguration(url: try RedisURL(url))
    // Other tests share the machine; where a deadline is the point, the test sets its own.
    configuration.commandTimeout = .seconds(10)
    configuration.connectTimeout = .seconds(10)
    change(&configuration)
    let client = RedisClient(configuration: configuration, logger: quiet, onStateChange: onStateChange)
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

/// Repeats an attempt until it succeeds; gives up with the last error after a bounded time.
func eventually<Result>(_ attempt: () async throws -> Result) async throws -> Result {
    let end = ContinuousClock.now + .seconds(30)
    while true {
        do {
            return try await attempt()
        } catch {
            guard ContinuousClock.now < end else { throw error }
            await Task.yield()
        }
    }
}

/// What an attempt throws that is to be repeated.
struct NotYet: Error {}

/// Waits until a condition holds; throws after a bounded time.
func until(_ condition: () async throws -> Bool) async throws {
    try await eventually {
        guard try await condition() else { throw NotYet() }
    }
}

/// The error that an attempt throws, if it is a `RedisError`.
func redisError(_ attempt: () async throws -> some Any) async -> RedisError? {
    do {
        _ = try await attempt()
        return nil
    } catch {
        return error as? RedisError
    }
}

/// A seeded source of random numbers (SplitMix64), so that a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A value that several tasks change.
final class Shared<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>

    init(_ value: Value) {
        storage = Mutex(value)
    }

    var value: Value { storage.withLock { $0 } }

    func change(_ body: (inout Value) -> Void) {
        storage.withLock { value in
            var copy = value
            body(&copy)
            value = copy
        }
    }
}
