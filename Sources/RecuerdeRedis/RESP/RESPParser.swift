import NIOCore

/// Turns bytes into replies, however the bytes are cut into reads.
///
/// What has been understood is never looked at again: lists under construction wait in `frames`, a long value whose
/// end has not arrived waits in `partial`, and of an unfinished line the parser remembers how far it looked. Nothing is
/// allocated on the word of an announced length alone. After a fault the parser answers nothing but that fault.
struct RESPParser: ~Copyable {
    /// What a peer may ask this process to hold.
    struct Limits {
        /// Bytes of one reply; list elements count their place in memory too.
        var replyBytes: Int
        /// Lists within lists.
        var depth: Int
        /// Bytes of a line: a length, a number, a simple string or a simple error.
        var lineBytes = 64 * 1024
    }

    private struct Frame {
        let kind: UInt8
        var remaining: Int
        var elements: [RESPValue]

        var isAttribute: Bool { kind == UInt8(ascii: "|") }

        /// Adds an element, which must be one of those that are missing.
        mutating func append(_ value: RESPValue) {
            if elements.count == elements.capacity { grow() }
            elements.append(value)
            remaining -= 1
        }

        /// By doubling, a list of a million would be copied anew whenever it has become twice as long: tens of megabytes at
        /// once, on the event loop. When thousands of elements have really come, room for sixteen times as many costs only
        /// addresses: what has not been written to takes no memory.
        private mutating func grow() {
            let total = elements.count + remaining
            let factor = elements.count >= RESPParser.longList ? 16 : 2
            elements.reserveCapacity(min(total, elements.count * factor))
        }

        consuming func finish() -> RESPValue {
            switch kind {
            case UInt8(ascii: "%"): .map(RESPMap(flat: elements))
            case UInt8(ascii: "~"): .set(elements)
            case UInt8(ascii: ">"): .push(elements)
            default: .array(elements)
            }
        }
    }

    /// A bulk string, bulk error or verbatim string of which only the beginning has arrived.
    private struct Partial {
        let kind: UInt8
        let length: Int
        var bytes: ByteBuffer
    }

    private enum Token {
        case value(RESPValue)
        case open(kind: UInt8, elements: Int)
        /// An attribute without pairs: nothing to wait for, and no value either.
        case nothing
    }

    /// From this many elements on, a list is given room for many more at once.
    private static let longList = 4096

    private let limits: Limits
    private var buffer = ByteBuffer()
    private var frames: [Frame] = []
    private var partial: Partial?
    /// Bytes charged to the reply under construction.
    private var charged = 0
    private var heaviest = 0
    /// Bytes of the unfinished line that are known to hold no line end.
    private var scanned = 0
    private var fault: RESPFault?

    init(limits: Limits) {
        var limits = limits
        // ByteBuffer counts with 32 bits.
        limits.replyBytes = min(max(limits.replyBytes, 64), Int(Int32.max) - 1024)
        self.limits = limits
    }

    /// True if a reply has begun and not ended.
    var isInsideReply: Bool {
        !frames.isEmpty || partial != nil || buffer.readableBytes > 0
    }

    /// Bytes of memory that it holds of unfinished replies, lists at their reserved length. Costs a walk over the lists.
    var heldBytes: Int {
        frames.reduce(buffer.readableBytes + (partial?.bytes.capacity ?? 0)) { sum, frame in
            sum + frame.elements.capacity * MemoryLayout<RESPValue>.stride
        }
    }

    /// The size of the largest reply since this was asked last, as it counts against the limit.
    mutating func takeHeaviest() -> Int {
        defer { heaviest = 0 }
        return heaviest
    }

    /// Forgets everything, and returns what it held of an unfinished reply, for whoever is to free it.
    mutating func abandon() -> [RESPValue] {
        var held = frames.map { RESPValue.array($0.elements) }
        if let partial = partial.take() { held.append(.bulk(partial.bytes)) }
        frames = []
        buffer = ByteBuffer()
        return held
    }

    /// Takes what a read brought. Costs no copy unless a line, or a long value, is cut by the read's border.
    mutating func append(_ chunk: ByteBuffer) {
        guard fault == nil else { return }
        if partial != nil {
            appendToPartial(chunk)
        } else if buffer.readableBytes == 0 {
            buffer = chunk
        } else {
            // Only the beginning of a line can be left over. A fresh buffer, because slices of the old one may be out.
            var joined = ByteBufferAllocator().buffer(capacity: buffer.readableBytes + chunk.readableBytes)
            joined.writeImmutableBuffer(buffer)
            joined.writeImmutableBuffer(chunk)
            buffer = joined
        }
    }

