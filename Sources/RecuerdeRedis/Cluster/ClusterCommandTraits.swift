/// What a cluster client has to know about a command by its name.
enum ClusterCommandTraits {
    /// How a command with keys of several slots is divided and its replies put together.
    enum Split: Sendable {
        /// MGET: one value for each key, in order.
        case values
        /// MSET: pairs of key and value, answered by OK.
        case pairs
        /// DEL and its kin: the numbers are added up. True if it writes.
        case count(writes: Bool)
    }

    /// Nil for all commands that must not be divided.
    static func split(_ name: String) -> Split? {
        // Nearly all commands leave here without a lookup.
        guard (3...6).contains(name.utf8.count), let first = name.utf8.first, splitInitials.contains(first | 0x20)
        else { return nil }
        switch name.uppercased() {
        case "MGET": return .values
        case "MSET": return .pairs
        case "DEL", "UNLINK": return .count(writes: true)
        case "EXISTS", "TOUCH": return .count(writes: false)
        default: return nil
        }
    }

    private static let splitInitials: [UInt8] = Array("mdute".utf8)

    /// True if the command changes nothing: a replica may answer it, and repeating it does no harm.
    ///
    /// Names of two words are judged by the first, so that none of those stands here that is not harmless in all forms.
    static func isReadOnly(_ name: String) -> Bool {
        readOnly.contains(name) || readOnly.contains(name.uppercased())
    }

    private static let readOnly: Set<String> = [
        "BITCOUNT", "BITFIELD_RO", "BITPOS", "DBSIZE", "DUMP", "ECHO", "EVALSHA_RO", "EVAL_RO", "EXISTS", "EXPIRETIME",
        "FCALL_RO", "GEODIST", "GEOHASH", "GEOPOS", "GEORADIUSBYMEMBER_RO", "GEORADIUS_RO", "GEOSEARCH", "GET",
        "GETBIT", "GETRANGE", "HEXISTS", "HGET", "HGETALL", "HKEYS", "HLEN", "HMGET", "HRANDFIELD", "HSCAN", "HSTRLEN",
        "HVALS", "KEYS", "LCS", "LINDEX", "LLEN", "LPOS", "LRANGE", "MGET", "PEXPIRETIME", "PFCOUNT", "PING", "PTTL",
        "RANDOMKEY", "SCAN", "SCARD", "SDIFF", "SINTER", "SINTERCARD", "SISMEMBER", "SMEMBERS", "SMISMEMBER",
        "SORT_RO", "SRANDMEMBER", "SSCAN", "STRLEN", "SUBSTR", "SUNION", "TIME", "TOUCH", "TTL", "TYPE", "XLEN",
        "XPENDING",
        "XRANGE", "XREVRANGE", "ZCARD", "ZCOUNT", "ZDIFF", "ZINTER", "ZINTERCARD", "ZLEXCOUNT", "ZMSCORE",
        "ZRANDMEMBER", "ZRANGE", "ZRANGEBYLEX", "ZRANGEBYSCORE", "ZRANK", "ZREVRANGE", "ZREVRANGEBYLEX",
        "ZREVRANGEBYSCORE", "ZREVRANK", "ZSCAN", "ZSCORE", "ZUNION",
    ]
}
