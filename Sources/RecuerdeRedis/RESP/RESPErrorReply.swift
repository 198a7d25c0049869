/// An error as the server words it: a code in capitals, then a text for people.
public struct RESPErrorReply: Sendable, Hashable {
    /// The whole text, code included.
    public let text: String

    /// Makes an error reply from the text that follows the `-`.
    public init(_ text: String) {
        self.text = text
    }

    /// The first word, such as `ERR`, `OOM`, `WRONGTYPE` or `MOVED`.
    public var code: String {
        guard let end = text.utf8.firstIndex(of: UInt8(ascii: " ")) else { return text }
        return String(text[..<end])
    }
}
