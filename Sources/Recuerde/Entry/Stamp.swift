/// The version of an entry: taken when its load or set *started*, ordered across nodes, moving only forward.
///
/// The unit is a microsecond of Redis' own `TIME` (Unix epoch); per key the script that writes makes it at least one
/// more than what stood there. On the wire it is a decimal of fixed width, because numbers in Lua are doubles, and two
/// 64-bit stamps one apart compare equal there.
public struct Stamp: Comparable, Hashable, Sendable {
    /// Digits of a stamp on the wire.
    package static let width = 20
    /// How far ahead of Redis' clock, in microseconds, a stamp may lie before it counts as corrupt.
    package static let maximumLead: Int64 = 60_000_000

    /// Microseconds since the Unix epoch, never negative.
    public let microseconds: Int64

    /// Makes a stamp; what lies before the epoch becomes ``zero``.
    public init(microseconds: Int64) {
        self.microseconds = max(0, microseconds)
    }

    /// Older than every stamp that is ever taken.
    public static let zero = Stamp(microseconds: 0)

    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.microseconds < rhs.microseconds
    }

    /// The next stamp.
    package var next: Stamp {
        Stamp(microseconds: microseconds.addingSaturated(1))
    }

    /// The stamp before.
    package var previous: Stamp {
        Stamp(microseconds: microseconds - 1)
    }

    /// The stamp as 20 decimal digits.
    package var wireText: String {
        let digits = String(microseconds)
        return String(repeating: "0", count: Self.width - digits.utf8.count) + digits
    }

    /// Reads 20 decimal digits; nil for anything else.
    package init?(wireBytes bytes: some Collection<UInt8>) {
        guard bytes.count == Self.width else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            if overflow || carry { return nil }
            value = sum
        }
        self.init(microseconds: value)
    }
}
