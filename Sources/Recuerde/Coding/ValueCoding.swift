import Foundation

/// Values as payload bytes and back: JSON (RFC 8259), which round-trips every Codable value without guessing.
///
/// Numbers that JSON has no word for (infinities, NaN) travel as strings. Dates keep every bit of their seconds.
@usableFromInline
package enum ValueCoding {
    /// The payload of a value in an envelope.
    package static func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
        do {
            return Array(try encoder().encode(value))
        } catch {
            throw CacheError(.encodingFailed, "a value of type \(Value.self) cannot be encoded as JSON")
        }
    }

    /// The value of a payload; nil where the bytes are not of that type.
    package static func decode<Value: Decodable>(_ type: Value.Type, from payload: ArraySlice<UInt8>) -> Value? {
        try? decoder().decode(type, from: Data(payload))
    }

    /// What stands in Redis under the plain format: a string bare, all else as JSON.
    package static func encodePlain<Value: Encodable>(_ value: Value) throws -> [UInt8] {
        // The type itself, since a cast would look into an Optional.
        if Value.self == String.self, let text = value as? String { return Array(text.utf8) }
        return try encode(value)
    }

    /// The value of a plain entry. A string is its bytes verbatim, whatever they look like.
    package static func decodePlain<Value: Decodable>(_ type: Value.Type, from bytes: ArraySlice<UInt8>) -> Value? {
        if type == String.self { return String(validating: bytes, as: UTF8.self) as? Value }
        return decode(type, from: bytes)
    }

    /// Roughly how many bytes a value takes encoded, without encoding it where its type tells.
    @inlinable
    static func knownLength<Value>(of value: Value) -> Int? {
        // By the type itself, which costs nothing where the compiler knows it; a cast would look into an Optional.
        if Value.self == String.self, let text = value as? String { return text.utf8.count }
        if Value.self == [UInt8].self, let bytes = value as? [UInt8] { return bytes.count }
        return knownLength(ofData: value)
    }

    @usableFromInline
    static func knownLength<Value>(ofData value: Value) -> Int? {
        Value.self == Data.self ? (value as? Data)?.count : nil
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity",
            negativeInfinity: "-Infinity",
            nan: "NaN"
        )
        return encoder
    }

    private static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity",
            negativeInfinity: "-Infinity",
            nan: "NaN"
        )
        return decoder
    }
}
