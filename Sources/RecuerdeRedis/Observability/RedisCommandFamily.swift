/// What kind of work a command is: a dimension for metrics that has few values.
public struct RedisCommandFamily: Sendable, Hashable, CaseIterable, CustomStringConvertible {
    private enum Name: String, Sendable, CaseIterable { case read, write, script, pubsub, admin, other }

    private let name: Name

    /// Looks at keys.
    public static let read = RedisCommandFamily(name: .read)
    /// Changes keys.
    public static let write = RedisCommandFamily(name: .write)
    /// Runs or manages scripts and functions.
    public static let script = RedisCommandFamily(name: .script)
    /// Messages and who listens to them.
    public static let pubsub = RedisCommandFamily(name: .pubsub)
    /// Speaks with the server about itself or the connection.
    public static let admin = RedisCommandFamily(name: .admin)
    /// Anything else: modules, transactions, what is new.
    public static let other = RedisCommandFamily(name: .other)

    /// All six.
    public static var allCases: [RedisCommandFamily] { Name.allCases.map { RedisCommandFamily(name: $0) } }

    /// The place among ``allCases``, so that what is kept for each family can stand in an array.
    package var ordinal: Int {
        switch name {
        case .read: 0
        case .write: 1
        case .script: 2
        case .pubsub: 3
        case .admin: 4
        case .other: 5
        }
    }

    /// The name of the family: a label for metrics.
    public var description: String { name.rawValue }
}

extension RedisCommandFamily {
    /// The family of a command by its (first) name, in any case of letters.
    ///
    /// - Complexity: a few looks into tables, and a copy of the name.
    public init(of name: String) {
        let upper = name.uppercased()
        self =
            if let family = Self.families[upper] {
                family
            } else if RedisCommandClass.isReadOnly(name: upper, secondWord: { nil }) {
                .read
            } else {
                .other
            }
    }

    /// All but those that read, which `RedisCommandClass` knows.
    private static let families: [String: RedisCommandFamily] = {
        let words: [(RedisCommandFamily, String)] = [
            (.read, "OBJECT"),
            (.script, "EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO SCRIPT FUNCTION"),
            (.pubsub, "PUBLISH SPUBLISH SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE PUBSUB"),
            (
                .admin,
                """
                ACL ASKING AUTH BGREWRITEAOF BGSAVE CLIENT CLUSTER COMMAND CONFIG DBSIZE DEBUG ECHO FAILOVER HELLO INFO LASTSAVE \
                LATENCY LOLWUT MEMORY MODULE MONITOR PING QUIT READONLY READWRITE REPLICAOF RESET ROLE SAVE SELECT SENTINEL \
                SHUTDOWN SLAVEOF SLOWLOG TIME WAIT WAITAOF
                """
            ),
            (
                .write,
                """
                SET GETEX SETNX SETEX PSETEX SETRANGE SETBIT APPEND GETSET GETDEL MSET MSETNX INCR INCRBY INCRBYFLOAT DECR DECRBY \
                BITOP BITFIELD DEL UNLINK EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST RENAME RENAMENX COPY MOVE RESTORE MIGRATE \
                SORT FLUSHDB FLUSHALL SWAPDB HSET HSETNX HMSET HDEL HINCRBY HINCRBYFLOAT HEXPIRE HPEXPIRE HPERSIST LPUSH \
                RPUSH LPUSHX RPUSHX LPOP RPOP LMPOP LSET LREM LTRIM LINSERT LMOVE RPOPLPUSH BLPOP BRPOP BLMOVE BLMPOP \
                BRPOPLPUSH SADD SREM SPOP SMOVE SINTERSTORE SUNIONSTORE SDIFFSTORE ZADD ZREM ZINCRBY ZPOPMIN ZPOPMAX ZMPOP \
                BZPOPMIN BZPOPMAX BZMPOP ZRANGESTORE ZUNIONSTORE ZINTERSTORE ZDIFFSTORE ZREMRANGEBYRANK ZREMRANGEBYSCORE \
                ZREMRANGEBYLEX XADD XREADGROUP XDEL XTRIM XACK XGROUP XCLAIM XAUTOCLAIM XSETID GEOADD GEORADIUS GEORADIUSBYMEMBER \
                GEOSEARCHSTORE PFADD PFMERGE
                """
            ),
        ]
        var families: [String: RedisCommandFamily] = [:]
        for (family, names) in words {
            for name in names.split(separator: " ") { families[String(name)] = family }
        }
        return families
    }()
}
