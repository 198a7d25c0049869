import Foundation

/// Runs `redis-benchmark`, where it is installed, against the same server in the same run.
struct RedisBenchmarkPeer {
    var host: String
    var port: Int
    var database: Int
    var operations: Int
    var valueBytes: Int
    /// What the keys begin with. The program's own tests write `key:…`, which may be somebody's, and leave it there.
    var prefix = "recuerde-bench-\(UInt32.random(in: 0...UInt32.max))"

    /// Values are handed over as an argument, and Linux takes 128 KiB of one.
    private static let maximumValueBytes = 100_000

    /// SET and GET with 50 connections and no pipeline; nil where the program is missing, the server refuses it, or values
    /// are larger than it can be told. The keys are gone within a minute.
    func measure() throws -> [BenchMeasurement]? {
        guard valueBytes <= Self.maximumValueBytes, let program = Self.find("redis-benchmark") else { return nil }
        let key = "\(prefix):__rand_int__"
        let value = String(repeating: "x", count: valueBytes)
        var rows: [BenchMeasurement] = []
        for (operation, command) in [("set", ["SET", key, value, "PX", "60000"]), ("get", ["GET", key])] {
            guard let row = try run(program, operation, command) else { return nil }
            rows.append(row)
        }
        return rows
    }

    private func run(_ program: URL, _ operation: String, _ command: [String]) throws -> BenchMeasurement? {
        let process = Process()
        process.executableURL = program
        process.arguments = [
            "-h", host, "-p", "\(port)", "--dbnum", "\(database)", "-c", "50", "-P", "1", "-n", "\(operations)",
            "-r", "1024", "--csv",
        ]
        process.arguments? += command
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return Self.parse(text, operation: operation, valueBytes: valueBytes)
    }

    /// A line of names, then one of comma-separated values in quotes: the command, requests per second, latencies in
    /// milliseconds (average, minimum, p50, p95, p99, maximum).
    static func parse(_ text: String, operation: String, valueBytes: Int) -> BenchMeasurement? {
        let rows = text.split(separator: "\n").map { line in
            line.split(separator: ",").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\" ")) }
        }
        guard let row = rows.last, row.count >= 7, let rate = Double(row[1]) else { return nil }
        return BenchMeasurement(
            client: "redis-benchmark",
            operation: operation,
            tasks: 50,
            valueBytes: valueBytes,
            operationsPerSecond: rate,
            p50: Double(row[4]).map { $0 * 1_000 },
            p99: Double(row[6]).map { $0 * 1_000 }
        )
    }

    private static func find(_ name: String) -> URL? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.lazy.map { URL(filePath: "\($0)/\(name)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }
}
