/// Commands with keys of several connections.
///
/// MGET, DEL, UNLINK, EXISTS and TOUCH are divided into one command for each connection, so that every key is read and removed
/// over the connection that its hash chooses: tracking depends on that, and no loop bears the whole. They are not atomic then,
/// as they are not in a cluster. MSET, which would lose more by it, and MSETNX, whose point it is, are sent whole over the
/// connection of their first key; and so is a command for which the caller names a lane, and every command of a pipeline.
extension RedisClient {
    /// Sends the parts at the same time, and puts their replies together in the order of the keys.
    ///
    /// All parts end before the whole does. The failure of one, the first in the order of the keys, stands for the whole; it
    /// says that the command may have been executed if another part of a write was.
    @inline(never)
    func send(_ split: CommandSplit, timeout: Duration?) async throws -> RESPValue {
        let deadline = deadline(timeout)
        return try split.assemble(
            try await split.together { part in
                try await self.sendUndivided(part, timeout: .nanoseconds(deadline &- ClientShared.now()))
            }
        ).get()
    }
}

extension CommandSplit {
    /// One result for each part, in order. The first part is sent by the task of the caller, the others by tasks beside it.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    func together(
        _ send: @escaping @Sendable (RedisCommand) async throws -> RESPValue
    ) async throws -> [Result<RESPValue, RedisError>] {
        @Sendable func result(_ part: RedisCommand) async throws -> Result<RESPValue, RedisError> {
            do {
                return .success(try await send(part))
            } catch let error as RedisError {
                return .failure(error)
            }
        }
        guard let first = parts.first else { return [] }
        return try await withThrowingTaskGroup(of: (Int, Result<RESPValue, RedisError>).self) { group in
            for (index, part) in parts.enumerated().dropFirst() {
                group.addTask { (index, try await result(part.command)) }
            }
            var results = [Result<RESPValue, RedisError>?](repeating: nil, count: parts.count)
            results[0] = try await result(first.command)
            for try await (index, one) in group { results[index] = one }
            return results.map { $0 ?? .failure(RedisClusterClient.unanswered) }
        }
    }
}

extension RedisCommand {
    /// False for nearly all commands, by a look at the first letter; true says nothing yet.
    @inline(__always)
    var mayBeDivided: Bool {
        guard let first = name.utf8.first else { return false }
        switch first | 0x20 {
        case UInt8(ascii: "m"), UInt8(ascii: "d"), UInt8(ascii: "u"), UInt8(ascii: "t"), UInt8(ascii: "e"): return true
        default: return false
        }
    }
}
