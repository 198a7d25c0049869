public import Foundation

/// A value that can be part of a key: an argument of a cached function (``CachedFunction``).
///
/// Text, numbers, `Bool`, `UUID`, `URL`, `Date`, and optionals, arrays and sets of parts are. A type with a raw value that is one has nothing more to
/// say; another appends what tells its values apart:
///
/// ```swift
/// enum Language: String, CacheKeyPart { case spanish, basque }
///
/// struct Place: CacheKeyPart {
///     var country: String
///     var town: String
///
///     func append(to key: inout CacheKeyBuilder) {
///         key.append(country)
///         key.append(town)
///     }
/// }
/// ```
public protocol CacheKeyPart {
    /// Appends what tells this value from all others of its type. Equal values append the same, in every process and version.
    ///
    /// Each value appends as many parts as the others of its type; or what it appends first tells how many come.
    func append(to key: inout CacheKeyBuilder)
}

extension CacheKeyPart where Self: RawRepresentable, RawValue: CacheKeyPart {
    public func append(to key: inout CacheKeyBuilder) {
        rawValue.append(to: &key)
    }
}

extension String: CacheKeyPart {
    public func append(to key: inout CacheKeyBuilder) { key.append(text: self) }
}

extension Substring: CacheKeyPart {
    public func append(to key: inout CacheKeyBuilder) { key.append(text: String(self)) }
}

extension Character: CacheKeyPart {
    public func append(to key: inout CacheKeyBuilder) { key.append(text: String(self)) }
}

extension Bool: CacheKeyPart {
    public func append(to key: inout CacheKeyBuilder) { key.append(text: self ? "true" : "false") }
}

extension CacheKeyPart where Self: BinaryInteger {
    public func append(to key: inout CacheKeyBuilder) { key.append(text: String(self)) }
}

extension Int: CacheKeyPart {}
extension Int8: CacheKeyPart {}
extension Int16: CacheKeyPart {}
extension Int32: CacheKeyPart {}
extension Int64: CacheKeyPart {}
extension UInt: CacheKeyPart {}
extension UInt8: CacheKeyPart {}
extension UInt16: CacheKeyPart {}
extension UInt32: CacheKeyPart {}
extension UInt64: CacheKeyPart {}

extension Double: CacheKeyPart {
    /// The shortest decimal number that is read as this one, with its sign; of what is not a number, all bits.
    public func append(to key: inout CacheKeyBuilder) {
        key.append(text: isNaN ? "nan-" + String(bitPattern, radix: 16) : description)
    }
}

extension Float: CacheKeyPart {
    /// As a `Double`.
    public func append(to key: inout CacheKeyBuilder) {
        key.append(text: isNaN ? "nan-" + String(bitPattern, radix: 16) : description)
    }
}

extension UUID: CacheKeyPart {
    public func append(to key: inout CacheKeyBuilder) { key.append(text: uuidString) }
}

extension URL: CacheKeyPart {
    /// In its absolute form.
    public func append(to key: inout CacheKeyBuilder) { key.append(text: absoluteString) }
}

extension Date: CacheKeyPart {
    /// All bits of its seconds.
    public func append(to key: inout CacheKeyBuilder) { key.append(timeIntervalSinceReferenceDate) }
}

// How many there are comes first: else the end of one argument could pass for the beginning of the next.

extension Optional: CacheKeyPart where Wrapped: CacheKeyPart {
    public func append(to key: inout CacheKeyBuilder) {
        switch self {
        case nil:
            key.append(text: "0")
        case let value?:
            key.append(text: "1")
            key.append(value)
        }
    }
}

extension Array: CacheKeyPart where Element: CacheKeyPart {
    public func append(to key: inout CacheKeyBuilder) {
        key.append(count)
        for element in self { key.append(element) }
    }
}

extension Set: CacheKeyPart where Element: CacheKeyPart {
    /// In an order that is the same in every process.
    public func append(to key: inout CacheKeyBuilder) {
        let parts = map { element in
            var part = CacheKeyBuilder()
            part.append(element)
            return part
        }
        key.append(count)
        for part in parts.sorted(by: { $0.escaped < $1.escaped }) { key.append(part) }
    }
}
