public import NIOCore

/// One reply of a Redis server, in the types of RESP3.
///
/// RESP2 servers use the same cases, with fewer of them: no map, set, double, boolean or big number.
/// Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
///
/// A `bulk` shares the memory that it was read into. To keep a small value for long, copy it out with `bytes` or
/// `string`, or a few bytes hold on to a whole read buffer.
public enum RESPValue: Sendable, Hashable {
    /// Nothing there: `_`, and the RESP2 forms `$-1` and `*-1`.
    case null
    /// A truth value (RESP3 only).
    case boolean(Bool)
    /// A signed 64-bit number.
    case integer(Int)
    /// A floating point number, infinite and not-a-number included (RESP3 only).
    case double(Double)
    /// A number of any length, as decimal digits with an optional sign (RESP3 only).
    case bigNumber(String)
    /// A short status text such as `OK`.
    case simple(String)
    /// Any bytes.
    case bulk(ByteBuffer)
    /// An error that the server answered; `RedisClient` throws it when it is the reply of a command.
    case error(RESPErrorReply)
    /// Text with a three-letter format, such as `txt` (RESP3 only).
    indirect case verbatim(format: String, content: ByteBuffer)
    /// A list of values.
    case array([RESPValue])
    /// Pairs, in the order of the server (RESP3 only; RESP2 sends an array of twice the length).
    case map(RESPMap)
    /// Values without order (RESP3 only).
    case set([RESPValue])
    /// A message that no command asked for (RESP3 only).
    case push([RESPValue])
}
