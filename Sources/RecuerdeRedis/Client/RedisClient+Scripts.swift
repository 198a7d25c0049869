/// Scripts and the small commands that everyone needs.
extension RedisExecutor {
    /// Runs a Lua script by its SHA-1; sends the text only to a server that does not know it yet.
    ///
    /// - Parameters:
    ///   - script: the script.
    ///   - keys: the keys that the script touches; the first one chooses the connection.
    ///   - arguments: what the script finds in ARGV.
    ///   - timeout: for both attempts together; `commandTimeout` if nil.
    /// - Throws: as `send(_:timeout:)`.
    public func evaluate(
        _ script: RedisScript,
        keys: [any RedisArgument],
        arguments: [any RedisArgument] = [],
        timeout: Duration? = nil
    ) async throws -> RESPValue {
        let timeout = timeout ?? commandTimeout
        let start = ContinuousClock.now
        do {
            return try await send(
                script.command("EVALSHA", script.sha1, keys: keys, arguments: arguments),
                timeout: timeout
            )
        } catch let error as RedisError where error.serverCode == "NOSCRIPT" {
            // The script did not run, so that running it now is no repetition.
            let rest = timeout - (ContinuousClock.now - start)
            return try await send(
                script.command("EVAL", script.source, keys: keys, arguments: arguments),
                timeout: rest
            )
        }
    }

    /// Asks the server for a sign of life.
    ///
    /// - Throws: as `send(_:timeout:)`; a reply that is not `PONG` is a protocol violation.
    public func ping(timeout: Duration? = nil) async throws {
        let reply = try await send(RedisCommand("PING", key: nil), timeout: timeout)
        guard reply.string == "PONG" else {
            throw RedisError(.protocolViolation, phase: .reply, message: "PING was not answered by PONG")
        }
    }
}

extension RedisScript {
    /// The command that runs this script, for pipelines: by SHA-1 (`byName`), or with its text.
    ///
    /// A server that has not seen the script answers `NOSCRIPT` to the former.
    public func command(
        keys: [any RedisArgument],
        arguments: [any RedisArgument] = [],
        byName: Bool = true
    ) -> RedisCommand {
        byName
            ? command("EVALSHA", sha1, keys: keys, arguments: arguments)
            : command("EVAL", source, keys: keys, arguments: arguments)
    }

    func command(
        _ name: String,
        _ script: String,
        keys: [any RedisArgument],
        arguments: [any RedisArgument]
    ) -> RedisCommand {
        var all: [any RedisArgument] = [script, keys.count]
        all += keys
        all += arguments
        return RedisCommand(name, arguments: all, key: keys.isEmpty ? nil : 2)
    }
}
