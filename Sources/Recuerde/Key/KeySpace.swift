/// Where the entries of one cache stand in Redis: the names made from its prefix.
///
/// | what | name |
/// |---|---|
/// | entry, `envelope` | `prefix:v2:key`, the prefix escaped as one part |
/// | entry, `plain` | `prefix:key`, the prefix as it is, as the first generation wrote it |
/// | companion of an entry | `{entry}:suffix`: in its hash slot, and outside of `prefix:*` |
package struct KeySpace: Sendable, Hashable {
    package let head: String
    package let format: WireFormat

    package init(prefix: String, format: WireFormat) {
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
    }

    /// The name of a key's entry in Redis.
    package func entryName(_ key: CacheKey) -> String {
        // Under `plain`, a first part `v2` would reach into the place of the envelopes.
        format == .plain && key.text.hasPrefix("v2:") ? head + "%76" + key.text.dropFirst() : head + key.text
    }

    /// The key whose entry bears `name`; nil where the name is not one of this space.
    package func keyText(ofEntry name: String) -> String? {
        guard name.hasPrefix(head) else { return nil }
        let text = name.dropFirst(head.count)
        if format == .plain {
            if text.hasPrefix("v2:") { return nil }
            if text.hasPrefix("%762:") { return "v" + text.dropFirst(3) }
        }
        return String(text)
    }

    /// The name of an entry's companion.
    package static func companion(_ suffix: String, ofEntry name: String) -> String {
        "{\(name)}:\(suffix)"
    }

    /// The head as a pattern of SCAN (glob style), in which nothing but the final `*` is a wildcard.
    ///
    /// Source: Redis `KEYS`, "Supported glob-style patterns".
    package var pattern: String {
        var pattern = ""
        for character in head.unicodeScalars {
            if "*?[]^-\\".unicodeScalars.contains(character) { pattern.unicodeScalars.append("\\") }
            pattern.unicodeScalars.append(character)
        }
        return pattern + "*"
    }
}