    private mutating func appendToPartial(_ chunk: ByteBuffer) {
        guard var open = partial.take() else { return }
        let missing = open.length + 2 - open.bytes.readableBytes
        var chunk = chunk
        if chunk.readableBytes <= missing {
            open.bytes.writeImmutableBuffer(chunk)
            buffer = ByteBuffer()
        } else {
            if var head = chunk.readSlice(length: missing) { open.bytes.writeBuffer(&head) }
            buffer = chunk
        }
        partial = open
    }

    /// The next reply or push, or nil if more bytes are needed.
    mutating func next() throws(RESPFault) -> RESPValue? {
        if let fault { throw fault }
        do throws(RESPFault) {
            return try advance()
        } catch {
            fault = error
            buffer = ByteBuffer()
            frames = []
            partial = nil
            throw error
        }
    }

    /// Appends all replies and pushes that are complete. What came before a fault is appended before it is thrown.
    mutating func all(into values: inout [RESPValue]) throws(RESPFault) {
        while let value = try next() { values.append(value) }
    }

    private mutating func advance() throws(RESPFault) -> RESPValue? {
        while true {
            if !frames.isEmpty { takeStrings() }
            guard let token = try readToken() else { return nil }
            switch token {
            case .nothing:
                continue
            case .open(let kind, let elements):
                guard frames.count < limits.depth else {
                    throw RESPFault("a reply is nested deeper than the limit of \(limits.depth)")
                }
                var frame = Frame(kind: kind, remaining: elements, elements: [])
                frame.elements.reserveCapacity(min(elements, 64))
                frames.append(frame)
            case .value(let value):
                if let reply = complete(value) {
                    heaviest = max(heaviest, charged)
                    charged = 0
                    return reply
                }
            }
        }
    }

    /// Puts a value where it belongs; returns the reply if it is the last that was missing.
    private mutating func complete(_ value: RESPValue) -> RESPValue? {
        var value = value
        while !frames.isEmpty {
            let top = frames.count - 1
            frames[top].append(value)
            if frames[top].remaining > 0 { return nil }
            let frame = frames.removeLast()
            // An attribute describes the value after it and is none itself.
            if frame.isAttribute { return nil }
            value = frame.finish()
        }
        return value
    }

    /// Takes the strings of the innermost list that lie whole side by side, up to the last but one of its elements.
    ///
    /// Long lists consist of them. Here an element costs a fraction of what it costs as a token of its own, for which bytes,
    /// limits and lists are looked at anew. Whatever is rarer, cut or wrong is left to `readToken`, and so is the last element.
    private mutating func takeStrings() {
        guard partial == nil, scanned == 0, buffer.readableBytes > 4, var frame = frames.popLast() else { return }
        let source = buffer
        let start = source.readerIndex
        let room = limits.replyBytes - charged
        var offset = 0
        var cost = 0
        source.withUnsafeReadableBytes { bytes in
            while frame.remaining > 1, let (header, length) = RESPWhole.bulk(bytes, at: offset) {
                let more = header + length + MemoryLayout<RESPValue>.stride
                guard more <= room - cost,
                    let content = source.getSlice(at: start + offset + header, length: length)
                else { break }
                frame.append(.bulk(content))
                cost += more
                offset += header + length + 2
            }
        }
        frames.append(frame)
        guard offset > 0 else { return }
        charged += cost
        buffer.moveReaderIndex(forwardBy: offset)
    }

    private mutating func readToken() throws(RESPFault) -> Token? {
        if partial != nil { return try readPartial() }
        if scanned == 0, let value = try readWhole() { return .value(value) }
        let scanned = scanned
        let lineBytes = limits.lineBytes
        let line = buffer.withUnsafeReadableBytes { RESPLine.scan($0, from: scanned, limit: lineBytes) }
        switch line {
        case .incomplete(let scanned):
            self.scanned = scanned
            return nil
        case .fault(let fault):
            throw fault
        case .value(let value, let size):
            try leave(size)
            return .value(value)
        case .length(let kind, let length, let size):
            try leave(size)
            return RESPLine.isString(kind) ? try readString(kind, length) : try open(kind, length)
        }
    }

