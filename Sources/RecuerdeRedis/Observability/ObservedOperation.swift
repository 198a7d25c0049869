import NIOCore

/// Carries out a call and tells an observer of its start and its end. Only used where there is one.
enum ObservedOperation {
    /// A single command.
    static func send<Observer: RedisClientObserver>(
        _ operation: RedisOperation,
        observer: Observer,
        server: () -> RedisServerAddress?,
        _ body: () async throws -> RESPValue
    ) async throws -> RESPValue {
        try await run(operation, observer: observer, server: server, outcome: { ($0.contentBytes, nil) }, body)
    }

    /// A pipeline.
    static func pipeline<Observer: RedisClientObserver>(
        _ operation: RedisOperation,
        observer: Observer,
        server: () -> RedisServerAddress?,
        _ body: () async throws -> [Result<RESPValue, RedisError>]
    ) async throws -> [Result<RESPValue, RedisError>] {
        try await run(operation, observer: observer, server: server, outcome: outcome, body)
    }

    /// Anything else.
    ///
    /// - Parameter outcome: how many bytes of content have come, and the first failure among several results.
    static func run<Observer: RedisClientObserver, Value>(
        _ operation: RedisOperation,
        observer: Observer,
        server: () -> RedisServerAddress?,
        outcome: (Value) -> (bytes: Int, failure: RedisError?),
        _ body: () async throws -> Value
    ) async throws -> Value {
        let context = observer.operationStarted(operation)
        let start = ClientShared.now()
        do {
            let value = try await body()
            let (bytes, failure) = outcome(value)
            observer.operationEnded(operation, end(start, server(), bytes: bytes, error: failure), context)
            return value
        } catch {
            observer.operationEnded(operation, end(start, server(), error: error), context)
            throw error
        }
    }

    private static func outcome(_ results: [Result<RESPValue, RedisError>]) -> (bytes: Int, failure: RedisError?) {
        var bytes = 0
        var failure: RedisError?
        for result in results {
            switch result {
            case .success(let value): bytes &+= value.contentBytes
            case .failure(let error): failure = failure ?? error
            }
        }
        return (bytes, failure)
    }

    private static func end(
        _ start: Int64,
        _ server: RedisServerAddress?,
        bytes: Int = 0,
        error: (any Error)? = nil
    ) -> RedisOperationEnd {
        RedisOperationEnd(
            duration: .nanoseconds(ClientShared.now() &- start),
            replyBytes: bytes,
            error: error as? RedisError,
            isCancelled: error is CancellationError,
            server: server
        )
    }
}

extension RESPValue {
    /// The bytes of content, without what the protocol puts around them. Numbers count as eight bytes, truth values as one.
    var contentBytes: Int {
        switch self {
        case .null: 0
        case .boolean: 1
        case .integer, .double: 8
        case .bigNumber(let text), .simple(let text): text.utf8.count
        case .bulk(let buffer), .verbatim(_, let buffer): buffer.readableBytes
        case .error(let error): error.text.utf8.count
        case .array(let elements), .set(let elements), .push(let elements):
            elements.reduce(0) { $0 &+ $1.contentBytes }
        case .map(let map): map.flat.reduce(0) { $0 &+ $1.contentBytes }
        }
    }
}
