import NIOCore

/// The caps on the commands and bytes that a client has in hand, wherever they are: at a connection, or waiting for one.
///
/// A command at a connection takes its places by `ClientShared.admit`. A call that has none there, because it pauses between
/// two attempts or waits for a server to send to, takes a seat. Both come out of the same counters. Nobody who never waits
/// pays for it.
final class InFlight: Sendable {
    /// What a call that waits holds; gives it back when it is let go of, however that comes about.
    final class Seat: Sendable {
        private let owner: InFlight
        private let count: Int
        private let hold: BytesInFlight.Hold?

        fileprivate init(owner: InFlight, count: Int, hold: BytesInFlight.Hold?) {
            self.owner = owner
            self.count = count
            self.hold = hold
        }

        deinit { owner.places.free(count) }
    }

    let places = PlaceCounter()
    let bytes: BytesInFlight
    /// Most commands.
    let limit: Int

    /// - Parameter bytes: those of other connections, which are counted together with these; nil: none are.
    init(_ configuration: RedisConfiguration, bytes: BytesInFlight? = nil) {
        limit = configuration.maximumCommandsInFlight
        self.bytes = bytes ?? BytesInFlight(limit: configuration.maximumBytesInFlight)
    }

    /// Lets a call wait.
    ///
    /// - Parameters:
    ///   - call: what it will send.
    ///   - address: where to, for the message.
    ///   - error: why it has to wait; nil if nothing has failed yet.
    ///   - beside: as in `ClientShared.admit`.
    /// - Throws: `RedisError` with the code `overloaded` if there is no room: then the call is over.
    func seat(
        for call: CallSize,
        at address: String,
        after error: RedisError?,
        beside: Bool = false
    ) throws(RedisError) -> Seat {
        var hold: BytesInFlight.Hold?
        switch bytes.take(call.bytes) {
        case .free: break
        case .taken(let taken): hold = taken
        case .full:
            let full = RedisError.tooManyBytes(call.name, address: address, limit: bytes.limit)
            throw error.map { full.insteadOfWaiting(after: $0) } ?? full
        }
        guard places.hold(call.count, limit: limit) else {
            let full = RedisError.tooManyCommands(call.name, address: address, limit: limit, beside: beside)
            throw error.map { full.insteadOfWaiting(after: $0) } ?? full
        }
        return Seat(owner: self, count: call.count, hold: hold)
    }
}

/// What a call takes of the caps. Made only when a call has to wait.
struct CallSize: Sendable {
    /// The name of its (first) command, for messages.
    let name: String
    let count: Int
    let bytes: Int

    init(name: String) {
        self.name = name
        count = 1
        bytes = 0
    }

    init(_ command: RedisCommand) {
        name = command.name
        count = 1
        bytes = command.encoded.readableBytes
    }

    /// What stands in a very long pipeline goes in parts, and a pipeline takes no more than its first part while it waits.
    init(_ commands: some Collection<RedisCommand>, of configuration: RedisConfiguration) {
        let part = commands.prefix(configuration.commandsAtOnce)
        name = part.first?.name ?? ""
        count = part.count
        bytes = part.reduce(0) { $0 &+ $1.encoded.readableBytes }
    }
}

extension RedisConfiguration {
    /// How many commands of a pipeline are sent at once.
    var commandsAtOnce: Int { max(1, min(4096, maximumCommandsInFlight)) }
}

extension ClientShared {
    /// Waits between two attempts of a call, which keeps its places meanwhile.
    ///
    /// - Throws: `RedisError` with the code `overloaded` if there is no room to wait in; `CancellationError` if the task
    ///   is cancelled.
    func pause(until moment: Int64, for call: CallSize, after error: RedisError, beside: Bool = false) async throws {
        let seat = try inFlight.seat(for: call, at: address, after: error, beside: beside)
        defer { withExtendedLifetime(seat) {} }
        try await retries.sleep(until: moment)
    }
}

extension RedisError {
    /// There is no room to wait for another attempt in. What the first one has come to is kept.
    func insteadOfWaiting(after cause: RedisError) -> RedisError {
        RedisError(
            code,
            phase: .waiting,
            mayHaveExecuted: cause.mayHaveExecuted,
            message: "\(message) again. Before that: \(cause.message)"
        )
    }
}
