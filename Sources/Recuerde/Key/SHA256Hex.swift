import Crypto

/// SHA-256 (FIPS 180-4) as 64 hexadecimal digits.
package enum SHA256Hex {
    package static func digest(of bytes: some Sequence<UInt8>) -> String {
        var hasher = SHA256()
        let done: Void? = bytes.withContiguousStorageIfAvailable {
            hasher.update(bufferPointer: UnsafeRawBufferPointer($0))
        }
        if done == nil { hasher.update(data: Array(bytes)) }
        return text(of: hasher.finalize())
    }

    /// Bytes of a digest as hexadecimal digits.
    static func text(of digest: some Sequence<UInt8>) -> String {
        var text = [UInt8]()
        text.reserveCapacity(64)
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0x0F)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
