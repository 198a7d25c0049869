/// What operators ask a server.
extension Redis {
    /// DBSIZE: the number of keys in the database.
    public struct DBSize: RedisRequest {
        /// The command as it is sent.
        public let command = RedisCommand("DBSIZE", key: nil)

        /// Asks for it.
        public init() {}

        /// The number, with keys that have expired and are still to be removed.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int { try value.read(of: "DBSIZE") }
    }

    /// TIME: what time it is at the server.
    public struct Time: RedisRequest {
        /// The command as it is sent.
        public let command = RedisCommand("TIME", key: nil)

        /// Asks for it.
        public init() {}

        /// Microseconds of Unix time.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int64 {
            let parts: [Int] = try value.read(of: "TIME")
            guard parts.count == 2, (0...1 << 40).contains(parts[0]), (0..<1_000_000).contains(parts[1]) else {
                throw .unexpectedReply(value, to: "TIME")
            }
            return Int64(parts[0]) * 1_000_000 + Int64(parts[1])
        }
    }

    /// INFO: what the server says about itself.
    public struct Info: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for sections such as `memory`; none: those of the server's choice. More than one needs a server since 7.0.
        public init(_ sections: String...) {
            command = RedisCommand("INFO", arguments: sections, key: nil)
        }

        /// The facts by section.
        public func reply(_ value: RESPValue) throws(RedisError) -> RedisInfo {
            RedisInfo(try value.read(as: String.self, of: "INFO"))
        }
    }

    /// CLIENT LIST: the connections that the server has.
    public struct ClientList: RedisRequest {
        /// The command as it is sent.
        public let command = RedisCommand("CLIENT", "LIST", key: nil)

        /// Asks for them all.
        public init() {}

        /// One entry for each connection.
        public func reply(_ value: RESPValue) throws(RedisError) -> [RedisClientEntry] {
            let text: String = try value.read(of: "CLIENT LIST")
            return text.split(whereSeparator: \.isNewline).map { RedisClientEntry($0) }
        }
    }

    /// CONFIG GET: settings of the server. They may be secret (`requirepass`): show none that you did not ask for by name.
    public struct ConfigGet: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks by names or patterns with `*`. More than one needs a server since 7.0.
        public init(_ patterns: String...) {
            command = RedisCommand("CONFIG", arguments: ["GET"] + patterns, key: nil)
        }

        /// The settings by name; none if nothing matches.
        public func reply(_ value: RESPValue) throws(RedisError) -> [String: String] {
            guard let pairs = value.pairs else { throw .unexpectedReply(value, to: "CONFIG GET") }
            var settings: [String: String] = [:]
            for (name, content) in pairs {
                settings[try name.read(of: "CONFIG GET")] = try content.read(as: String.self, of: "CONFIG GET")
            }
            return settings
        }
    }
}
