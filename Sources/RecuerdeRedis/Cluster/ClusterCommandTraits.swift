/// What a cluster client has to know about a command by its name.
enum ClusterCommandTraits {
    /// How a command with keys of several slots is divided and its replies put together.
    enum Split: Sendable {
        /// MGET: one value for each key, in order.
        case values
        /// MSET: pairs of key and value, answered by OK.
        case pairs
        /// DEL and its kin: the numbers are added up. True if it writes.
        case count(writes: Bool)
    }

    /// Nil for all commands that must not be divided.
    static func split(_ name: String) -> Split? {
        // Nearly all commands leave here without a lookup.
        guard (3...6).contains(name.utf8.count), let first = name.utf8.first, splitInitials.contains(first | 0x20)
        else { return nil }
        switch name.uppercased() {
        case "MGET": return .values
        case "MSET": return .pairs
        case "DEL", "UNLINK": return .count(writes: true)
        case "EXISTS", "TOUCH": return .count(writes: false)
        default: return nil
        }
    }

    private static let splitInitials: [UInt8] = Array("mdute".utf8)
}
