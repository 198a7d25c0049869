/// Scripts, and messages to subscribers.
extension Redis {
    /// EVALSHA: runs a Lua script by its SHA-1, and reads what it returns.
    ///
    /// A server that has not seen the script answers NOSCRIPT; then its text is sent (EVAL). In a pipeline the error stays
    /// in its place: load the script before, or send it again.
    public struct EvalSHA<Reply: RedisReply>: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand
        private let script: RedisScript
        private let keys: [any RedisArgument]
        private let arguments: [any RedisArgument]

        /// Runs a script.
        ///
        /// - Parameters:
        ///   - script: the script.
        ///   - keys: the keys that it touches; the first one chooses the connection.
        ///   - arguments: what it finds in ARGV.
        ///   - reply: what it returns, such as `Int.self`, `[String].self`, or `ByteBuffer?.self` if it may return nil.
        public init(
            _ script: RedisScript,
            keys: [any RedisArgument],
            arguments: [any RedisArgument] = [],
            returning reply: Reply.Type = Reply.self
        ) {
            self.script = script
            self.keys = keys
            self.arguments = arguments
            command = script.command(keys: keys, arguments: arguments)
        }

        /// What the script returned.
        public func reply(_ value: RESPValue) throws(RedisError) -> Reply { try value.read(of: "EVALSHA") }

        /// The script with its text, if the server has not seen it.
        public func commandInstead(of error: RedisError) -> RedisCommand? {
            guard error.serverCode == "NOSCRIPT" else { return nil }
            return script.command(keys: keys, arguments: arguments, byName: false)
        }
    }

    /// SCRIPT LOAD: gives a script to the server without running it.
    public struct ScriptLoad: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Takes the script.
        public init(_ script: RedisScript) {
            command = RedisCommand("SCRIPT", "LOAD", script.source, key: nil)
        }

        /// The SHA-1 under which the server keeps it.
        public func reply(_ value: RESPValue) throws(RedisError) -> String { try value.read(of: "SCRIPT LOAD") }
    }

    /// SCRIPT EXISTS: whether the server has seen scripts.
    public struct ScriptExists: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the scripts; at least one.
        public init(_ scripts: [RedisScript]) {
            command = RedisCommand("SCRIPT", arguments: ["EXISTS"] + scripts.map(\.sha1), key: nil)
        }

        /// One answer for each script, in order.
        public func reply(_ value: RESPValue) throws(RedisError) -> [Bool] { try value.read(of: "SCRIPT EXISTS") }
    }

    /// PUBLISH: sends a message to all who listen to a channel at the moment.
    public struct Publish: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the channel; in a cluster the message reaches the subscribers of all nodes.
        public init(_ message: some RedisArgument, to channel: some RedisArgument) {
            command = RedisCommand("PUBLISH", channel, message, key: nil)
        }

        /// How many have got it from this server; in a cluster there may be others.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int { try value.read(of: "PUBLISH") }
    }
}
