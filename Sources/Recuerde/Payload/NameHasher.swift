import Crypto
import Synchronization

/// Makes hidden names of keys and tags, and remembers those of keys that were used of late.
///
/// What it remembers is a pure function of the key and may be forgotten at any time, so that nothing hangs on it but time. That is why keys are hidden
/// where they enter the cache, and not where they leave it: all else, notices of others' changes included, knows them by one name.
final class NameHasher: Sendable {
    /// A hidden name begins with this: `%` is always followed by two digits in the text of any other key.
    static let mark = "%~"
    /// How long a hidden key is; a hidden tag is a byte shorter.
    private static let length = 66
    /// A hidden tag ends in this, as no shortened key does.
    private static let tagMark: Character = "~"
    private static let stripes = 16
    /// Keys that each stripe remembers, one for each place.
    private static let places = 512

    private struct Known {
        var key: CacheKey
        var name: CacheKey
    }

    /// Behind a reference each, since a lock can be neither moved nor copied.
    private final class Stripe: Sendable {
        let known = Mutex<[Known?]>([])
    }

    private let secret: SymmetricKey
    private let remembered: [Stripe]

    init(_ hashing: KeyHashing) {
        secret = hashing.secret
        remembered = (0..<Self.stripes).map { _ in Stripe() }
    }

    /// The key under its hidden name; the same key where it is one already.
    func hidden(_ key: CacheKey) -> CacheKey {
        guard key.fault == nil, !Self.isHidden(key) else { return key }
        let number = UInt(bitPattern: key.hash)
        let stripe = remembered[Int(number % UInt(Self.stripes))]
        let place = Int(number / UInt(Self.stripes) % UInt(Self.places))
        if let name = stripe.known.withLock({ known in
            known.isEmpty || known[place]?.key != key ? nil : known[place]?.name
        }) {
            return CacheKey(named: name, like: key)
        }
        let name = CacheKey(escapedText: Self.mark + digits(of: key.text, domain: 0))
        stripe.known.withLock { known in
            if known.isEmpty { known = Array(repeating: nil, count: Self.places) }
            known[place] = Known(key: key.withKind(nil), name: name)
        }
        return CacheKey(named: name, like: key)
    }

    /// What a tag is called; the same where it is a hidden one already, as the tags are of a value that a load confirms.
    func hidden(tag: String) -> String {
        guard !Self.isHidden(tag: tag) else { return tag }
        // By its text as part of a name, so that two ways to write a letter make one tag, as ever.
        return digits(of: CacheKey(tag).text, domain: 1) + String(Self.tagMark)
    }

    /// What a lock is called.
    func hidden(lock name: CacheKey) -> String {
        Self.mark + digits(of: name.text, domain: 2)
    }

    static func isHidden(_ key: CacheKey) -> Bool {
        guard case .long(let text) = key.storage, text.utf8.count == length else { return false }
        return text.utf8.starts(with: mark.utf8) && areDigits(text.utf8.dropFirst(mark.utf8.count))
    }

    private static func isHidden(tag: String) -> Bool {
        tag.utf8.count == length - 1 && tag.last == tagMark && areDigits(tag.utf8.dropLast())
    }

    private static func areDigits(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
    }

    /// Keys, tags and locks of one text get names of their own.
    private func digits(of text: String, domain: UInt8) -> String {
        var hash = HMAC<SHA256>(key: secret)
        hash.update(data: [domain])
        hash.update(data: Array(text.utf8))
        return SHA256Hex.text(of: hash.finalize())
    }
}
