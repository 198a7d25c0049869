import NIOCore

extension RedisCommand {
    /// The same command, declared to do no harm when it is executed twice.
    ///
    /// After a lost reply it may be repeated then, as a command that only reads may. Declare it where the second execution
    /// leaves what the first one left and the reply is of no interest, or is right both times: `SET k v` is, `INCR k` is not,
    /// and `SET k v` is not either if somebody else may have written in between and must not be overwritten.
    public func idempotent() -> RedisCommand {
        var copy = self
        copy.isDeclaredIdempotent = true
        return copy
    }

    /// True if the command may be executed twice. Looked at after a failure only: it costs a look into a table.
    var isRepeatable: Bool {
        isDeclaredIdempotent || RedisCommandClass.isReadOnly(name: name, secondWord: { self.firstArgument })
    }

    /// The first argument as text, which for some names is the second word of the command.
    private var firstArgument: String? {
        var parser = RESPParser(limits: .init(replyBytes: 4096, depth: 2))
        var rest = encoded
        // The head and two short words: a longer first argument is none of the words that are looked for.
        guard let head = rest.readSlice(length: min(rest.readableBytes, 96)) else { return nil }
        guard let lineEnd = head.readableBytesView.firstIndex(of: 0x0A) else { return nil }
        var words = head
        words.moveReaderIndex(to: lineEnd + 1)
        parser.append(words)
        guard (try? parser.next()) != nil, let second = try? parser.next() else { return nil }
        return second.string
    }
}

/// Which commands only read: those that a cache and its operators use.
///
/// Source: the flag `readonly` in https://redis.io/docs/latest/commands/command/ and, for those that touch no key, their pages.
/// What is missing here is taken for a command that writes, which is never wrong.
enum RedisCommandClass {
    static func isReadOnly(name: String, secondWord: () -> String?) -> Bool {
        let name = name.uppercased()
        if names.contains(name) { return true }
        guard let seconds = words[name], let second = secondWord()?.uppercased() else { return false }
        return seconds.contains(second)
    }

    private static let names: Set<String> = [
        // Strings and bits.
        "GET", "MGET", "STRLEN", "GETRANGE", "SUBSTR", "GETBIT", "BITCOUNT", "BITPOS", "BITFIELD_RO", "LCS",
        // Any key.
        "EXISTS", "TOUCH", "TYPE", "TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME", "DUMP", "SCAN", "KEYS", "RANDOMKEY",
        "DBSIZE",
        "SORT_RO",
        // Hashes.
        "HGET", "HMGET", "HGETALL", "HKEYS", "HVALS", "HLEN", "HEXISTS", "HSTRLEN", "HRANDFIELD", "HSCAN", "HTTL",
        "HPTTL",
        "HEXPIRETIME", "HPEXPIRETIME",
        // Lists.
        "LRANGE", "LINDEX", "LLEN", "LPOS",
        // Sets.
        "SMEMBERS", "SISMEMBER", "SMISMEMBER", "SCARD", "SRANDMEMBER", "SSCAN", "SINTER", "SINTERCARD", "SUNION",
        "SDIFF",
        // Sorted sets.
        "ZRANGE", "ZRANGEBYSCORE", "ZRANGEBYLEX", "ZREVRANGE", "ZREVRANGEBYSCORE", "ZREVRANGEBYLEX", "ZCARD", "ZCOUNT",
        "ZLEXCOUNT", "ZSCORE", "ZMSCORE", "ZRANK", "ZREVRANK", "ZRANDMEMBER", "ZSCAN", "ZINTER", "ZINTERCARD", "ZUNION",
        "ZDIFF",
        // Streams, places, counts.
        "XLEN", "XRANGE", "XREVRANGE", "XREAD", "XPENDING", "XINFO", "GEOPOS", "GEODIST", "GEOHASH", "GEOSEARCH",
        "GEORADIUS_RO",
        "GEORADIUSBYMEMBER_RO", "PFCOUNT",
        // Scripts that may not write.
        "EVAL_RO", "EVALSHA_RO", "FCALL_RO",
        // The server.
        "PING", "ECHO", "TIME", "INFO", "LASTSAVE", "ROLE", "COMMAND", "LOLWUT",
    ]

    /// By name, the second words that only read.
    private static let words: [String: Set<String>] = [
        "OBJECT": ["ENCODING", "FREQ", "IDLETIME", "REFCOUNT"], "MEMORY": ["USAGE", "STATS", "DOCTOR"],
        "CONFIG": ["GET"], "CLIENT": ["ID", "INFO", "LIST", "GETNAME", "TRACKINGINFO"],
        "CLUSTER": ["SHARDS", "SLOTS", "NODES", "INFO", "KEYSLOT", "MYID", "COUNTKEYSINSLOT", "GETKEYSINSLOT"],
        "SCRIPT": ["EXISTS"], "FUNCTION": ["LIST", "STATS", "DUMP"], "SLOWLOG": ["GET", "LEN"],
        "LATENCY": ["LATEST", "HISTORY", "HISTOGRAM"], "ACL": ["WHOAMI", "LIST", "USERS", "GETUSER", "CAT"],
        "PUBSUB": ["CHANNELS", "NUMSUB", "NUMPAT", "SHARDCHANNELS", "SHARDNUMSUB"],
        "SENTINEL": [
            "GET-MASTER-ADDR-BY-NAME", "MASTER", "MASTERS", "REPLICAS", "SLAVES", "SENTINELS", "CKQUORUM", "MYID",
        ],
    ]
}
