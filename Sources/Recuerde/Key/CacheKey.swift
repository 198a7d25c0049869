/// What a caller names a value by: parts, joined with `:`.
///
/// ```swift
/// let key: CacheKey = "user:\(id):profile"      // the literal is structure, what is interpolated is one escaped part
/// let same = CacheKey("user", id, "profile")    // every argument is one escaped part
/// ```
///
/// `:` `%` `{` `}` and control characters inside a part are percent-escaped, so that `("a:b", "c")` and `("a", "b:c")`
/// differ. Text is brought to NFC, and keys compare as UTF-8 bytes. A key whose text is longer than
/// ``maximumReadableLength`` bytes keeps its readable head and ends in the SHA-256 of the whole.
///
/// A key is made once and used often: it carries its hash, so that looking it up does not read its text again.
public struct CacheKey: Sendable {
    /// Keys up to this length, in bytes, keep their text as it is.
    public static let maximumReadableLength = 200
    /// Longer input than this, in bytes of UTF-8 before escaping, is refused with ``CacheError/Code/invalidKey``.
    public static let maximumLength = 65_536

    /// The escaped parts, joined; hashed at the end where that would be too long. Empty for an invalid key.
    ///
    /// A text of at most 23 bytes of UTF-8 lies in the key itself, and is made into a string at each call.
    public var text: String { storage.text }
    /// The kind of answer that the key stands for. Not part of the key's identity.
    public var kind: CacheKind? { kindBox?.kind }

    let storage: Storage
    /// What is wrong with the key; told when it is first used, since literals cannot throw. Here, where it fills a gap: 48 bytes instead of
    /// 56 for each key in an array.
    let fault: Fault?
    let hash: Int
    /// By reference, so that a key stays small and cheap to copy.
    let kindBox: KindBox?

    enum Fault: Sendable {
        case empty
        case tooLong
    }

    final class KindBox: Sendable {
        let kind: CacheKind
        /// Where the key is counted in the place of its kind; nil where it belongs to no namespace.
        let counters: StripedCounters?
        /// Keeps them.
        let owner: NamespaceCounters?

        init(_ kind: CacheKind, counters owner: NamespaceCounters? = nil) {
            self.kind = kind
            self.counters = owner?.counters
            self.owner = owner
        }
    }

    /// Makes a key of parts, each escaped.
    public init(_ parts: String..., kind: CacheKind? = nil) {
        self.init(parts: parts, kind: kind)
    }

    /// Makes a key of parts, each escaped.
    ///
    /// No part at all, or nothing but empty parts, makes an empty key, which the cache refuses.
    public init(parts: [String], kind: CacheKind? = nil) {
        var length = parts.isEmpty ? 0 : parts.count - 1
        for part in parts { length += part.utf8.count }
        guard length <= Self.maximumLength else {
            self.init(fault: .tooLong, kind: kind)
            return
        }
        var joined = ""
        for (index, part) in parts.enumerated() {
            if index > 0 { joined.append(":") }
            KeyEscaping.append(TextNormalization.canonical(part), to: &joined)
        }
        let isEmpty = parts.allSatisfy { $0.isEmpty }
        self.init(escaped: joined, isEmpty: isEmpty, kind: kind)
    }

    /// The key that is read as `text`, whose parts are already escaped and joined, as ``text`` shows them.
    ///
    /// For operators who type or paste a key; code that builds keys uses parts.
    public init(escapedText text: String, kind: CacheKind? = nil) {
        guard text.utf8.count <= Self.maximumLength * 3 else {
            self.init(fault: .tooLong, kind: kind)
            return
        }
        let text = TextNormalization.canonical(text)
        if text.utf8.count <= Self.maximumReadableLength, Self.looksShortened(text) {
            self.init(final: text, kind: kind)
        } else {
            self.init(escaped: text, isEmpty: text.isEmpty, kind: kind)
        }
    }

    init(escaped: String, isEmpty: Bool, kind: CacheKind?) {
        guard !isEmpty else {
            self.init(fault: .empty, kind: kind)
            return
        }
        // Once more for the whole: a piece of text may end in a letter whose accent begins the next.
        let escaped = TextNormalization.canonical(escaped)
        let mustShorten = escaped.utf8.count > Self.maximumReadableLength || Self.looksShortened(escaped)
        self.init(final: mustShorten ? Self.shortened(escaped) : escaped, kind: kind)
    }

    private init(final text: String, kind: CacheKind?) {
        self.storage = Storage(text)
        self.kindBox = kind.map { KindBox($0) }
        self.fault = nil
        self.hash = text.hashValue
    }

    init(fault: Fault, kind: CacheKind?) {
        self.storage = .inline(.empty)
        self.kindBox = kind.map { KindBox($0) }
        self.fault = fault
        self.hash = 0
    }

    private init(copying other: CacheKey, kind: CacheKind?) {
        self.storage = other.storage
        self.kindBox = kind.map { KindBox($0) }
        self.hash = other.hash
        self.fault = other.fault
    }

    /// The key that is called `name`, counted and kept as `other` is. Allocates nothing.
    init(named name: CacheKey, like other: CacheKey) {
        self.storage = name.storage
        self.kindBox = other.kindBox
        self.hash = name.hash
        self.fault = name.fault
    }

    /// The same key, counted and kept as an answer of `kind`.
    public func withKind(_ kind: CacheKind?) -> CacheKey {
        CacheKey(copying: self, kind: kind)
    }

    /// Whether a text ends as shortened ones do. Such a text is shortened itself, lest it meet the key it imitates.
    private static func looksShortened(_ text: String) -> Bool {
        let tail = text.utf8.suffix(65)
        return tail.count == 65 && tail.first == UInt8(ascii: "~")
            && tail.dropFirst().allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    /// A readable head, `~`, and the full SHA-256 of the whole: 64 hexadecimal digits.
    ///
    /// The head ends at a character's border, and never inside an escape, so that it stays legible text.
    private static func shortened(_ text: String) -> String {
        var head = [UInt8]()
        let limit = maximumReadableLength - 65
        for character in text {
            if head.count + character.utf8.count > limit { break }
            head.append(contentsOf: character.utf8)
        }
        for back in 1...2 where head.count >= back && head[head.count - back] == UInt8(ascii: "%") {
            head.removeLast(back)
            break
        }
        return String(decoding: head, as: UTF8.self) + "~" + SHA256Hex.digest(of: text.utf8)
    }
}

extension CacheKey: Hashable {
    public static func == (lhs: Self, rhs: Self) -> Bool {
        // Texts are in NFC, and two of those are canonically equivalent only if their bytes are equal.
        lhs.hash == rhs.hash && lhs.storage == rhs.storage
    }

    /// Feeds the key's own hash, made once from its text.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(hash)
    }
}
