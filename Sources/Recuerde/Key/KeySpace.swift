/// Where the entries of one cache stand in Redis: the names made from its prefix.
///
/// | what | name |
/// |---|---|
/// | entry, `envelope` | `prefix:v2:key`, the prefix escaped as one part |
/// | entry, `plain` | `prefix:key`, the prefix as it is, as the first generation wrote it |
/// | companion of an entry | `{entry}:t`: in its hash slot, and outside of `prefix:*`; holds its tombstone and its token |
/// | record of a tag | `{prefix:v2:tag}:g`, the tag escaped as one part; in a hash slot of its own, and outside of `prefix:*` |
/// | marks of the cache | `{prefix:v2}:m` |
/// | lease of an entry's load | `{entry}:l` |
/// | lock | `{prefix:v2}:lock:name`, whatever the format |
/// | latest fencing token | `{prefix:v2}:f`: in the slot of the locks |
/// | channel of leases | `prefix:leases` |
///
/// Where names are hidden (``KeyHashing``), `key` is `%~` and 64 hexadecimal digits, `name` likewise, and `tag` 64 digits and `~`.
package struct KeySpace: Sendable {
    package let head: String
    package let format: WireFormat
    /// Hides names; nil where they are readable.
    let hasher: NameHasher?
    /// Whether there is one, for those who must not touch its count of references.
    let hides: Bool

    package init(prefix: String, format: WireFormat) {
        self.init(prefix: prefix, format: format, hasher: nil)
    }

    init(prefix: String, format: WireFormat, hasher: NameHasher?) {
        var head = ""
        switch format {
        case .envelope:
            KeyEscaping.append(TextNormalization.canonical(prefix), to: &head)
            head += ":v2:"
        case .plain:
            head = prefix + ":"
        }
        self.head = head
        self.format = format
        self.hasher = hasher
        self.hides = hasher != nil
    }

    /// The key as the cache knows it.
    func hidden(_ key: CacheKey) -> CacheKey {
        hasher?.hidden(key) ?? key
    }

    /// The name of a key's entry in Redis.
    package func entryName(_ key: CacheKey) -> String {
        // Hidden when it came into the cache; once more, lest a name that was forgotten there be told.
        let key = hides ? hidden(key) : key
        // Under `plain`, a first part `v2` would reach into the place of the envelopes.
        guard format == .plain, key.text.utf8.starts(with: "v2:".utf8) else { return head + key.text }
        return head + "%76" + String(decoding: key.text.utf8.dropFirst(), as: UTF8.self)
    }

    /// The key whose entry bears `name`; nil where the name is not one of this space.
    package func keyText(ofEntry name: String) -> String? {
        // Bytes, not characters: a key may begin with a mark that joins the colon before it to one character.
        guard name.utf8.starts(with: head.utf8) else { return nil }
        let text = name.utf8.dropFirst(head.utf8.count)
        if format == .plain {
            if text.starts(with: "v2:".utf8) { return nil }
            if text.starts(with: "%762:".utf8) { return "v" + String(decoding: text.dropFirst(3), as: UTF8.self) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The name of the companion of an entry: its tombstone, and the token of who loads it.
    package static func companion(ofEntry name: String) -> String {
        "{\(name)}:t"
    }

    /// The name of the entry whose companion bears `name`; nil where the name is not one of a companion of this space.
    package func entryName(ofCompanion name: String) -> String? {
        guard name.utf8.first == UInt8(ascii: "{"), name.utf8.count > 4, name.utf8.suffix(3).elementsEqual("}:t".utf8)
        else { return nil }
        let entry = String(decoding: name.utf8.dropFirst().dropLast(3), as: UTF8.self)
        return keyText(ofEntry: entry) == nil ? nil : entry
    }

    /// The name of what is known of the cache as a whole. No entry and no companion is called so: braces are escaped in
    /// both.
    package var marksName: String {
        "{\(String(decoding: head.utf8.dropLast(), as: UTF8.self))}:m"
    }

    // MARK: Leases

    /// The lease of the load of a key.
    package func loadLease(_ key: CacheKey) -> LeaseName {
        LeaseName(name: "{\(entryName(key))}:l", channel: leaseChannel)
    }

    /// A lock. Its numbers are those of all locks of the cache, since a counter for each would have to be kept for ever.
    package func lock(_ name: CacheKey) -> LeaseName {
        LeaseName(
            name: "{\(escapedPrefix):v2}:lock:\(hasher?.hidden(lock: name) ?? name.text)",
            channel: leaseChannel,
            counter: "{\(escapedPrefix):v2}:f"
        )
    }

    /// Channels belong to the whole server. A message that comes from another database wakes somebody for nothing.
    private var leaseChannel: String { escapedPrefix + ":leases" }

    private var escapedPrefix: String {
        switch format {
        case .envelope: return String(decoding: head.utf8.dropLast(":v2:".utf8.count), as: UTF8.self)
        case .plain:
            var escaped = ""
            let prefix = String(decoding: head.utf8.dropLast(), as: UTF8.self)
            KeyEscaping.append(TextNormalization.canonical(prefix), to: &escaped)
            return escaped
        }
    }

    /// The name of a tag's record. No companion is called so.
    ///
    /// - Parameter text: The tag as one part of a name, escaped and, if need be, shortened as a key.
    package func tagName(_ text: String) -> String {
        "{\(head)\(text)}:g"
    }

    /// The tag whose record bears `name`, as one part of a name; nil where the name is not one of a record of this space.
    package func tagText(ofRecord name: String) -> String? {
        guard format == .envelope, name.utf8.first == UInt8(ascii: "{"), name.utf8.suffix(3).elementsEqual("}:g".utf8)
        else { return nil }
        return keyText(ofEntry: String(decoding: name.utf8.dropFirst().dropLast(3), as: UTF8.self))
    }

    /// The entries as a pattern of SCAN (glob style), in which nothing but the final `*` is a wildcard.
    ///
    /// Source: Redis `KEYS`, "Supported glob-style patterns".
    package var pattern: String {
        escapedHead + "*"
    }

    /// Their companions as such a pattern.
    package var companionPattern: String {
        "{" + escapedHead + "*}:t"
    }

    private var escapedHead: String {
        var pattern = ""
        for character in head.unicodeScalars {
            if "*?[]^-\\".unicodeScalars.contains(character) { pattern.unicodeScalars.append("\\") }
            pattern.unicodeScalars.append(character)
        }
        return pattern
    }
}
