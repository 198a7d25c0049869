extension RedisError {
    /// The server's own words, without the arguments that it repeats behind an unknown command or subcommand.
    init(reply: RESPErrorReply, phase: Phase = .reply, code: Code = .server) {
        let repeated = [", with args beginning with", "unknown subcommand", "Unknown subcommand"]
        let range = repeated.lazy.compactMap { reply.text.firstRange(of: $0) }.first
        let text =
            range.map { range in
                let end = reply.text[range].hasPrefix(",") ? range.lowerBound : range.upperBound
                return String(reply.text[..<end])
            } ?? reply.text
        self.init(code, serverCode: reply.code, phase: phase, message: text)
    }

    /// - Parameter missing: what the connection waited for, if there is none.
    static func deadline(
        _ name: String,
        address: String,
        phase: Phase,
        mayHaveExecuted: Bool,
        missing: String? = nil
    ) -> RedisError {
        let what =
            switch phase {
            case .reply: "\(name) was sent to \(address) and not answered within its deadline"
            case .queued: "\(name) could not be written to \(address) within its deadline; the server does not read"
            default:
                "\(name) found no connection to \(address) within its deadline\(missing.map { ": \($0)" } ?? "")"
            }
        return RedisError(.deadlineExceeded, phase: phase, mayHaveExecuted: mayHaveExecuted, message: what)
    }

    static func shutDown(_ address: String, phase: Phase, mayHaveExecuted: Bool = false) -> RedisError {
        RedisError(
            .shutDown,
            phase: phase,
            mayHaveExecuted: mayHaveExecuted,
            message: "the client of \(address) has been shut down"
        )
    }

    /// So many commands are in flight that none is taken any more.
    ///
    /// - Parameter beside: speaks of the connections beside the usual ones, whose commands are counted together.
    static func tooManyCommands(_ name: String, address: String, limit: Int, beside: Bool = false) -> RedisError {
        let what = beside ? "bulk and blocking commands" : "commands"
        return RedisError(
            .overloaded,
            phase: .checking,
            message: "more than \(limit) \(what) to \(address) are in flight; \(name) was not taken"
        )
    }

    static func tooManyBytes(_ name: String, address: String, limit: Int) -> RedisError {
        RedisError(
            .overloaded,
            phase: .checking,
            message:
                "with it, more than \(limit) bytes of commands to \(address) would be in flight; \(name) was not taken"
        )
    }

    /// The same failure, as a command sees it that had been written or had not.
    func with(mayHaveExecuted: Bool) -> RedisError {
        guard mayHaveExecuted != self.mayHaveExecuted else { return self }
        return RedisError(
            code,
            serverCode: serverCode,
            phase: phase,
            mayHaveExecuted: mayHaveExecuted,
            message: message,
            isClosedPort: isClosedPort
        )
    }
}
