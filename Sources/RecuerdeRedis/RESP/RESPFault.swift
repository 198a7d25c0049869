/// What is wrong with bytes that should have been RESP; says what was met, never the bytes themselves.
struct RESPFault: Error, Equatable {
    let message: String

    init(_ message: String) {
        self.message = message
    }

    /// The bytes cannot begin a reply. The first one tells the usual suspects apart.
    static func foreign(_ first: UInt8) -> RESPFault {
        switch first {
        case UInt8(ascii: "H"):
            RESPFault("the peer answers text that begins like HTTP; is this the port of a web server or a proxy?")
        case UInt8(ascii: "<"):
            RESPFault("the peer answers text that begins like HTML; is this the port of a web server?")
        case 0x15, 0x16:
            RESPFault("the peer answers in TLS; use rediss:// for this port")
        default:
            RESPFault("the peer answers with byte 0x\(String(first, radix: 16)), which begins no RESP value")
        }
    }
}
