/// An error as the server words it: a code in capitals, then a text for people.
public struct RESPErrorReply: Sendable, Hashable {
    /// The whole text, code included.
    public let text: String

    /// Makes an error reply from the text that follows the `-`.
    public init(_ text: String) {
        self.text = text
    }

    /// The first word, such as `ERR`, `OOM`, `WRONGTYPE` or `MOVED`.
    ///
    /// Servers before 7.0 wrap what went wrong inside a script into words of their own (`ERR Error running script (call to
    /// f_…): @user_script:1: @user_script: 1: -READONLY You can't write …`); then it is the code of what is wrapped, as
    /// later servers say it themselves.
    public var code: String {
        wrappedCode ?? Self.firstWord(text[...])
    }

    private var wrappedCode: String? {
        var rest = text[...]
        if rest.hasPrefix("ERR Error running script (call to f_"), let end = rest.firstRange(of: "): ") {
            rest = rest[end.upperBound...]
        }
        // Most errors end here.
        guard rest.hasPrefix(Self.place) else { return nil }
        // Said once by the interpreter, and once more by what refused the command.
        while rest.hasPrefix(Self.place) {
            rest = rest.dropFirst(Self.place.count).drop { $0 == " " || $0.isWholeNumber }
            guard rest.hasPrefix(": ") else { return nil }
            rest = rest.dropFirst(2)
        }
        if rest.hasPrefix("-") { rest = rest.dropFirst() }
        let word = Self.firstWord(rest)
        let isCode = !word.isEmpty && word.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        return isCode ? word : nil
    }

    private static let place = "@user_script:"

    private static func firstWord(_ text: Substring) -> String {
        guard let end = text.utf8.firstIndex(of: UInt8(ascii: " ")) else { return String(text) }
        return String(text[..<end])
    }
}
