import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What is kept under a key: which node made it, as its how manieth, and when that began.
struct Made: Codable, Sendable, Hashable {
    /// The node's number in the upper bits, a count in the lower 40.
    var id: UInt64
    /// Nanoseconds of the monotonic clock, taken before the set was called or the load ran.
    var begin: Int64
    var isLoad: Bool
}

/// One operation of a caller, or what a node found out about itself.
struct Record: Sendable {
    enum Kind: UInt8, Sendable {
        case get, load, set, delete, clear
        /// A read of the moment when all has healed and settled.
        case settled
        /// The node found its journal empty.
        case drained
        /// The node found Redis away (`isWeak`) or there.
        case sample
        /// The call threw.
        case failed
        /// An invalidation of a tag (`key` is its number): all that carry it expire, or are gone (`isWeak` as of a write, `isLoad` for
        /// gone).
        case invalidate

        // Of leases and sources.

        /// A load has begun, for a call that began at `valueBegin`; and has ended, with success or not (`isWeak`). `value` tells loads
        /// apart.
        case loadBegan, loadEnded
        /// The body under a lock runs with the fencing token `value`, for a call that began at `valueBegin`; and has ended.
        case lockBegan, lockEnded
        /// A call of `withLock` has returned; `reason` says how.
        case lock
    }

    /// Why a value is stale, or how a call has ended.
    enum Reason: UInt8, Sendable {
        case none
        case loadFailed, loadTimedOut, loadSlow, throttled, notLoaded
        case lockLost, lockTimedOut, lockRefused
    }

    static let bytes = 48

    var kind: Kind
    var node: UInt16
    var key: UInt16
    /// Of a write or a load: something waited in the journal when the call had returned, perhaps this.
    var isWeak = false
    /// What was served or written; zero for nothing.
    var value: UInt64 = 0
    var isLoad = false
    /// Whether it was served as stale.
    var isStale = false
    var reason = Reason.none
    var valueBegin: Int64 = 0
    var begin: Int64
    var end: Int64

    init(_ kind: Kind, node: UInt16, key: UInt16 = 0, begin: Int64, end: Int64) {
        self.kind = kind
        self.node = node
        self.key = key
        self.begin = begin
        self.end = end
    }

    func append(to bytes: inout [UInt8]) {
        func put(_ number: some FixedWidthInteger) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
        put(kind.rawValue)
        put(UInt8(isWeak ? 1 : 0) | (isLoad ? 2 : 0) | (isStale ? 4 : 0))
        put(node)
        put(key)
        put(UInt16(reason.rawValue))
        put(value)
        put(valueBegin)
        put(begin)
        put(end)
        put(Int64(0))
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.bytes, let kind = Kind(rawValue: bytes[0]) else { return nil }
        func take<Number: FixedWidthInteger>(_ offset: Int) -> Number {
            Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
        }
        self.kind = kind
        isWeak = bytes[1] & 1 != 0
        isLoad = bytes[1] & 2 != 0
        isStale = bytes[1] & 4 != 0
        reason = Reason(rawValue: bytes[6]) ?? .none
        node = take(2)
        key = take(4)
        value = take(8)
        valueBegin = take(16)
        begin = take(24)
        end = take(32)
    }
}

/// Writes records to a file. What has been flushed outlives a SIGKILL of the process.
final class Recorder: Sendable {
    private let descriptor: CInt
    private let waiting = Mutex<[UInt8]>([])
    private let flushing = Mutex(())

    init(path: String) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        if descriptor < 0 { fail("cannot write \(path)") }
    }

    func add(_ record: Record) {
        waiting.withLock { record.append(to: &$0) }
    }

    func flush() {
        flushing.withLock { _ in
            let bytes = waiting.withLock { bytes in
                defer { bytes.removeAll(keepingCapacity: true) }
                return bytes
            }
            var done = 0
            while done < bytes.count {
                let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count <= 0 { fail("cannot write records") }
                done += count
            }
        }
    }

    /// The records of a file; the last one may be cut off.
    static func records(in path: String, _ body: (Record) -> Void) {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Files hold nothing but whole records, until the last.
        var buffer = [UInt8](repeating: 0, count: Record.bytes * 20_000)
        var filled = 0
        while true {
            let start = filled
            let count = buffer.withUnsafeMutableBytes { bytes in
                read(
                    descriptor,
                    UnsafeMutableRawBufferPointer(rebasing: bytes[start...]).baseAddress,
                    bytes.count - start
                )
            }
            guard count > 0 else { return }
            filled += count
            let whole = filled / Record.bytes * Record.bytes
            buffer.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: whole, by: Record.bytes) {
                    let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Record.bytes])
                    if let record = Record(part) { body(record) }
                }
            }
            let rest = Array(buffer[whole..<filled])
            buffer.replaceSubrange(0..<rest.count, with: rest)
            filled = rest.count
        }
    }
}
