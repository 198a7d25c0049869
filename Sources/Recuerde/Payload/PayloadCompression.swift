/// Whether values are compressed on their way out of memory: DEFLATE, by the system's zlib.
///
/// A value is kept compressed only where that saves an eighth of it; others are written as they are. Compressed entries are read whatever this says,
/// up to ``CacheConfiguration/maximumEntryBytes`` inflated. Where both are on, a value is compressed first and encrypted then, and the length of what is
/// stored tells how well it was compressed: do not put a secret and text that an attacker chooses into one value.
public struct PayloadCompression: Sendable, Hashable {
    /// Values whose encoding is shorter, in bytes, are not tried. The default is where entries with texts of the AI service get a quarter smaller
    /// (`docs/benchmarks.md`).
    public var minimumBytes = 352

    /// The defaults.
    public init() {}

    /// Compression from so many bytes of an encoding on.
    public static func from(_ minimumBytes: Int) -> PayloadCompression {
        var compression = PayloadCompression()
        compression.minimumBytes = minimumBytes
        return compression
    }

    /// Whether a value of so many bytes is tried.
    func tries(_ bytes: Int) -> Bool {
        bytes >= max(minimumBytes, 32)
    }

    /// The most bytes that a compressed value may take for it to be kept so.
    static func limit(for bytes: Int) -> Int {
        bytes - bytes / 8
    }

    static let level: Int32 = 6
}
