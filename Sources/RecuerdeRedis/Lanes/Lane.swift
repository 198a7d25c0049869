import NIOCore
import Synchronization

/// A few connections beside the usual ones, opened when they are needed and closed when nobody uses them.
final class Lane: Sendable {
    private struct State {
        var machine: LaneStateMachine
        var slots: [ConnectionSlot] = []
        var isShutDown = false
    }

    private enum Place {
        case slot(ConnectionSlot, Int)
        case full, shutDown
    }

    private let name: RedisLane
    /// True if a command shares its connection with no other.
    let isExclusive: Bool
    let shared: ClientShared
    private let loops: [any EventLoop]
    private let limit: Int
    private let state: Mutex<State>

    init(_ name: RedisLane, limit: Int, shared: ClientShared, loops: [any EventLoop]) {
        self.name = name
        self.shared = shared
        self.loops = loops
        self.limit = limit
        isExclusive = name == .blocking
        state = Mutex(State(machine: LaneStateMachine(limit: limit, isExclusive: name == .blocking)))
    }

    /// One read, at most 64 KiB: parsing it as a list of small elements takes some hundred microseconds, for which the small
    /// commands of the same loop wait.
    private static let readsPerTurn: UInt = 1

    var placesTaken: Int { shared.placesTaken }

    /// As `RedisClient.send`, over a connection of this lane.
    ///
    /// - Parameter prelude: ASKING, which is written together with the command, just before it; its reply only says why the
    ///   command was sent back.
    func send(_ command: RedisCommand, after prelude: RedisCommand? = nil, deadline: Int64) async throws -> RESPValue {
        let slot: ConnectionSlot
        let index: Int
        switch take() {
        case .slot(let taken, let number): (slot, index) = (taken, number)
        case .full: throw connectionsInUse(command)
        case .shutDown: throw RedisError.shutDown(shared.address, phase: .checking)
        }
        let pending: PendingReply
        do {
            let bytes = command.encoded.readableBytes &+ (prelude?.encoded.readableBytes ?? 0)
            let count = prelude == nil ? 1 : 2
            pending = try shared.admit(command.name, count: count, bytes: bytes, deadline: deadline, beside: true)
        } catch {
            release(index)
            throw error
        }
        let outcome: Result<RESPValue, RedisError>
        do {
            outcome = try await withTaskCancellationHandler {
                if let prelude { return try await reply(to: command, after: prelude, pending, slot) }
                // Unchecked, because `PendingReply` decides under a lock who resumes it; see there.
                let value = try await withUnsafeThrowingContinuation { (continuation: PendingReply.Single) in
                    guard pending.attach(continuation) else {
                        shared.freePlaces(1)
                        continuation.resume(throwing: CancellationError())
                        return
                    }
                    slot.submit(.init(caller: pending, first: command.encoded))
                }
                return .success(value)
            } onCancel: {
                pending.cancel()
            }
            // Whatever the server answers, nothing waits there any more.
            if case .failure(let error) = outcome, error.code != .server { throw error }
        } catch {
            if isExclusive {
                // The command may wait at the server still, and would take an element that nobody gets.
                slot.reset { self.release(index) }
            } else {
                release(index)
            }
            throw error
        }
        release(index)
        return try outcome.get()
    }

    private func reply(
        to command: RedisCommand,
        after prelude: RedisCommand,
        _ pending: PendingReply,
        _ slot: ConnectionSlot
    ) async throws -> Result<RESPValue, RedisError> {
        let replies = try await withUnsafeThrowingContinuation { (continuation: PendingReply.Many) in
            guard pending.attach(continuation) else {
                shared.freePlaces(2)
                continuation.resume(throwing: CancellationError())
                return
            }
            slot.submit(.init(caller: pending, first: prelude.encoded, rest: [command.encoded]))
        }
        guard let first = replies.first, let last = replies.last else { return .success(.null) }
        return RedisClient.reply(last, after: first)
    }

    /// Closes all connections, letting what is in flight finish within the limit.
    func shutDown() -> [EventLoopFuture<Void>] {
        let slots = state.withLock { state in
            state.isShutDown = true
            return state.slots
        }
        return slots.map { $0.shutDown() }
    }

    private func take() -> Place {
        state.withLock { state in
            if state.isShutDown { return .shutDown }
            switch state.machine.take() {
            case .use(let index):
                return state.slots.indices.contains(index) ? .slot(state.slots[index], index) : .full
            case .open(let index):
                guard !loops.isEmpty else { return .full }
                // A place opens its connection by itself when the first command comes.
                let slot = ConnectionSlot(
                    shared: shared,
                    eventLoop: loops[index % loops.count],
                    fallback: nil,
                    role: ConnectionRole(keepsDialing: false, closesWhenIdle: true, readsPerTurn: Self.readsPerTurn)
                )
                state.slots.append(slot)
                return .slot(slot, index)
            case .full:
                return .full
            }
        }
    }

    private func release(_ index: Int) {
        state.withLock { $0.machine.release(index) }
    }

    private func connectionsInUse(_ command: RedisCommand) -> RedisError {
        RedisError(
            .overloaded,
            phase: .checking,
            message: "all \(limit) connections to \(shared.address) for \(name) commands are in use; "
                + "\(command.name) was not taken"
        )
    }
}
