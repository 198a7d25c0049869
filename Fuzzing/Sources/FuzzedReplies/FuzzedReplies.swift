import NIOCore

/// Parses one input of libFuzzer as a whole and cut into reads, and stops the process if the two differ, or if more is held than the
/// limits allow. Crashes and hangs libFuzzer notices by itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzedReplies(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = ByteBuffer(bytes: UnsafeBufferPointer(start: start, count: count))
    let whole = Outcome(bytes, cuts: [])
    // Where to cut follows from the input, so that a finding can be repeated.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes.readableBytesView { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let cut = Int(hash >> 1) % (count + 1)
    for cuts in [[cut], count <= 512 ? Array(0..<count) : []] {
        let parts = Outcome(bytes, cuts: cuts)
        precondition(parts.isSame(as: whole), "another result when cut")
        precondition(parts.held <= Outcome.bound(count), "too much is held")
    }
    return 0
}

/// What a parser makes of an input.
private struct Outcome {
    // Narrow, so that inputs of a few hundred bytes meet them.
    static let limits = RESPParser.Limits(replyBytes: 4096, depth: 6, lineBytes: 256)

    private var values: [RESPValue] = []
    private var fault: RESPFault?
    /// The most that the parser held at the end of a read.
    private(set) var held = 0

    init(_ bytes: ByteBuffer, cuts: [Int]) {
        var parser = RESPParser(limits: Self.limits)
        var start = 0
        do throws(RESPFault) {
            for end in cuts + [bytes.readableBytes] {
                guard let read = bytes.getSlice(at: start, length: end - start) else { continue }
                start = end
                parser.append(read)
                try parser.all(into: &values)
                // Every reply takes at least three bytes.
                precondition(values.count <= bytes.readableBytes, "more replies than there can be")
                held = max(held, parser.heldBytes)
            }
        } catch {
            fault = error
        }
    }

    /// The reads themselves, buffers of at most twice what came, and the first 64 places of each open list.
    static func bound(_ count: Int) -> Int {
        2 * limits.replyBytes + 2 * count + 8192 + (limits.depth + 1) * 64 * MemoryLayout<RESPValue>.stride
    }

    func isSame(as other: Outcome) -> Bool {
        // As text only where needed: a not-a-number differs from itself.
        fault == other.fault && (values == other.values || "\(values)" == "\(other.values)")
    }
}
