import CZlib

/// Raw DEFLATE (RFC 1951) by the system's zlib. Neither header nor checksum of its own: the envelope has one.
enum Deflate {
    /// No stream of DEFLATE is longer inflated than this many times its length: a code of one bit stands for 258 bytes at most, of two codes.
    static let greatestRatio = 1_032

    /// The bytes deflated, behind `prefix`; nil where both together take more than `limit` bytes.
    static func deflated(
        _ bytes: ArraySlice<UInt8>,
        behind prefix: some Collection<UInt8>,
        atMost limit: Int,
        level: Int32
    ) -> [UInt8]? {
        // One more, for zlib says that it is done only where room is left.
        guard limit >= prefix.count, let available = UInt32(exactly: limit - prefix.count + 1),
            let count = UInt32(exactly: bytes.count)
        else {
            return nil
        }
        var stream = z_stream()
        // A window as large as the text, for a larger one costs time to make and brings nothing.
        let window = min(15, max(9, Int32(Int.bitWidth - bytes.count.leadingZeroBitCount)))
        guard
            deflateInit2_(
                &stream,
                level,
                Z_DEFLATED,
                -window,
                min(8, window - 6),
                Z_DEFAULT_STRATEGY,
                ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)
            ) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        var isWhole = false
        let result = [UInt8](unsafeUninitializedCapacity: limit + 1) { output, written in
            for (index, byte) in prefix.enumerated() { output.initializeElement(at: index, to: byte) }
            bytes.withUnsafeBufferPointer { input in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                // zlib does not write where it reads; its C says so by a macro that is off.
                stream.next_in = UnsafeMutablePointer(mutating: from)
                stream.avail_in = count
                stream.next_out = to + prefix.count
                stream.avail_out = available
                isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
            }
            written = prefix.count + Int(available - stream.avail_out)
        }
        return isWhole && result.count <= limit ? result : nil
    }

    /// What deflated bytes stand for; nil unless that is exactly `length` bytes, and nothing is behind it. Takes no more memory than
    /// ``greatestRatio`` times the bytes that are there, whatever they say.
    static func inflated(_ bytes: ArraySlice<UInt8>, length: Int) -> [UInt8]? {
        guard length > 0, length <= bytes.count.multipliedReportingOverflow(by: greatestRatio).partialValue,
            let available = UInt32(exactly: length), let count = UInt32(exactly: bytes.count)
        else { return nil }
        var stream = z_stream()
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var isWhole = false
        let result = [UInt8](unsafeUninitializedCapacity: length) { output, written in
            bytes.withUnsafeBufferPointer { input in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                stream.next_in = UnsafeMutablePointer(mutating: from)
                stream.avail_in = count
                stream.next_out = to
                stream.avail_out = available
                isWhole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0
            }
            written = Int(available - stream.avail_out)
        }
        return isWhole && result.count == length ? result : nil
    }
}
