/// Which keys are meant: a text in which `*` stands for any run of characters, none and colons included, and all else for itself.
///
/// ```swift
/// let profiles: KeyPattern = "user:*:profile"
/// ```
///
/// It is compared with the text of a key (``CacheKey/text``), in which what is inside of a part is escaped. Costs steps in the order of the key's
/// length times the pattern's at worst, and most often as many as the key has bytes.
public struct KeyPattern: Sendable, Hashable, ExpressibleByStringLiteral {
    private let bytes: [UInt8]

    /// Makes a pattern of its text.
    public init(_ text: String) {
        bytes = Array(TextNormalization.canonical(text).utf8)
    }

    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// Whether a key is meant.
    public func matches(_ key: CacheKey) -> Bool {
        let text = Array(key.text.utf8)
        let wildcard = UInt8(ascii: "*")
        var (place, next) = (0, 0)
        // Behind the last `*`, and up to where that stands for something so far: where what follows does not fit, it stands for one byte more.
        var retry: (pattern: Int, text: Int)?
        while place < text.count {
            if next < bytes.count, bytes[next] == wildcard {
                next += 1
                retry = (next, place)
            } else if next < bytes.count, bytes[next] == text[place] {
                next += 1
                place += 1
            } else if let last = retry {
                retry = (last.pattern, last.text + 1)
                (next, place) = (last.pattern, last.text + 1)
            } else {
                return false
            }
        }
        return bytes[next...].allSatisfy { $0 == wildcard }
    }
}
