import NIOCore

/// One message on the channel of a cache.
///
/// Text: the version and the kind in one character each, a space, the sender in hexadecimal digits, and behind a line end each
/// what it is about. No name of an entry holds a line end, since keys and prefixes are escaped.
enum Announcement: Equatable {
    /// These entries were written or removed.
    case entries([ByteBuffer], sender: String)
    /// A clear has begun. What it removes is announced by name too; this is for copies of entries that Redis itself had dropped before.
    case clear(sender: String)
    /// Sent by a node to itself, to see whether it comes back.
    case canary(UInt64, sender: String)
    /// Of a later version: whatever it says, nothing is certain any more.
    case unknown

    /// What a script puts before the names.
    static func entriesHead(sender: String) -> String { "1e \(sender)" }

    static func clearText(sender: String) -> String { "1a \(sender)" }

    static func canaryText(_ number: UInt64, sender: String) -> String { "1c \(sender)\n\(number)" }

    /// Nil for what is no announcement.
    init?(_ payload: ByteBuffer) {
        let lines = payload.readableBytesView.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
        guard let head = lines.first, head.count > 3, head[head.startIndex + 2] == UInt8(ascii: " "),
            (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(head[head.startIndex])
        else { return nil }
        guard head[head.startIndex] == UInt8(ascii: "1") else {
            self = .unknown
            return
        }
        let sender = String(decoding: head.dropFirst(3), as: UTF8.self)
        switch head[head.startIndex + 1] {
        case UInt8(ascii: "e"):
            self = .entries(lines.dropFirst().map { ByteBuffer($0) }, sender: sender)
        case UInt8(ascii: "a"):
            self = .clear(sender: sender)
        case UInt8(ascii: "c"):
            guard lines.count == 2, let number = UInt64(String(decoding: lines[1], as: UTF8.self)) else { return nil }
            self = .canary(number, sender: sender)
        default:
            self = .unknown
        }
    }
}