    /// The commonest replies, where all of them has arrived: a bulk string, and OK. Nil for everything else.
    private mutating func readWhole() throws(RESPFault) -> RESPValue? {
        switch buffer.withUnsafeReadableBytes({ RESPWhole.scan($0) }) {
        case .bulk(let header, let length):
            guard length <= limits.replyBytes else { return nil }
            try charge(header + length + (frames.isEmpty ? 0 : MemoryLayout<RESPValue>.stride))
            buffer.moveReaderIndex(forwardBy: header)
            guard let bytes = buffer.readSlice(length: length) else { return nil }
            buffer.moveReaderIndex(forwardBy: 2)
            return .bulk(bytes)
        case .ok:
            try leave(5)
            return .simple("OK")
        case nil:
            return nil
        }
    }

    /// Moves past a line that has been understood.
    private mutating func leave(_ size: Int) throws(RESPFault) {
        scanned = 0
        buffer.moveReaderIndex(forwardBy: size)
        try charge(size + (frames.isEmpty ? 0 : MemoryLayout<RESPValue>.stride))
    }

    private mutating func charge(_ bytes: Int) throws(RESPFault) {
        charged += bytes
        guard charged <= limits.replyBytes else {
            throw RESPFault("a reply is larger than the limit of \(limits.replyBytes) bytes")
        }
    }

    private mutating func open(_ kind: UInt8, _ count: Int) throws(RESPFault) -> Token {
        if count == -1, kind == UInt8(ascii: "*") { return .value(.null) }
        guard count >= 0 else { throw RESPFault("a list has a negative length") }
        if kind == UInt8(ascii: ">"), !frames.isEmpty { throw RESPFault("a push stands inside a reply") }
        let isPaired = kind == UInt8(ascii: "%") || kind == UInt8(ascii: "|")
        let (elements, overflow) = isPaired ? count.multipliedReportingOverflow(by: 2) : (count, false)
        // Every element will be charged its place in memory; what cannot fit is refused before it is waited for.
        guard !overflow, elements <= (limits.replyBytes - charged) / MemoryLayout<RESPValue>.stride else {
            throw RESPFault("a list announces more elements than the reply limit of \(limits.replyBytes) bytes holds")
        }
        if elements > 0 { return .open(kind: kind, elements: elements) }
        let empty = Frame(kind: kind, remaining: 0, elements: [])
        return empty.isAttribute ? .nothing : .value(empty.finish())
    }

    private mutating func readString(_ kind: UInt8, _ length: Int) throws(RESPFault) -> Token? {
        if length == -1, kind == UInt8(ascii: "$") { return .value(.null) }
        guard length >= 0 else { throw RESPFault("a string has a negative length") }
        guard length <= limits.replyBytes else {
            throw RESPFault("a reply is larger than the limit of \(limits.replyBytes) bytes")
        }
        try charge(length)
        if buffer.readableBytes >= length + 2, var bytes = buffer.readSlice(length: length + 2) {
            return .value(try Self.finish(&bytes, kind: kind, length: length))
        }
        // At most twice what has arrived, however much is announced.
        let room = min(length + 2, buffer.readableBytes * 2 + 4096)
        var open = Partial(kind: kind, length: length, bytes: ByteBufferAllocator().buffer(capacity: room))
        open.bytes.writeBuffer(&buffer)
        buffer = ByteBuffer()
        partial = open
        return nil
    }

    private mutating func readPartial() throws(RESPFault) -> Token? {
        guard var open = partial.take() else { return nil }
        guard open.bytes.readableBytes >= open.length + 2 else {
            partial = open
            return nil
        }
        return .value(try Self.finish(&open.bytes, kind: open.kind, length: open.length))
    }

    private static func finish(_ bytes: inout ByteBuffer, kind: UInt8, length: Int) throws(RESPFault) -> RESPValue {
        guard bytes.getInteger(at: bytes.readerIndex + length, as: UInt16.self) == 0x0D0A else {
            throw RESPFault("a string does not end where its length says")
        }
        bytes.moveWriterIndex(to: bytes.readerIndex + length)
        switch kind {
        case UInt8(ascii: "!"):
            return .error(RESPErrorReply(String(buffer: bytes)))
        case UInt8(ascii: "="):
            guard let format = bytes.readString(length: 3), bytes.readInteger(as: UInt8.self) == UInt8(ascii: ":")
            else {
                throw RESPFault("a verbatim string has no format")
            }
            return .verbatim(format: format, content: bytes)
        default:
            return .bulk(bytes)
        }
    }
}
