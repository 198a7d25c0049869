import Crypto
import HTTPTypes
import NIOCore

/// Entity tags (RFC 9110, section 8.8.3).
enum EntityTag {
    /// A strong one: the SHA-256 of the body.
    static func make(of body: ByteBuffer) -> String {
        var text = "\""
        for byte in SHA256.hash(data: body.readableBytesView) {
            for nibble in [byte >> 4, byte & 0x0F] {
                text.unicodeScalars.append(Unicode.Scalar(nibble < 10 ? 0x30 + nibble : 0x57 + nibble))
            }
        }
        return text + "\""
    }

    /// Whether one of the tags in `If-None-Match` is this one, weak or strong (RFC 9110, section 13.1.2).
    static func isNamed(_ tag: String?, in fields: HTTPFields) -> Bool {
        fields[values: .ifNoneMatch].contains { value in
            FieldList.members(of: value).contains { $0 == "*" || tag.map(opaque) == opaque(String($0)) }
        }
    }

    /// What the weak comparison compares.
    private static func opaque(_ tag: String) -> String {
        tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag
    }
}
