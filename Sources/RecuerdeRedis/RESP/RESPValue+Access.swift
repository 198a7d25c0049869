public import NIOCore

/// Reading a reply as a plain Swift type; nil where the reply is of another kind.
extension RESPValue {
    /// True for the null reply.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The bytes of a bulk, verbatim or simple string. Shares memory where it can.
    public var buffer: ByteBuffer? {
        switch self {
        case .bulk(let buffer), .verbatim(_, let buffer): buffer
        case .simple(let text), .bigNumber(let text): ByteBuffer(string: text)
        default: nil
        }
    }

    /// A copy of the bytes of a bulk, verbatim or simple string.
    public var bytes: [UInt8]? {
        buffer.map { Array($0.readableBytesView) }
    }

    /// The text of a bulk, verbatim or simple string; bytes that are not UTF-8 are replaced.
    public var string: String? {
        switch self {
        case .simple(let text), .bigNumber(let text): text
        case .bulk(let buffer), .verbatim(_, let buffer): String(buffer: buffer)
        default: nil
        }
    }

    /// An integer, also when the server sent it as text or as a boolean.
    public var int: Int? {
        switch self {
        case .integer(let number): number
        case .boolean(let flag): flag ? 1 : 0
        default: string.flatMap { Int($0) }
        }
    }

    /// A number, also when the server sent it as an integer or as text (RESP2).
    public var number: Double? {
        switch self {
        case .double(let number): number
        case .integer(let number): Double(number)
        default: string.flatMap { Double($0) }
        }
    }

    /// The elements of an array, set or push; keys and values in turn of a map.
    public var elements: [RESPValue]? {
        switch self {
        case .array(let elements), .set(let elements), .push(let elements): elements
        case .map(let map): map.flat
        default: nil
        }
    }

    /// The pairs of a map, also when a RESP2 server sent them as one flat array.
    public var pairs: RESPMap? {
        switch self {
        case .map(let map): map
        case .array(let elements) where elements.count.isMultiple(of: 2): RESPMap(flat: elements)
        default: nil
        }
    }

    /// The error, if the server answered one here.
    public var serverError: RESPErrorReply? {
        if case .error(let error) = self { error } else { nil }
    }
}
