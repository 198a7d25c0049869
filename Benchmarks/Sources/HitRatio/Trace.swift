import Foundation

/// The requests of a trace, keys renumbered in order of first appearance.
struct Trace: Sendable {
    let name: String
    let keys: [UInt32]
    /// Bytes and cost of each request's entry; empty where the trace has keys only.
    let bytes: [Int]
    let costs: [UInt64]
    let distinct: Int

    var isWeighted: Bool { !bytes.isEmpty }

    init(path: String) throws {
        let data = try Self.read(path)
        var numbers: [UInt64: UInt32] = [:]
        var keys: [UInt32] = []
        var bytes: [Int] = []
        var costs: [UInt64] = []
        var fields: [UInt64] = []
        var field: UInt64?
        func endLine() throws {
            if let last = field { fields.append(last) }
            field = nil
            defer { fields.removeAll(keepingCapacity: true) }
            guard let first = fields.first else { return }
            let number = numbers[first] ?? UInt32(truncatingIfNeeded: numbers.count)
            numbers[first] = number
            keys.append(number)
            if fields.count >= 3 {
                bytes.append(Int(clamping: fields[1]))
                costs.append(fields[2])
            }
            guard bytes.isEmpty || bytes.count == keys.count else {
                throw Failure("\(path): line \(keys.count) does not look like the lines before it")
            }
        }
        for byte in data {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                field = (field ?? 0) &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
            case UInt8(ascii: "\n"):
                try endLine()
            default:
                if let last = field { fields.append(last) }
                field = nil
            }
        }
        try endLine()
        guard !keys.isEmpty else { throw Failure("\(path) has no requests in it") }
        name = URL(fileURLWithPath: path).lastPathComponent.split(separator: ".").first.map(String.init) ?? path
        self.keys = keys
        self.bytes = bytes
        self.costs = costs
        distinct = numbers.count
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard path.hasSuffix(".xz") else { return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xz", "--decompress", "--stdout", "--", path]
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure("xz could not read \(path)") }
        return [UInt8](data)
    }
}
