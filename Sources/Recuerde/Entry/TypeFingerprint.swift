/// What type a payload was written as: 64 bits of a hash over the type's full name, the same in every process.
///
/// JSON's 42 decodes as Int, Double and Date, and a stored nil as an Optional of anything; comparing fingerprints keeps
/// them apart. FNV-1a (Fowler, Noll, Vo; RFC 9923) suffices: names are few and nobody attacks them.
package struct TypeFingerprint: Sendable, Hashable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package init(of type: Any.Type) {
        self.init(name: String(reflecting: type))
    }

    init(name: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in Self.stable(name).utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        self.rawValue = hash
    }

    /// The name without the addresses that stand in it for the contexts of private and local types, and that differ from
    /// process to process.
    private static func stable(_ name: String) -> String {
        let mark = "(unknown context at $"
        guard name.contains(mark) else { return name }
        return name.split(separator: mark, omittingEmptySubsequences: false).enumerated().map { index, piece in
            index == 0 ? String(piece) : "(" + piece.drop { $0.isHexDigit }
        }.joined()
    }
}
