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
        let context = observer.operationStarted(operation)
        let start = ClientShared.now()
        do {
            let value = try await body()
            observer.operationEnded(operation, end(start, server(), bytes: value.contentBytes), context)
            return value
        } catch {
            observer.operationEnded(operation, end(start, server(), error: error), context)
            throw error
        }
    }

    /// A pipeline.
    static func pipeline<Observer: RedisClientObserver>(
        _ operation: RedisOperation,
        observer: Observer,
        server: () -> RedisServerAddress?,
        _ body: () async throws -> [Result<RESPValue, RedisError>]
    ) async throws -> [Result<RESPValue, RedisError>] {
        let context = observer.operationStarted(operation)
        let start = ClientShared.now()
        do {
            let results = try await body()
            var bytes = 0
            var failure: RedisError?
            for result in results {
                switch result {
                case .success(let value): bytes &+= value.contentBytes
                case .failure(let error): failure = failure ?? error
                }
            }
            observer.operationEnded(operation, end(start, server(), bytes: bytes, error: failure), context)
            return results
        } catch {
            observer.operationEnded(operation, end(start, server(), error: error), context)
            throw error
        }
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
