import Foundation

extension CacheKey {
    /// A value as one part of a key: JSON with sorted fields and exact integers, in NFC.
    ///
    /// Deterministic: the order of fields never matters. Injective for values of one type: two of them never share a
    /// text. Costs one JSON encoding.
    ///
    /// - Throws: ``CacheError`` with code `encodingFailed`, which does not show the value.
    public static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        do {
            return TextNormalization.canonical(String(decoding: try encoder.encode(value), as: UTF8.self))
        } catch {
            throw CacheError(.encodingFailed, "a value of type \(type(of: value)) cannot be encoded as part of a key")
        }
    }
}
