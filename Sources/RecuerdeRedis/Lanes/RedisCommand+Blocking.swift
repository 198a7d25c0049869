import NIOCore

extension RedisCommand {
    /// True for the commands that may wait at the server for something to happen: BLPOP and its family, XREAD and
    /// XREADGROUP with BLOCK.
    ///
    /// WAIT and WAITAOF are none of them: they speak of earlier writes of their own connection and must stay on it.
    public var isBlocking: Bool {
        // One look at the first letter lets nearly all commands go.
        guard let first = name.utf8.first, first | 0x20 == UInt8(ascii: "b") || first | 0x20 == UInt8(ascii: "x") else {
            return false
        }
        switch name.uppercased() {
        case "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP": return true
        case "XREAD", "XREADGROUP": return hasBlockOption
        default: return false
        }
    }

    /// True if BLOCK stands before STREAMS, after which only names of keys and ids come.
    private var hasBlockOption: Bool {
        guard let arguments = encodedArguments else { return false }
        for bytes in arguments {
            // Names of groups and keys may be long; the options are not.
            guard bytes.readableBytes < 8 else { continue }
            switch String(buffer: bytes).uppercased() {
            case "BLOCK": return true
            case "STREAMS": return false
            default: continue
            }
        }
        return false
    }
}
