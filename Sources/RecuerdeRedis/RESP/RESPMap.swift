/// The pairs of a RESP3 map, kept in the order in which the server sent them.
///
/// Looking a key up walks over the pairs: maps in replies are small, and no hash table has to be built for them.
public struct RESPMap: Sendable, Hashable {
    /// Keys and values in turn; the length is even.
    let flat: [RESPValue]

    /// Takes keys and values in turn. A last key without a value is dropped.
    init(flat: [RESPValue]) {
        self.flat = flat.count.isMultiple(of: 2) ? flat : Array(flat.dropLast())
    }

    /// Makes a map of the given pairs.
    public init(_ pairs: [(key: RESPValue, value: RESPValue)]) {
        flat = pairs.flatMap { [$0.key, $0.value] }
    }

    /// The value of the first key that reads as this text, or nil. Costs a walk over the pairs.
    public subscript(_ key: String) -> RESPValue? {
        first { $0.key.string == key }?.value
    }
}

extension RESPMap: RandomAccessCollection {
    /// One key with its value.
    public typealias Element = (key: RESPValue, value: RESPValue)

    /// Always zero.
    public var startIndex: Int { 0 }

    /// The number of pairs.
    public var endIndex: Int { flat.count / 2 }

    /// The pair at a position between `startIndex` and `endIndex`.
    public subscript(position: Int) -> Element {
        (flat[2 * position], flat[2 * position + 1])
    }
}
