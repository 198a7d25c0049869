import NIOCore

extension RedisCommand {
    /// What a command does to a connection that many tasks share.
    enum Sharing {
        /// Nothing: one reply, and the connection is as before.
        case none
        /// MULTI: begins a transaction.
        case begins
        /// EXEC and DISCARD: end one; true if it is executed.
        case ends(executes: Bool)
        /// It has no place there; the text says what to do instead.
        case refused(String)
    }

    /// Redis answers some commands by a push message, by many replies or not at all, so that every later reply would go to
    /// the wrong caller; others change the user, the database or the protocol for all who share the connection.
    ///
    /// A look at the first letter and the length of the name lets nearly all commands go.
    var sharing: Sharing {
        guard let first = name.utf8.first else { return .none }
        switch (first | 0x20, name.utf8.count) {
        case (UInt8(ascii: "a"), 4), (UInt8(ascii: "c"), 6), (UInt8(ascii: "d"), 7), (UInt8(ascii: "e"), 4),
            (UInt8(ascii: "h"), 5), (UInt8(ascii: "m"), 5), (UInt8(ascii: "m"), 7), (UInt8(ascii: "p"), 5),
            (UInt8(ascii: "p"), 10), (UInt8(ascii: "p"), 12), (UInt8(ascii: "q"), 4), (UInt8(ascii: "r"), 5),
            (UInt8(ascii: "r"), 8), (UInt8(ascii: "s"), 4), (UInt8(ascii: "s"), 6), (UInt8(ascii: "s"), 9),
            (UInt8(ascii: "s"), 10), (UInt8(ascii: "s"), 12), (UInt8(ascii: "u"), 11):
            break
        default: return .none
        }
        switch name.uppercased() {
        case "MULTI": return .begins
        case "EXEC": return .ends(executes: true)
        case "DISCARD": return .ends(executes: false)
        case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE":
            return .refused("use subscribe(to:), which has a connection of its own")
        case "SELECT", "AUTH", "HELLO": return .refused("the URL and the configuration say it for all connections")
        case "MONITOR", "SYNC", "PSYNC", "RESET", "QUIT", "REPLCONF": return .refused("the client closes by shutdown()")
        case "CLIENT": return clientSharing
        default: return .none
        }
    }

    private var clientSharing: Sharing {
        guard let second = encodedArguments?.first, second.readableBytes <= 8 else { return .none }
        switch String(buffer: second).uppercased() {
        // TRACKING stays allowed: whoever hears push messages by `onPush` has no other way to ask for them.
        case "REPLY": return .refused("every command is to be answered")
        default: return .none
        }
    }

    /// Throws if the command cannot be sent by itself over a connection that others share.
    func checkSharing() throws(RedisError) {
        switch sharing {
        case .none: return
        case .refused(let advice): throw refusal("changes a connection that all tasks share; \(advice)")
        case .begins, .ends: throw refusal("is one of several commands; send MULTI to EXEC in one pipeline")
        }
    }

    /// Throws if the commands cannot be sent together; `limit` is how many go without others' commands between them.
    static func checkSharing(_ commands: [RedisCommand], limit: Int) throws(RedisError) {
        var isInside = false
        var hasTransaction = false
        for command in commands {
            switch command.sharing {
            case .none:
                if !isInside, command.isBlocking {
                    throw command.refusal("may wait, and all tasks' commands behind it; send it alone")
                }
            case .refused(let advice): throw command.refusal("changes a connection that all tasks share; \(advice)")
            case .begins: (isInside, hasTransaction) = (true, true)
            case .ends: isInside = false
            }
        }
        if isInside { throw RedisCommand("MULTI", key: nil).refusal("has no EXEC or DISCARD behind it") }
        if hasTransaction, commands.count > limit {
            throw RedisCommand("MULTI", key: nil).refusal("stands in a pipeline of more than \(limit) commands")
        }
    }

    private func refusal(_ why: String) -> RedisError {
        RedisError(.invalidCommand, phase: .checking, message: "\(name) \(why)")
    }
}
