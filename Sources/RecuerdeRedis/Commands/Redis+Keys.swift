/// What holds for keys of any type.
extension Redis {
    /// DEL: removes keys. A cluster's client divides it by slots.
    public struct Del: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the keys; at least one.
        public init(_ keys: [any RedisArgument]) {
            command = RedisCommand("DEL", arguments: keys)
        }

        /// How many there were.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int {
            try value.read(of: "DEL")
        }
    }

    /// UNLINK: removes keys and frees their memory later. A cluster's client divides it by slots.
    public struct Unlink: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the keys; at least one.
        public init(_ keys: [any RedisArgument]) {
            command = RedisCommand("UNLINK", arguments: keys)
        }

        /// How many there were.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int {
            try value.read(of: "UNLINK")
        }
    }

    /// EXISTS: whether there are such keys. A cluster's client divides it by slots.
    public struct Exists: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names the keys; at least one. One that is named twice counts twice.
        public init(_ keys: [any RedisArgument]) {
            command = RedisCommand("EXISTS", arguments: keys)
        }

        /// How many there are.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int {
            try value.read(of: "EXISTS")
        }
    }

    /// TTL: how long a key has still to live, in whole seconds.
    public struct TTL: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for one key.
        public init(_ key: some RedisArgument) {
            command = RedisCommand("TTL", key)
        }

        /// The time, rounded to seconds.
        public func reply(_ value: RESPValue) throws(RedisError) -> Lifetime {
            try Lifetime(value, unit: .seconds(1), of: "TTL")
        }
    }

    /// PTTL: how long a key has still to live, in milliseconds.
    public struct PTTL: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for one key.
        public init(_ key: some RedisArgument) {
            command = RedisCommand("PTTL", key)
        }

        /// The time.
        public func reply(_ value: RESPValue) throws(RedisError) -> Lifetime {
            try Lifetime(value, unit: .milliseconds(1), of: "PTTL")
        }
    }

    /// PEXPIRE: lets a key expire.
    public struct PExpire: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// The time counts from now, in milliseconds, a part of one rounded up; none, or less, removes the key.
        public init(_ key: some RedisArgument, after time: Duration) {
            command = RedisCommand("PEXPIRE", key, time.wholeMilliseconds)
        }

        /// False if there is no such key.
        public func reply(_ value: RESPValue) throws(RedisError) -> Bool {
            try value.read(of: "PEXPIRE")
        }
    }

    /// PERSIST: lets a key live for ever.
    public struct Persist: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Names one key.
        public init(_ key: some RedisArgument) {
            command = RedisCommand("PERSIST", key)
        }

        /// False if there is no such key, or it has no expiry.
        public func reply(_ value: RESPValue) throws(RedisError) -> Bool {
            try value.read(of: "PERSIST")
        }
    }

    /// TYPE: what kind of value a key has.
    public struct KeyType: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for one key.
        public init(_ key: some RedisArgument) {
            command = RedisCommand("TYPE", key)
        }

        /// `string`, `list`, `set`, `zset`, `hash`, `stream` or a module's type; nil if there is no such key.
        public func reply(_ value: RESPValue) throws(RedisError) -> String? {
            let name: String = try value.read(of: "TYPE")
            return name == "none" ? nil : name
        }
    }

    /// MEMORY USAGE: the memory that a key takes, in bytes, with all that belongs to it.
    public struct MemoryUsage: RedisRequest {
        /// The command as it is sent.
        public let command: RedisCommand

        /// Asks for one key. Of what is nested as many elements are measured as `samples` says (zero: all; nil: five).
        public init(_ key: some RedisArgument, samples: Int? = nil) {
            command =
                if let samples {
                    RedisCommand("MEMORY", "USAGE", key, "SAMPLES", samples, key: 1)
                } else {
                    RedisCommand("MEMORY", "USAGE", key, key: 1)
                }
        }

        /// The number of bytes; nil if there is no such key.
        public func reply(_ value: RESPValue) throws(RedisError) -> Int? {
            try value.read(of: "MEMORY USAGE")
        }
    }
}
